//! Who owns keys and packages.

use std::fmt;

use thiserror::Error;

use crate::named::named;

named! {
    /// What an account may do with a package that it holds.
    pub enum Role is "a role" {
        /// Everything, including who else holds the package.
        Owner => "owner",
        /// Publish, withdraw and restore versions.
        Maintainer => "maintainer",
    }
}

named! {
    /// Where an account is asked for its second factor (`RubyGems` account levels, by their wire names).
    pub enum SecondFactor is "a second factor level" {
        /// No device is set up.
        Disabled => "disabled",
        /// At the web sign-in only. A level of old accounts, no longer offered.
        UiOnly => "ui_only",
        /// At the web sign-in, at `gem signin`, and for keys that ask for it themselves.
        UiAndGemSignin => "ui_and_gem_signin",
        /// At the web sign-in, at `gem signin`, and for every guarded call with every key.
        UiAndApi => "ui_and_api",
    }
}

/// A rule that a handle breaks.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidHandle {
    /// Fewer than 2 or more than 40 characters.
    #[error("A user name has 2 to 40 characters.")]
    Length,
    /// The first character is not a letter.
    #[error("A user name begins with a letter from a to z.")]
    Start,
    /// A character that a handle cannot have.
    #[error("A user name has only letters from a to z, digits, dashes and underscores.")]
    ForbiddenCharacter,
}

/// The public name of an account: `[A-Za-z][A-Za-z0-9_-]*`, 2 to 40 characters, unique whatever its case.
#[derive(Clone, Debug)]
pub struct Handle {
    text: String,
    key: String,
}

impl Handle {
    /// Checks a handle from outside.
    pub fn parse(text: &str) -> Result<Self, InvalidHandle> {
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return Err(InvalidHandle::ForbiddenCharacter);
        }
        if !(2..=40).contains(&text.len()) {
            return Err(InvalidHandle::Length);
        }
        if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Err(InvalidHandle::Start);
        }
        Ok(Self { text: text.to_owned(), key: text.to_ascii_lowercase() })
    }
}

/// A rule that a mail address breaks.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidEmailAddress {
    /// More than 254 bytes, the most that mail servers carry.
    #[error("A mail address has at most 254 characters.")]
    TooLong,
    /// Not one name, one `@` and one domain.
    #[error("A mail address looks like `name@example.com`.")]
    Shape,
    /// The part before the `@` is too long or has characters that would need quoting.
    #[error("The part of the mail address before the `@` is not usable.")]
    Local,
    /// The part after the `@` is not a host name.
    #[error("The part of the mail address after the `@` is not a domain name.")]
    Domain,
}

/// A mail address without quoting, comments or display name; unique whatever its case.
#[derive(Clone, Debug)]
pub struct EmailAddress {
    text: String,
    key: String,
}

impl EmailAddress {
    /// Checks a mail address from outside: whether it is well formed, not whether it can be reached.
    pub fn parse(text: &str) -> Result<Self, InvalidEmailAddress> {
        if text.len() > 254 {
            return Err(InvalidEmailAddress::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(InvalidEmailAddress::Shape)?;
        if domain.contains('@') {
            return Err(InvalidEmailAddress::Shape);
        }
        if !is_local_part(local) {
            return Err(InvalidEmailAddress::Local);
        }
        if !domain.split('.').all(is_domain_label) {
            return Err(InvalidEmailAddress::Domain);
        }
        Ok(Self { text: text.to_owned(), key: text.to_ascii_lowercase() })
    }
}

/// Whether this can stand before the `@` without quotes: dot-separated atoms, at most 64 bytes.
fn is_local_part(local: &str) -> bool {
    let atom_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let atom = |atom: &str| !atom.is_empty() && atom.bytes().all(atom_byte);
    local.len() <= 64 && local.split('.').all(atom)
}

/// Whether this can be one part of a host name: at most 63 letters, digits and inner dashes.
fn is_domain_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Gives a folded text type its accessors, and equality by the folded form.
macro_rules! folded_text {
    ($name:ident) => {
        impl $name {
            /// Returns the text as its owner writes it.
            pub fn as_str(&self) -> &str {
                &self.text
            }

            /// Returns the text in lower case: what records compare and search by.
            pub fn key(&self) -> &str {
                &self.key
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.key == other.key
            }
        }

        impl Eq for $name {}

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.key.hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.text)
            }
        }
    };
}

folded_text!(Handle);
folded_text!(EmailAddress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_begins_with_a_letter_and_has_2_to_40_plain_characters() {
        for good in ["al", "Alice-B_2", &"a".repeat(40)] {
            assert_eq!(Handle::parse(good).unwrap().as_str(), good);
        }
        let cases = [
            ("a", InvalidHandle::Length),
            ("", InvalidHandle::Length),
            (&"a".repeat(41), InvalidHandle::Length),
            ("1a", InvalidHandle::Start),
            ("-a", InvalidHandle::Start),
            ("a b", InvalidHandle::ForbiddenCharacter),
            ("al\n", InvalidHandle::ForbiddenCharacter),
            ("älice", InvalidHandle::ForbiddenCharacter),
        ];
        for (bad, expected) in cases {
            assert_eq!(Handle::parse(bad), Err(expected), "{bad:?}");
        }
    }

    #[test]
    fn handles_are_equal_whatever_their_case() {
        assert_eq!(Handle::parse("Alice"), Handle::parse("aLICE"));
        assert_eq!(Handle::parse("Alice").unwrap().key(), "alice");
    }

    #[test]
    fn mail_addresses_are_checked_for_their_form() {
        for good in ["alice@example.com", "a.b+c'd@sub.example-1.org", "root@localhost"] {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), good);
        }
        let cases = [
            ("alice", InvalidEmailAddress::Shape),
            ("a@b@c", InvalidEmailAddress::Shape),
            ("@example.com", InvalidEmailAddress::Local),
            ("a..b@example.com", InvalidEmailAddress::Local),
            ("a b@example.com", InvalidEmailAddress::Local),
            ("\"a\"@example.com", InvalidEmailAddress::Local),
            ("a\r\nBcc:x@example.com", InvalidEmailAddress::Local),
            (&format!("{}@example.com", "a".repeat(65)), InvalidEmailAddress::Local),
            ("a@", InvalidEmailAddress::Domain),
            ("a@-b.com", InvalidEmailAddress::Domain),
            ("a@b-.com", InvalidEmailAddress::Domain),
            ("a@b..com", InvalidEmailAddress::Domain),
            ("a@exa mple.com", InvalidEmailAddress::Domain),
            ("a@example.com\n", InvalidEmailAddress::Domain),
            (&format!("a@{}", "b.".repeat(127)), InvalidEmailAddress::TooLong),
        ];
        for (bad, expected) in cases {
            assert_eq!(EmailAddress::parse(bad), Err(expected), "{bad:?}");
        }
    }

    #[test]
    fn mail_addresses_are_equal_whatever_their_case() {
        assert_eq!(EmailAddress::parse("Alice@Example.com"), EmailAddress::parse("alice@example.COM"));
    }

    #[test]
    fn levels_of_the_second_factor_have_their_wire_names() {
        let names: Vec<_> = SecondFactor::ALL.iter().map(|level| level.as_str()).collect();
        assert_eq!(names, ["disabled", "ui_only", "ui_and_gem_signin", "ui_and_api"]);
        assert_eq!("ui_and_api".parse(), Ok(SecondFactor::UiAndApi));
        let error = "on".parse::<SecondFactor>().unwrap_err();
        assert_eq!(error.to_string(), "`on` is not a second factor level");
    }
}
