use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use http_kit::PeerAddress;
use registry::{NewUser, SignUp, UserProblems};

use super::problems;
use crate::{
    Web,
    chrome::Chrome,
    error::{Message, WebError},
    fields::Fields,
    page::render,
};

/// The words of a new account: what was typed, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct AccountForm {
    pub(crate) handle: String,
    pub(crate) email: String,
    /// The address is known already, and cannot be changed here.
    pub(crate) invited: bool,
    pub(crate) problems: UserProblems,
}

#[derive(Debug, Template)]
#[template(path = "accounts/sign_up.html")]
struct SignUpPage {
    chrome: Chrome,
    /// Where the form goes, below the base.
    action: String,
    form: AccountForm,
}

/// `GET /sign_up`
pub(crate) async fn show(State(web): State<Web>) -> Response {
    if web.registry.sign_up_policy() != SignUp::Open {
        return closed(&web);
    }
    let page = SignUpPage {
        chrome: Chrome::anonymous(&web),
        action: "/sign_up".into(),
        form: AccountForm::default(),
    };
    render(StatusCode::OK, &page)
}

fn closed(web: &Web) -> Response {
    let text = match web.registry.sign_up_policy() {
        SignUp::Invitation => {
            "Accounts are made by invitation here. Ask an administrator of this server for one."
        }
        SignUp::Open | SignUp::Closed => {
            "Accounts are made by the administrators of this server. Ask one of them."
        }
    };
    let page = Message { chrome: Chrome::anonymous(web), title: "No sign-up here", text: text.to_owned() };
    render(StatusCode::FORBIDDEN, &page)
}

/// `POST /sign_up`: makes the account. The answer is the same whether the address has an account already or not.
pub(crate) async fn submit(
    State(web): State<Web>,
    PeerAddress(from): PeerAddress,
    fields: Fields,
) -> Result<Response, WebError> {
    if web.registry.sign_up_policy() != SignUp::Open {
        return Ok(closed(&web));
    }
    let (handle, email) = (fields.text("handle"), fields.text("email"));
    let user = NewUser { handle, email, password: fields.secret("password"), is_admin: false };
    match web.registry.sign_up(&user, from).await {
        Ok(()) => {
            let text =
                format!("We sent a link to {email}. Open it to confirm the address, then you can make keys.");
            let page = Message { chrome: Chrome::anonymous(&web), title: "Look into your mail", text };
            Ok(render(StatusCode::CREATED, &page))
        }
        Err(error) => {
            let form = AccountForm {
                handle: handle.to_owned(),
                email: email.to_owned(),
                invited: false,
                problems: problems(error)?,
            };
            let page = SignUpPage { chrome: Chrome::anonymous(&web), action: "/sign_up".into(), form };
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

fn invited_page(web: &Web, token: &str, form: AccountForm, status: StatusCode) -> Response {
    render(status, &SignUpPage { chrome: Chrome::anonymous(web), action: format!("/sign_up/{token}"), form })
}

/// `GET /sign_up/TOKEN`: the form for somebody who was invited.
pub(crate) async fn show_invited(
    State(web): State<Web>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let email = web.registry.find_user_invitation(&token).await?;
    let form = AccountForm { email, invited: true, ..AccountForm::default() };
    Ok(invited_page(&web, &token, form, StatusCode::OK))
}

/// `POST /sign_up/TOKEN`: makes the account of somebody who was invited.
pub(crate) async fn submit_invited(
    State(web): State<Web>,
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let handle = fields.text("handle");
    match web.registry.accept_user_invitation(&token, handle, fields.secret("password")).await {
        Ok(()) => {
            let text = format!("The account {handle} is ready. Sign in to make its first key.");
            let page = Message { chrome: Chrome::anonymous(&web), title: "Welcome", text };
            Ok(render(StatusCode::CREATED, &page))
        }
        Err(error) => {
            let problems = problems(error)?;
            let email = web.registry.find_user_invitation(&token).await?;
            let form = AccountForm { handle: handle.to_owned(), email, invited: true, problems };
            Ok(invited_page(&web, &token, form, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}
