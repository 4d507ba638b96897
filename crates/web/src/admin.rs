//! What administrators of the server do: lock accounts, and unlock them.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::AccountId;
use http::{Method, StatusCode};
use http_kit::{Access, Routes};
use registry::{AccountFacts, Error, SignedIn};
use serde::Deserialize;

use crate::{
    Web,
    chrome::Chrome,
    error::{WebError, sentence},
    page::render,
    signed_in::{Administrator, Visitor},
};

pub(crate) fn routes() -> Routes<Web> {
    Routes::default()
        .add(Method::GET, "/admin/accounts", Access::Session, show)
        .add(Method::POST, "/admin/accounts/{handle}/lock", Access::Session, lock)
        .add(Method::POST, "/admin/accounts/{handle}/unlock", Access::Session, unlock)
}

#[derive(Debug, Template)]
#[template(path = "admin/accounts.html")]
struct Accounts {
    chrome: Chrome,
    rows: Vec<Row>,
    /// Where the next page begins, if there is one.
    next: Option<String>,
    problem: Option<String>,
}

#[derive(Debug)]
struct Row {
    facts: AccountFacts,
    is_you: bool,
}

#[derive(Debug, Deserialize)]
struct Place {
    #[serde(default)]
    after: String,
}

/// `GET /admin/accounts?after=HANDLE`
async fn show(
    State(web): State<Web>,
    Administrator(signed_in): Administrator,
    Query(place): Query<Place>,
) -> Result<Response, WebError> {
    page(&web, signed_in, &place.after, None).await
}

async fn page(
    web: &Web,
    signed_in: SignedIn,
    after: &str,
    problem: Option<String>,
) -> Result<Response, WebError> {
    let found = web.registry.accounts_after(&signed_in.caller, after).await?;
    let you = signed_in.caller.account().id;
    let rows = found.accounts.into_iter().map(|facts| Row { is_you: facts.id == you, facts }).collect();
    let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let chrome = Chrome::new(web, &Visitor(Some(signed_in)));
    Ok(render(status, &Accounts { chrome, rows, next: found.next, problem }))
}

/// `POST /admin/accounts/HANDLE/lock`
async fn lock(
    State(web): State<Web>,
    Administrator(signed_in): Administrator,
    Path(handle): Path<String>,
) -> Result<Response, WebError> {
    let id = find(&web, &handle).await?;
    let done = web.registry.lock_account(&signed_in.caller, id).await;
    finish(&web, signed_in, done).await
}

/// `POST /admin/accounts/HANDLE/unlock`
async fn unlock(
    State(web): State<Web>,
    Administrator(signed_in): Administrator,
    Path(handle): Path<String>,
) -> Result<Response, WebError> {
    let id = find(&web, &handle).await?;
    let done = web.registry.unlock_account(&signed_in.caller, id).await;
    finish(&web, signed_in, done).await
}

async fn find(web: &Web, handle: &str) -> Result<AccountId, Error> {
    Ok(web.registry.find_account(handle).await?.id)
}

async fn finish(web: &Web, signed_in: SignedIn, done: Result<(), Error>) -> Result<Response, WebError> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{}/admin/accounts", web.root())).into_response()),
        Err(Error::Conflict(problem)) => page(web, signed_in, "", Some(sentence(&problem.to_string()))).await,
        Err(error) => Err(error.into()),
    }
}
