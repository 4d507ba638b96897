use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use http_kit::PeerAddress;

use super::problems;
use crate::{
    Web,
    chrome::Chrome,
    error::{Message, WebError},
    fields::Fields,
    page::render,
};

#[derive(Debug, Template)]
#[template(path = "accounts/forgotten.html")]
struct Forgotten {
    chrome: Chrome,
}

/// `GET /password/forgotten`
pub(crate) async fn ask(State(web): State<Web>) -> Response {
    render(StatusCode::OK, &Forgotten { chrome: Chrome::anonymous(&web) })
}

/// `POST /password/forgotten`: says the same whether there is such an account or not.
pub(crate) async fn forgotten(
    State(web): State<Web>,
    PeerAddress(from): PeerAddress,
    fields: Fields,
) -> Result<Response, WebError> {
    web.registry.forgot_password(fields.text("login"), from).await?;
    let text = "If there is such an account, a link to choose a new password is on its way to its mail address. The link is \
                good for three hours."
        .to_owned();
    Ok(render(
        StatusCode::OK,
        &Message { chrome: Chrome::anonymous(&web), title: "Look into your mail", text },
    ))
}

#[derive(Debug, Template)]
#[template(path = "accounts/reset.html")]
struct Reset<'a> {
    chrome: Chrome,
    token: &'a str,
    handle: String,
    problem: Option<String>,
    revoke_keys: bool,
}

/// `GET /password/reset/TOKEN`: the form for a new password.
pub(crate) async fn show(State(web): State<Web>, Path(token): Path<String>) -> Result<Response, WebError> {
    let handle = web.registry.find_reset(&token).await?;
    let chrome = Chrome::anonymous(&web);
    Ok(render(StatusCode::OK, &Reset { chrome, token: &token, handle, problem: None, revoke_keys: false }))
}

/// `POST /password/reset/TOKEN`: gives the account a new password.
pub(crate) async fn reset(
    State(web): State<Web>,
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let handle = web.registry.find_reset(&token).await?;
    let (chrome, revoke_keys) = (Chrome::anonymous(&web), fields.is_ticked("revoke_keys"));
    match web.registry.reset_password(&token, fields.secret("password"), revoke_keys).await {
        Ok(()) => {
            let text = format!("The account {handle} has a new password. Sign in with it.");
            Ok(render(StatusCode::OK, &Message { chrome, title: "New password", text }))
        }
        Err(error) => {
            let problem = problems(error)?.password;
            let page = Reset { chrome, token: &token, handle, problem, revoke_keys };
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}
