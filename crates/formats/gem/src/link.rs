//! Addresses of web pages in a gemspec.

/// The keys of `metadata` that must be links.
pub(crate) const LINK_KEYS: [&str; 9] = [
    "homepage_uri",
    "changelog_uri",
    "source_code_uri",
    "documentation_uri",
    "wiki_uri",
    "mailing_list_uri",
    "bug_tracker_uri",
    "download_uri",
    "funding_uri",
];

/// Whether the text is an http(s) address whose host has a dot: `https?://[user:password@]host.name[.][:port][/path or ?query]`.
pub(crate) fn is_link(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")) else {
        return false;
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    !tail.contains(char::is_whitespace) && is_authority(authority)
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = match authority.split_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let user_is_fine = user.is_none_or(|user| {
        user.split_once(':').is_some_and(|(name, password)| {
            !name.is_empty() && !password.contains(':') && !user.contains(char::is_whitespace)
        })
    });
    let (host, port) = host.split_once(':').unwrap_or((host, "80"));
    let port_is_fine = matches!(port.len(), 1..=5) && port.bytes().all(|byte| byte.is_ascii_digit());
    user_is_fine && port_is_fine && is_dotted_host(host.strip_suffix('.').unwrap_or(host))
}

fn is_dotted_host(host: &str) -> bool {
    host.contains('.')
        && host.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// Whether the text is an http(s) address of any host, for the home page.
pub(crate) fn is_web_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_a_dotted_host() {
        for link in [
            "http://example.com",
            "https://example.com.",
            "https://a-b.example.com:8080/x?y#z",
            "https://example.com?query",
            "https://user:password@example.com/",
            "https://user:@example.com/",
        ] {
            assert!(is_link(link), "{link}");
        }
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "HTTP://example.com",
            "http://localhost",
            "http://example..com",
            "http://.com",
            "http://exa mple.com",
            "http://example.com/a b",
            "http://example.com:",
            "http://example.com:123456",
            "http://example.com:port",
            "http://user@example.com",
            "http://user:pass:word@example.com",
            "http://example.com#fragment",
            "javascript:alert(1)//http://example.com",
            "http://example.com\n",
        ] {
            assert!(!is_link(text), "{text:?}");
        }
    }

    #[test]
    fn home_pages_may_have_any_host() {
        assert!(is_web_address("HTTP://localhost/~me"));
        for text in ["http://", "mailto:a@b.c", "http://a b", "http://é.example", "http://<script>"] {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
