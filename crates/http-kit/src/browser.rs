//! What a request says of the browser that sent it. Browsers attach what they remember, cookies and passwords, also to requests that
//! pages of other sites make them send; programs attach only what they mean to.

use http::{HeaderMap, header};

use crate::{WebOrigin, host_of};

/// What the names of the headers begin with in which browsers tell about a request. Pages cannot write them.
const FETCH_METADATA: &str = "sec-fetch-";

/// Whether a browser sent the request, as far as it says so: by `Sec-Fetch-…` or `Origin`; and by its name, since for a plain GET over
/// HTTP it sends neither. The web commands of PowerShell call themselves `Mozilla` too, but browsers never call themselves PowerShell.
pub fn is_browser(headers: &HeaderMap) -> bool {
    let named_so = |agent: &str| agent.starts_with("Mozilla/") && !agent.contains("PowerShell/");
    headers.contains_key(header::ORIGIN)
        || headers.keys().any(|name| name.as_str().starts_with(FETCH_METADATA))
        || text(headers, header::USER_AGENT.as_str()).is_some_and(named_so)
}

/// Whether a browser sent the request for a page of another site. `is_ours` says which origins are ours.
pub fn is_from_another_site(headers: &HeaderMap, is_ours: impl FnOnce(&WebOrigin) -> bool) -> bool {
    if let Some(site) = text(headers, "sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    text(headers, header::ORIGIN.as_str())
        .is_some_and(|origin| !origin.parse().is_ok_and(|origin| is_ours(&origin)))
}

/// Whether the origin is that of the host which the request names.
pub(crate) fn is_of_its_host(headers: &HeaderMap, origin: &WebOrigin) -> bool {
    host_of(headers).is_some_and(|host| origin.is_exactly_at(&host))
}

/// The value of a header; one that is no text is none that browsers send.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        headers.collect()
    }

    #[test]
    fn browsers_are_told_from_programs() {
        for sent in [
            ("sec-fetch-site", "none"),
            ("sec-fetch-mode", "cors"),
            ("origin", "null"),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ] {
            assert!(is_browser(&headers(&[sent])), "{sent:?}");
        }
        for agent in [
            "RubyGems/3.6.9 x86_64-linux Ruby/3.4.5",
            "bundler/2.6.9 rubygems/3.6.9 ruby/3.4.5",
            "curl/8.14.1",
            "NuGet Command Line/5.8.0 (Unix 6.1.0.0)",
            "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.26100.1",
            "Mozilla/5.0 (Linux; Debian GNU/Linux 12; en-US) PowerShell/7.5.2",
        ] {
            assert!(!is_browser(&headers(&[("user-agent", agent), ("accept", "*/*")])), "{agent}");
        }
    }

    #[test]
    fn what_the_browser_itself_says_of_the_site_counts_more_than_the_origin() {
        let from_elsewhere =
            |sent: &[_]| is_from_another_site(&headers(sent), |origin| origin.to_string() == "http://a.test");
        assert!(!from_elsewhere(&[]));
        assert!(!from_elsewhere(&[("sec-fetch-mode", "cors")]), "a program that was made like a browser");
        assert!(!from_elsewhere(&[("origin", "http://a.test")]));
        assert!(!from_elsewhere(&[("sec-fetch-site", "same-origin"), ("origin", "http://a.test")]));
        assert!(!from_elsewhere(&[("sec-fetch-site", "none")]));
        assert!(from_elsewhere(&[("sec-fetch-site", "same-site"), ("origin", "http://a.test")]));
        assert!(from_elsewhere(&[("sec-fetch-site", "cross-site")]));
        for origin in ["http://evil.test", "null", "", "https://a.test"] {
            assert!(from_elsewhere(&[("origin", origin)]), "{origin}");
        }
    }
}
