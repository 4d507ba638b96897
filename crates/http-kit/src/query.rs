//! Secrets in the query of an address: every proxy on the way and every history keeps addresses, so none is taken there.

use crate::Access;

/// Names of parameters that hold secrets: in lower case, without what separates their words.
const SECRETS: [&str; 11] = [
    "accesstoken",
    "apikey",
    "authorization",
    "authtoken",
    "key",
    "newpassword",
    "otp",
    "otpcode",
    "password",
    "secret",
    "token",
];

/// The parameter in which a link that we gave out ourselves has its secret.
const OF_LINKS: &str = "token";

/// Whether there is a secret in the query of a request to a route that asks this of its caller.
pub(crate) fn has_secret(query: &str, access: Access) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        let is_our_link = access == Access::Link && name == OF_LINKS;
        !is_our_link
            && ((is_secret(&name) && !value.is_empty())
                || [name, value].iter().any(|text| domain::contains_key(text)))
    })
}

fn is_secret(name: &str) -> bool {
    let letters = || name.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
    SECRETS.iter().any(|secret| letters().map(|byte| byte.to_ascii_lowercase()).eq(secret.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "keyward_000000000000000000000000000000000000000033i4MW";

    #[test]
    fn a_secret_is_known_by_the_name_of_its_parameter_or_as_one_of_our_keys() {
        for query in [
            "api_key=x".to_owned(),
            "a=b&API-KEY=x".to_owned(),
            "apiKey=x".to_owned(),
            "%61pi%5Fkey=x".to_owned(),
            "otp=123456".to_owned(),
            "current=1&password=x".to_owned(),
            format!("query={KEY}"),
            format!("query={}", KEY.replace('_', "%5F")),
            format!("query=before+{}", &KEY[..KEY.len() - 6]),
            KEY.to_owned(),
        ] {
            assert!(has_secret(&query, Access::Public), "{query}");
        }
    }

    #[test]
    fn what_only_resembles_a_secret_is_none() {
        for query in [
            "",
            "query=keyward_client&page=2",
            "query=keyward_",
            "$skiptoken='Foo','1.0.0'",
            "gem_name=token&version=1",
            "scope=push_rubygem&name=api_key",
            "api_key=",
        ] {
            assert!(!has_secret(query, Access::Public), "{query}");
        }
    }

    #[test]
    fn only_a_link_may_have_its_own_token() {
        assert!(!has_secret("token=x", Access::Link));
        assert!(has_secret("token=x", Access::Session));
        assert!(has_secret("token=x&password=y", Access::Link));
    }
}
