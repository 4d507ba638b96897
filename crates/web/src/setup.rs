use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use http::StatusCode;
use registry::{Error, NewUser};
use serde::Deserialize;

use crate::{
    Web,
    accounts::AccountForm,
    chrome::Chrome,
    error::{Message, WebError},
    page::render,
};

#[derive(Debug, Template)]
#[template(path = "setup.html")]
struct Setup<'a> {
    chrome: Chrome,
    token: &'a str,
    form: AccountForm,
}

#[derive(Deserialize)]
pub(crate) struct Token {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
pub(crate) struct Account {
    #[serde(default)]
    token: String,
    #[serde(default)]
    handle: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// `GET /setup?token=…`: the form for the first account.
pub(crate) async fn show(State(web): State<Web>, Query(query): Query<Token>) -> Result<Response, WebError> {
    if !web.registry.setup_is_open(&query.token).await? {
        return Err(Error::Denied(registry::Reason::Unknown).into());
    }
    Ok(render(
        StatusCode::OK,
        &Setup { chrome: Chrome::anonymous(&web), token: &query.token, form: AccountForm::default() },
    ))
}

/// `POST /setup`: makes the first account. The token in the form proves that it comes from the operator's terminal.
pub(crate) async fn submit(State(web): State<Web>, Form(form): Form<Account>) -> Result<Response, WebError> {
    let user = NewUser { handle: &form.handle, email: &form.email, password: &form.password, is_admin: true };
    match web.registry.set_up(&form.token, &user).await {
        Ok(_) => {
            let text = format!(
                "The account {} is the administrator of this server. Sign in to make its first key, or type: \
                 RUBYGEMS_HOST={}/rubygems gem signin",
                form.handle, web.base_url
            );
            Ok(render(
                StatusCode::CREATED,
                &Message { chrome: Chrome::anonymous(&web), title: "Welcome", text },
            ))
        }
        Err(Error::InvalidUser(problems)) => {
            let (token, handle, email) = (form.token, form.handle, form.email);
            let form = AccountForm { handle, email, invited: false, problems };
            let page = Setup { chrome: Chrome::anonymous(&web), token: &token, form };
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}
