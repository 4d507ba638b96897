//! What ends the value of a key: delete, regenerate, reset. Each asks first, and says what will stop working.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Ecosystem;
use http::StatusCode;

use super::{change::own_key, create::made_page, view::KeyView};
use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    page::render,
    signed_in::{Proved, Visitor},
};

#[derive(Debug, Template)]
#[template(path = "keys/confirm.html")]
struct Confirm {
    chrome: Chrome,
    title: &'static str,
    key: Option<KeyView>,
    consequence: &'static str,
    /// The path that the button leads to, below the base.
    action: String,
    button: &'static str,
    /// Whether a key ends for good.
    ends: bool,
}

/// `GET /keys/ID/delete`
pub(crate) async fn ask_delete(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let key = own_key(&web, &signed_in, &id).await?;
    let page = Confirm {
        key: Some(KeyView::new(&key, web.registry.now())),
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        title: "Delete this key?",
        consequence: "Everything that uses it stops working at once. It cannot be brought back.",
        action: format!("/keys/{}/delete", key.id),
        button: "Delete the key",
        ends: true,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /keys/ID/delete`
pub(crate) async fn delete(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let key = own_key(&web, &signed_in, &id).await?;
    web.registry.revoke_key(&signed_in.caller, key.id).await?;
    Ok(Redirect::to(&format!("{}/keys", web.root())).into_response())
}

/// `GET /keys/ID/regenerate`
pub(crate) async fn ask_regenerate(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let key = own_key(&web, &signed_in, &id).await?;
    let page = Confirm {
        key: Some(KeyView::new(&key, web.registry.now())),
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        title: "Give this key a new value?",
        consequence: "Name, scopes and packages stay, and its days are counted anew from today. The present value stops \
                      working at once.",
        action: format!("/keys/{}/regenerate", key.id),
        button: "Regenerate",
        ends: false,
    };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /keys/ID/regenerate`
pub(crate) async fn regenerate(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let key = own_key(&web, &signed_in, &id).await?;
    let issued = web.registry.regenerate_key(&signed_in.caller, key.id).await?;
    made_page(&web, signed_in, &issued, "regenerated").await
}

/// `GET /keys/reset`
pub(crate) async fn ask_reset(State(web): State<Web>, Proved(signed_in): Proved) -> Response {
    let page = Confirm {
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        title: "Delete all keys for gems?",
        key: None,
        consequence: "Every key for gems of this account stops working at once, also those of your CI. None can be brought back.",
        action: "/keys/reset".to_owned(),
        button: "Delete all keys for gems",
        ends: true,
    };
    render(StatusCode::OK, &page)
}

/// `POST /keys/reset`
pub(crate) async fn reset(State(web): State<Web>, Proved(signed_in): Proved) -> Result<Response, WebError> {
    let caller = &signed_in.caller;
    web.registry.reset_keys(caller, caller.account().id, Ecosystem::RubyGems).await?;
    Ok(Redirect::to(&format!("{}/keys", web.root())).into_response())
}
