//! What a new password has to be.

use zxcvbn::zxcvbn;

/// Shortest password in characters.
const SHORTEST: usize = 10;
/// Longest password in bytes.
pub(crate) const LONGEST: usize = 1024;

/// A password that fewer guesses find is too common. Limits leave strangers about 1,500 guesses a day at one account
/// (`docs/decisions`), so that this many take years.
const FEWEST_GUESSES: u64 = 1_000_000;

/// Of a password this many characters are judged, the first ones: the time to judge more grows fast.
const JUDGED: usize = 32;

/// What nobody's password may be, besides their own names.
const OUR_NAME: &str = "keyward";

/// What is wrong with the length of a new password.
pub(crate) fn length_problem(password: &str) -> Option<&'static str> {
    if password.chars().count() < SHORTEST {
        return Some("Your password must be at least 10 characters long.");
    }
    (password.len() > LONGEST).then_some("Your password must be at most 1024 bytes long.")
}

/// What is wrong with a new password of somebody with these names and email addresses, where its length is right. Takes a while, and
/// some MiB once: the common passwords and words of several languages.
pub(crate) fn strength_problem(password: &str, names: &[String]) -> Option<&'static str> {
    let names: Vec<_> = names.iter().flat_map(|name| [name.as_str(), local_part(name)]).collect();
    if names.iter().any(|name| name.eq_ignore_ascii_case(password)) {
        return Some("Your password must not be your user name or your email address.");
    }
    let judged: String = password.chars().take(JUDGED).collect();
    let known: Vec<_> = names.into_iter().chain([OUR_NAME]).collect();
    (zxcvbn(&judged, &known).guesses() < FEWEST_GUESSES).then_some(
        "This password is too common or too easy to guess. Use a longer one, such as a few unrelated words.",
    )
}

/// Of an email address what stands before the `@`.
fn local_part(name: &str) -> &str {
    name.split_once('@').map_or(name, |(local, _)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(password: &str) -> bool {
        let names = ["alice-smith".to_owned(), "asmith.1970@example.com".to_owned()];
        length_problem(password).or_else(|| strength_problem(password, &names)).is_none()
    }

    #[test]
    fn a_password_has_at_least_ten_characters_and_at_most_a_kibibyte() {
        assert!(!is_good("vK3#pQz9!") && is_good("vK3#pQz9!x"));
        let long: String = "tall ships on a violet sea ".chars().cycle().take(LONGEST).collect();
        assert!(is_good(&long) && !is_good(&format!("{long}x")));
        assert!(length_problem("äöüäöüäöüä").is_none(), "characters are counted, not bytes");
    }

    #[test]
    fn common_passwords_are_refused_however_they_are_spelled() {
        for common in [
            "1234567890",
            "password12",
            "Password123!",
            "P@ssw0rd123",
            "qwertyuiop",
            "1q2w3e4r5t",
            "iloveyou12",
            "aaaaaaaaaaaa",
            "abcdefghijkl",
            "monkeymonkey",
            "passwordpasswordpasswordpasswordpassword",
        ] {
            assert!(!is_good(common), "{common}");
        }
    }

    #[test]
    fn a_password_is_not_a_name_of_its_owner_or_of_the_server() {
        for own in [
            "alice-smith",
            "Alice-Smith",
            "asmith.1970",
            "ASMITH.1970@example.com",
            "alice-smith1",
            "keywardkeyward",
            "keyward123",
        ] {
            assert!(!is_good(own), "{own}");
        }
    }

    #[test]
    fn a_few_words_or_random_characters_are_good() {
        for good in ["correct horse", "open sesame please", "tall ships on a violet sea", "xk8Fq2LmZ0"] {
            assert!(is_good(good), "{good}");
        }
    }
}
