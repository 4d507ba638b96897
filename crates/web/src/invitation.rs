use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use crate::{
    Web,
    chrome::Chrome,
    error::{Message, WebError},
    page::render,
};

#[derive(Debug, Template)]
#[template(path = "invitation.html")]
struct Invitation {
    chrome: Chrome,
    package: String,
    handle: String,
}

/// `GET /owners/confirm/TOKEN`: asks whether the invitation is accepted. Changes nothing: mail programs open links too.
pub(crate) async fn show(State(web): State<Web>, Path(token): Path<String>) -> Result<Response, WebError> {
    let (package, handle) = web.registry.find_invitation(&token).await?;
    Ok(render(
        StatusCode::OK,
        &Invitation { chrome: Chrome::anonymous(&web), package: package.as_str().to_owned(), handle },
    ))
}

/// `POST /owners/confirm/TOKEN`: accepts the invitation.
pub(crate) async fn accept(State(web): State<Web>, Path(token): Path<String>) -> Result<Response, WebError> {
    let package = web.registry.accept_invitation(&token).await?;
    let text = format!("You are an owner of the package {} now.", package.as_str());
    Ok(render(
        StatusCode::OK,
        &Message { chrome: Chrome::anonymous(&web), title: "Ownership confirmed", text },
    ))
}
