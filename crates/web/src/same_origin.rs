//! Requests that change something must come from our own pages, or from no page at all.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use http_kit::{Authority, WebOrigin, host_of, is_from_another_site};

/// Refuses what another site made a browser send. Browsers say where a request comes from in `Sec-Fetch-Site` or `Origin`;
/// programs that are no browsers send neither, and have no cookie of ours to abuse.
pub(crate) async fn check(base_url: String, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || comes_from_here(request.headers(), &base_url) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This request came from another site. Please use the form on this server.\n")
        .into_response()
}

fn comes_from_here(headers: &HeaderMap, base_url: &str) -> bool {
    if is_from_another_site(headers, |origin| is_ours(origin, base_url, host_of(headers).as_ref())) {
        return false;
    }
    let says_where = ["sec-fetch-site", "origin"].iter().any(|name| headers.contains_key(*name));
    says_where || !headers.contains_key(header::COOKIE)
}

/// Whether a page of this origin is ours: by the base address, scheme included; or, at another host of ours, by the host that the
/// browser itself asked for. Only hosts of ours come this far, so that no page of a name that somebody pointed at us is taken for one.
fn is_ours(origin: &WebOrigin, base_url: &str, host: Option<&Authority>) -> bool {
    let Ok(base) = WebOrigin::of_address(base_url) else { return false };
    let is_base_in_the_clear = |host: &Authority| base.is_https() && base.is_at(host);
    *origin == base || host.is_some_and(|host| origin.is_exactly_at(host) && !is_base_in_the_clear(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), value.parse::<http::HeaderValue>().unwrap())
        });
        comes_from_here(&headers.collect(), "https://keys.example.com")
    }

    #[test]
    fn our_own_pages_may_send_forms() {
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("cookie", "a=b")]));
        assert!(allowed(&[("origin", "https://keys.example.com"), ("cookie", "a=b")]));
        assert!(allowed(&[
            ("origin", "http://127.0.0.1:8080"),
            ("host", "127.0.0.1:8080"),
            ("cookie", "a=b")
        ]));
    }

    #[test]
    fn other_sites_may_not() {
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site"), ("origin", "https://keys.example.com")]));
        assert!(!allowed(&[("origin", "https://keys.example.com.evil.test"), ("host", "keys.example.com")]));
        assert!(!allowed(&[("origin", "null")]));
        let in_the_clear = [("origin", "http://keys.example.com"), ("host", "keys.example.com")];
        assert!(!allowed(&in_the_clear), "whoever sits on the line writes such pages");
        let other_port = [("origin", "http://127.0.0.1:9999"), ("host", "127.0.0.1:8080")];
        assert!(!allowed(&other_port), "another service of the same machine");
    }

    #[test]
    fn without_a_word_of_the_origin_a_cookie_is_not_believed() {
        assert!(!allowed(&[("cookie", "keyward_session=x")]));
        assert!(allowed(&[]), "a program that is no browser");
    }
}
