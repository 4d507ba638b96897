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
