use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, header::AUTHORIZATION};

/// A name and a password from `Authorization: Basic`.
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    /// Mail address, handle, or a key.
    pub user: String,
    /// Password, or a key.
    pub password: String,
}

impl std::fmt::Debug for Basic {
    /// Neither part: users put keys into both.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Basic")
    }
}

/// The name and password of `Authorization: Basic`, if there are any.
pub fn basic(headers: &HeaderMap) -> Option<Basic> {
    parts(headers).find_map(|part| {
        let (scheme, encoded) = part.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Basic { user: user.to_owned(), password: password.to_owned() })
    })
}

/// A key given raw, as RubyGems does: the whole header is the key. With user information in the address of the host the client
/// sends `Basic …, KEY`; then the part without a scheme is the key.
pub fn raw_key(headers: &HeaderMap) -> Option<&str> {
    parts(headers).find(|part| !part.is_empty() && !part.contains(' '))
}

fn parts(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .into_iter()
        .flat_map(|value| value.split(", "))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn a_raw_key_is_the_whole_header() {
        assert_eq!(raw_key(&headers("keyward_abc")), Some("keyward_abc"));
        assert_eq!(basic(&headers("keyward_abc")), None);
    }

    #[test]
    fn a_scheme_is_no_key() {
        assert_eq!(raw_key(&headers("Bearer keyward_abc")), None);
        assert_eq!(raw_key(&headers("Basic YTpi")), None);
    }

    #[test]
    fn user_information_and_key_in_one_header_are_told_apart() {
        let both = headers("Basic YTpiOmM=, keyward_abc");
        assert_eq!(raw_key(&both), Some("keyward_abc"));
        assert_eq!(basic(&both), Some(Basic { user: "a".into(), password: "b:c".into() }));
    }

    #[test]
    fn the_debug_text_tells_nothing() {
        assert_eq!(format!("{:?}", basic(&headers("Basic YTpi"))), "Some(Basic)");
    }
}
