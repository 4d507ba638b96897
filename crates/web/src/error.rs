use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use http_kit::RoutePattern;
use registry::{Error, Reason};

use crate::{Web, chrome::Chrome, page::render};

/// A page that says what happened and what to do next.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    pub(crate) chrome: Chrome,
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

/// The session ended while the request was under way: its sender signs in again.
#[derive(Debug, Clone, Copy)]
struct SignInAgain;

/// What an error page says. The layer around all pages writes it, since it knows where links begin.
#[derive(Debug, Clone)]
struct Said {
    status: StatusCode,
    title: &'static str,
    text: String,
    /// After how many seconds it makes sense to try again.
    retry_after: Option<u64>,
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let (status, title, text) = match &self.0 {
            Error::SessionEnded => {
                let mut response = StatusCode::SEE_OTHER.into_response();
                response.extensions_mut().insert(SignInAgain);
                return response;
            }
            Error::NotFound(missing) => (StatusCode::NOT_FOUND, "Not found", sentence(&missing.to_string())),
            Error::Denied(Reason::NotOwner) => {
                (StatusCode::FORBIDDEN, "Not allowed", "Only owners of the package may do this.".to_owned())
            }
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
            Error::Busy { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The server is busy",
                "Please try again in a few seconds.".to_owned(),
            ),
            Error::Internal(cause) => {
                tracing::error!(error = %cause, "the request failed");
                let text = "This is a fault of the server. Please try again later.".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", text)
            }
            other => (StatusCode::UNPROCESSABLE_ENTITY, "That did not work", sentence(&other.to_string())),
        };
        let retry_after = self.0.retry_after().map(|wait| wait.as_secs());
        said(Said { status, title, text, retry_after })
    }
}

/// A page that says why a request is not looked at.
pub(crate) fn refusal(status: StatusCode, title: &'static str, text: String) -> Response {
    said(Said { status, title, text, retry_after: None })
}

fn said(said: Said) -> Response {
    let mut response = said.status.into_response();
    response.extensions_mut().insert(said);
    response
}

/// Writes the page of an error.
pub(crate) fn complete(web: &Web, mut response: Response) -> Response {
    if response.extensions_mut().remove::<SignInAgain>().is_some() {
        let location = HeaderValue::from_str(&format!("{}/sign_in", web.root()));
        response.headers_mut().insert(header::LOCATION, location.expect("the base path is visible ASCII"));
        return response;
    }
    let Some(Said { status, title, text, retry_after }) = response.extensions_mut().remove::<Said>() else {
        return response;
    };
    let mut page = render(status, &Message { chrome: Chrome::anonymous(web), title, text });
    if let Some(seconds) = retry_after {
        page.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    // For the log: the page takes the place of the answer that knew its route.
    if let Some(route) = response.extensions_mut().remove::<RoutePattern>() {
        page.extensions_mut().insert(route);
    }
    page
}

/// A text of an error as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// The page for addresses that nothing answers.
pub(crate) async fn not_found() -> WebError {
    WebError(Error::NotFound(registry::Missing::Page))
}
