use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use crate::{Web, page::render};

#[derive(Debug, Template)]
#[template(path = "home.html")]
struct Home<'a> {
    base_url: &'a str,
}

/// `GET /`: what this server is and what to type.
pub(crate) async fn show(State(web): State<Web>) -> Response {
    render(StatusCode::OK, &Home { base_url: &web.base_url })
}
