use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use registry::SignUp;

use crate::{Web, chrome::Chrome, page::render, signed_in::Visitor};

#[derive(Debug, Template)]
#[template(path = "home.html")]
struct Home<'a> {
    chrome: Chrome,
    base_url: &'a str,
    /// Whether anybody may make an account.
    sign_up: bool,
}

/// `GET /`: what this server is and what to type.
pub(crate) async fn show(State(web): State<Web>, visitor: Visitor) -> Response {
    let chrome = Chrome::new(&web, &visitor);
    let sign_up = web.registry.sign_up_policy() == SignUp::Open;
    render(StatusCode::OK, &Home { chrome, base_url: &web.base_url, sign_up })
}
