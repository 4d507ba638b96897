use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use registry::Error;

use crate::page::render;

/// A page that says what went wrong and what to do next.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

/// An error of a use case, as a page.
#[derive(Debug)]
pub(crate) struct WebError(pub(crate) Error);

impl From<Error> for WebError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let (status, title, text) = match &self.0 {
            Error::NotFound(missing) => (StatusCode::NOT_FOUND, "Not found", sentence(&missing.to_string())),
            Error::Denied(_) => (
                StatusCode::FORBIDDEN,
                "Not allowed",
                "This address is not valid, or not valid any more.".to_owned(),
            ),
            Error::Limited(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many tries",
                "Please wait a while and try again.".to_owned(),
            ),
            Error::Internal(cause) => {
                tracing::error!(error = %cause, "the request failed");
                let text = "This is a fault of the server. Please try again later.".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", text)
            }
            other => (StatusCode::UNPROCESSABLE_ENTITY, "That did not work", sentence(&other.to_string())),
        };
        render(status, &Message { title, text })
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// The page for addresses that nothing answers.
pub(crate) async fn not_found() -> Response {
    let text = "There is no page at this address.".to_owned();
    render(StatusCode::NOT_FOUND, &Message { title: "Not found", text })
}
