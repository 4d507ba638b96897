use std::{convert::Infallible, ops::Range};

use axum::{body::Body, extract::FromRequestParts, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use http_kit::conditional::{Answer, Representation, content_range, evaluate, http_date};

use super::segments::Segments;
use crate::index::Document;

/// Documents that change: a cache asks again after a minute.
pub(super) const SHORT: HeaderValue = HeaderValue::from_static("max-age=60, public");

/// What a request says of the copy that its client has.
#[derive(Debug)]
pub(super) struct Asked {
    /// GET, or HEAD.
    pub(super) method: Method,
    /// All headers.
    pub(super) headers: HeaderMap,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { method: parts.method.clone(), headers: parts.headers.clone() })
    }
}

impl Asked {
    pub(super) fn is_get(&self) -> bool {
        self.method == Method::GET
    }

    /// Decides what to send of a body, and starts the answer: status, validators, ranges.
    pub(super) fn begin(&self, body: &Representation<'_>, now: Timestamp) -> (Answer, Response) {
        let answer = evaluate(&self.headers, body, now);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = match answer {
            Answer::Full => StatusCode::OK,
            Answer::NotModified => StatusCode::NOT_MODIFIED,
            Answer::Part(_) => StatusCode::PARTIAL_CONTENT,
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, value(body.etag));
        headers.insert(header::LAST_MODIFIED, http_date(body.last_modified));
        if let Answer::Part(part) = &answer {
            headers.insert(header::CONTENT_RANGE, content_range(part, body.length));
        }
        (answer, response)
    }
}

/// Answers with a document, as far as the client does not have it.
pub(super) fn serve(
    asked: &Asked,
    document: &Document,
    content_type: HeaderValue,
    now: Timestamp,
) -> Response {
    let body = Representation {
        etag: document.etag(),
        last_modified: document.last_modified(),
        length: document.length(),
        ranges: document.sha256().is_some() && asked.is_get(),
    };
    let (answer, mut response) = asked.begin(&body, now);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, SHORT);
    if let Some(sha256) = document.sha256() {
        describe_text(headers, sha256);
    }
    if let Some(range) = sent(&answer, body.length) {
        headers.insert(header::CONTENT_TYPE, content_type);
        *response.body_mut() = Body::new(Segments::new(document.slice(&range)));
    }
    response
}

/// Digests are those of the whole text, also when a part of it is sent. Clients look for the one header or the other.
fn describe_text(headers: &mut HeaderMap, sha256: &[u8; 32]) {
    let digest = STANDARD.encode(sha256);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(HeaderName::from_static("repr-digest"), value(&format!("sha-256=:{digest}:")));
    headers.insert(HeaderName::from_static("digest"), value(&format!("sha-256={digest}")));
}

/// The bytes to send, if any.
pub(super) fn sent(answer: &Answer, length: u64) -> Option<Range<u64>> {
    match answer {
        Answer::Full => Some(0..length),
        Answer::Part(part) => Some(part.clone()),
        Answer::NotModified => None,
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("tags and digests are visible ASCII")
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    const NOW: &str = "2026-08-01T10:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn text() -> Document {
        Document::text("---\na\nb\n".to_owned(), at("2026-08-01T09:00:00Z"))
    }

    async fn answer(
        method: Method,
        document: &Document,
        headers: &[(HeaderName, &str)],
    ) -> (u16, HeaderMap, String) {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        let asked = Asked { method, headers: headers.collect() };
        let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
        let (parts, body) = serve(&asked, document, content_type, at(NOW)).into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    fn assert_headers(headers: &HeaderMap, expected: &[(&str, &str)]) {
        for (name, value) in expected {
            assert_eq!(headers[*name], value, "{name}");
        }
    }

    /// What `md5sum` says of the text.
    const ETAG: &str = "\"7a6dfa05da9969e6648067d348e81042\"";

    #[tokio::test]
    async fn a_text_has_its_digests_and_may_be_asked_for_in_parts() {
        let document = text();
        let (status, headers, body) = answer(Method::GET, &document, &[]).await;
        assert_eq!((status, body.as_str()), (200, "---\na\nb\n"));
        assert_headers(
            &headers,
            &[
                ("content-type", "text/plain; charset=utf-8"),
                ("etag", ETAG),
                ("accept-ranges", "bytes"),
                ("cache-control", "max-age=60, public"),
                ("last-modified", "Sat, 01 Aug 2026 09:00:00 GMT"),
                ("digest", "sha-256=xu7LNv5zpzFlQXthfTfeBxqHBZoM/roq0r0kvFXQQVM="),
                ("repr-digest", "sha-256=:xu7LNv5zpzFlQXthfTfeBxqHBZoM/roq0r0kvFXQQVM=:"),
            ],
        );
    }

    #[tokio::test]
    async fn a_part_has_the_digests_of_the_whole() {
        let document = text();
        let (_, whole, _) = answer(Method::GET, &document, &[]).await;
        let (status, headers, body) = answer(Method::GET, &document, &[(header::RANGE, "bytes=5-")]).await;
        assert_eq!((status, body.as_str()), (206, "\nb\n"));
        assert_eq!(headers["content-range"], "bytes 5-7/8");
        for name in ["etag", "digest", "repr-digest", "content-type"] {
            assert_eq!(headers[name], whole[name], "{name}");
        }
    }

    #[tokio::test]
    async fn a_range_beyond_the_end_gets_the_whole() {
        let (status, headers, body) = answer(Method::GET, &text(), &[(header::RANGE, "bytes=8-")]).await;
        assert_eq!((status, body.as_str()), (200, "---\na\nb\n"));
        assert!(!headers.contains_key(header::CONTENT_RANGE));
    }

    #[tokio::test]
    async fn a_known_tag_gets_nothing_but_the_tag() {
        let known = [(header::IF_NONE_MATCH, ETAG), (header::RANGE, "bytes=5-")];
        let (status, headers, body) = answer(Method::GET, &text(), &known).await;
        assert_eq!((status, body.as_str()), (304, ""));
        assert_headers(&headers, &[("etag", ETAG), ("cache-control", "max-age=60, public")]);
        assert!(!headers.contains_key(header::CONTENT_TYPE));
    }

    #[tokio::test]
    async fn a_packed_index_is_sent_whole_or_not_at_all() {
        let segments = vec!["ab".into(), "cd".into()];
        let document = Document::tagged(segments, "1-2-3", at("2026-08-01T09:00:00Z"));
        let (status, headers, body) = answer(Method::GET, &document, &[(header::RANGE, "bytes=1-")]).await;
        assert_eq!((status, body.as_str()), (200, "abcd"));
        assert_eq!(headers["etag"], "W/\"1-2-3\"");
        assert!(!headers.contains_key("digest") && !headers.contains_key("accept-ranges"));
        let since = [(header::IF_MODIFIED_SINCE, "Sat, 01 Aug 2026 09:00:00 GMT")];
        assert_eq!(answer(Method::GET, &document, &since).await.0, 200);
        let since = [(header::IF_MODIFIED_SINCE, "Sat, 01 Aug 2026 09:00:01 GMT")];
        assert_eq!(answer(Method::GET, &document, &since).await.0, 304);
    }
}
