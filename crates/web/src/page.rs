//! What all pages share: the way they are rendered, and the headers that keep them safe.

use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{Web, error};

/// Nothing is loaded from elsewhere, no script stands in a page, forms go nowhere else, nobody frames us.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page with its status.
pub(crate) fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Completes an answer on its way out: writes the page of an error, and adds the headers that every page carries. Pages are kept
/// by nobody unless they say otherwise.
pub(crate) async fn complete(State(web): State<Web>, response: Response) -> Response {
    let mut response = error::complete(&web, response);
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// `GET /style.css`
pub(crate) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../templates/style.css"))
}

/// `GET /preview.js`: keeps the preview of a key's packages up to date.
pub(crate) async fn preview_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../templates/preview.js"))
}

/// `GET /copy.js`: the Copy button.
pub(crate) async fn copy_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../templates/copy.js"))
}

/// `GET /icon.svg`
pub(crate) async fn icon() -> Response {
    asset("image/svg+xml", include_str!("../templates/icon.svg"))
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "public, max-age=3600")], text)
        .into_response()
}
