use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use http_kit::PeerAddress;
use registry::{Confirmer, Error};

use crate::{
    Web,
    chrome::Chrome,
    error::{Message, WebError},
    fields::Fields,
    page::render,
    signed_in::Visitor,
};

#[derive(Debug, Template)]
#[template(path = "accounts/confirm.html")]
struct Confirm<'a> {
    chrome: Chrome,
    token: &'a str,
    handle: String,
    email: String,
    /// Whoever is signed in to the account need not give its password.
    asks_password: bool,
    problem: Option<&'static str>,
}

impl<'a> Confirm<'a> {
    async fn new(web: &Web, visitor: &Visitor, token: &'a str) -> Result<Self, Error> {
        let (account, handle, email) = web.registry.find_confirmation(token).await?;
        let signed_in = visitor.0.as_ref().is_some_and(|signed_in| signed_in.caller.account().id == account);
        let chrome = Chrome::new(web, visitor);
        Ok(Self { chrome, token, handle, email, asks_password: !signed_in, problem: None })
    }
}

/// `GET /email/confirm/TOKEN`: asks. Changes nothing: mail programs open links too.
pub(crate) async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    Ok(render(StatusCode::OK, &Confirm::new(&web, &visitor, &token).await?))
}

/// `POST /email/confirm/TOKEN`: the address belongs to the account from now on.
pub(crate) async fn confirm(
    State(web): State<Web>,
    PeerAddress(from): PeerAddress,
    visitor: Visitor,
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let page = Confirm::new(&web, &visitor, &token).await?;
    let confirmer = match &visitor.0 {
        Some(signed_in) if !page.asks_password => Confirmer::SignedIn(signed_in),
        _ => Confirmer::Password(fields.secret("password"), from),
    };
    match web.registry.confirm_email(&token, confirmer).await {
        Ok(_) => {
            let text = format!(
                "{} is the mail address of the account {} now. It can make keys.",
                page.email, page.handle
            );
            Ok(render(StatusCode::OK, &Message { chrome: page.chrome, title: "Address confirmed", text }))
        }
        Err(Error::WrongPassword) => {
            let problem = Some("This is not the password of the account.");
            Ok(render(StatusCode::UNAUTHORIZED, &Confirm { problem, ..page }))
        }
        Err(error) => Err(error.into()),
    }
}
