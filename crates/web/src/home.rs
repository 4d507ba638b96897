use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{Web, chrome::Chrome, page::render, signed_in::Visitor};

#[derive(Debug, Template)]
#[template(path = "home.html")]
struct Home<'a> {
    chrome: Chrome,
    base_url: &'a str,
}

/// `GET /`: what this server is and what to type.
pub(crate) async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let chrome = Chrome::new(&web, &visitor);
    render(StatusCode::OK, &Home { chrome, base_url: &web.base_url })
}
