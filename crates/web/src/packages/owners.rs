//! The owners of a gem: who they are, who is invited, and every change of that.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Role;
use http::{Method, StatusCode};
use http_kit::{Access, Routes};
use registry::{Conflict, Error, Membership, Missing, RollEntry, SignedIn};
use serde::Deserialize;

use super::{Confirm, gem_name};
use crate::{
    Web,
    chrome::Chrome,
    error::{WebError, sentence},
    fields::Fields,
    keys::utc,
    page::render,
    signed_in::{Proved, Visitor},
};

pub(super) fn routes() -> Routes<Web> {
    Routes::default()
        .add(Method::GET, "/gems/{name}/owners", Access::Session, show)
        .add(Method::POST, "/gems/{name}/owners", Access::Session, invite)
        .add(Method::POST, "/gems/{name}/owners/role", Access::Session, set_role)
        .add(Method::POST, "/gems/{name}/owners/resend", Access::Session, resend)
        .add(Method::GET, "/gems/{name}/owners/remove", Access::Session, ask_remove)
        .add(Method::POST, "/gems/{name}/owners/remove", Access::Session, remove)
}

#[derive(Debug, Template)]
#[template(path = "packages/owners.html")]
struct OwnersPage {
    chrome: Chrome,
    name: String,
    owners: Vec<Row>,
    invited: Vec<Row>,
    /// What was typed into the form of an invitation.
    login: String,
    maintainer: bool,
    /// What is wrong with it.
    invite_problem: Option<String>,
    /// Why something else was not done.
    problem: Option<String>,
}

#[derive(Debug)]
struct Row {
    handle: String,
    role: &'static str,
    maintainer: bool,
    /// Since when an owner, or until when invited.
    when: String,
    is_over: bool,
    is_you: bool,
}

/// What the page shows beside the owners.
#[derive(Default)]
struct Said {
    login: String,
    maintainer: bool,
    invite_problem: Option<String>,
    problem: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Whom {
    login: String,
}

/// `GET /gems/NAME/owners`
async fn show(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(name): Path<String>,
) -> Result<Response, WebError> {
    page(&web, signed_in, &name, Said::default()).await
}

/// `POST /gems/NAME/owners`: invites somebody.
async fn invite(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (login, role) = (fields.text("login"), role(&fields)?);
    match web.registry.invite_owner(&signed_in.caller, &gem_name(&name)?, login, role).await {
        Ok(()) => Ok(back(&web, &name)),
        Err(error) => {
            let invite_problem = Some(reason(error)?);
            let (login, maintainer) = (login.to_owned(), role == Role::Maintainer);
            page(&web, signed_in, &name, Said { login, maintainer, invite_problem, problem: None }).await
        }
    }
}

/// `POST /gems/NAME/owners/role`
async fn set_role(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let login = fields.text("login");
    let done = web.registry.set_owner_role(&signed_in.caller, &gem_name(&name)?, login, role(&fields)?).await;
    finish(&web, signed_in, &name, done).await
}

/// `POST /gems/NAME/owners/resend`
async fn resend(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let done =
        web.registry.resend_invitation(&signed_in.caller, &gem_name(&name)?, fields.text("login")).await;
    finish(&web, signed_in, &name, done).await
}

/// `GET /gems/NAME/owners/remove?login=HANDLE`
async fn ask_remove(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(name): Path<String>,
    Query(whom): Query<Whom>,
) -> Result<Response, WebError> {
    let roll = web.registry.owner_roll(&signed_in.caller, &gem_name(&name)?).await?;
    let entry = roll.into_iter().find(|entry| entry.handle == whom.login);
    let entry = entry.ok_or(Error::NotFound(Missing::Owner))?;
    let is_owner = matches!(entry.standing, Membership::Owner(_));
    let back = owners_of(&name);
    let page = Confirm {
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        title: if is_owner {
            format!("Remove {} from the owners of {name}?", entry.handle)
        } else {
            format!("Take the invitation of {} to own {name} back?", entry.handle)
        },
        consequence: consequence(&entry, is_owner),
        action: format!("{back}/remove"),
        button: if is_owner { "Remove the owner" } else { "Take the invitation back" },
        login: Some(entry.handle),
        back,
    };
    Ok(render(StatusCode::OK, &page))
}

fn consequence(entry: &RollEntry, is_owner: bool) -> String {
    if is_owner {
        format!(
            "{} cannot publish or withdraw versions any more, from the moment you press the button. Keys that were made for this \
             gem alone end for good, also if {} becomes an owner again.",
            entry.handle, entry.handle
        )
    } else {
        "The link in the mail does not work any more then.".to_owned()
    }
}

/// `POST /gems/NAME/owners/remove`
async fn remove(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let login = fields.text("login");
    let done = web.registry.remove_owner(&signed_in.caller, &gem_name(&name)?, login).await;
    if done.is_ok() && login == signed_in.caller.account().handle {
        // Whoever leaves may not see the owners' page any more.
        return Ok(Redirect::to(&format!("{}/gems/{name}", web.root())).into_response());
    }
    finish(&web, signed_in, &name, done).await
}

fn role(fields: &Fields) -> Result<Role, Error> {
    match fields.text("role") {
        "" => Ok(Role::Owner),
        word => word.parse().map_err(|_| Error::Invalid(vec!["There is no such role.".to_owned()])),
    }
}

/// Why an invitation or a change was not made; other errors are given back.
fn reason(error: Error) -> Result<String, Error> {
    Ok(match error {
        Error::NotFound(Missing::Owner) => "There is no account with this name or mail address.".to_owned(),
        Error::Conflict(Conflict::AlreadyOwner) => "This account is an owner already.".to_owned(),
        Error::Conflict(Conflict::AlreadyInvited) => {
            "This account is invited already. You can send the invitation again below.".to_owned()
        }
        Error::Conflict(
            problem @ (Conflict::TooManyOwners { .. } | Conflict::TooManyInvitations { .. }),
        ) => sentence(&problem.to_string()),
        Error::Conflict(Conflict::LastOwner) => {
            "The last owner cannot be removed: nobody could manage the gem any more. Invite another owner first.".to_owned()
        }
        Error::Conflict(Conflict::OwnRole) => "You cannot change your own role: ask another owner.".to_owned(),
        other => return Err(other),
    })
}

async fn finish(
    web: &Web,
    signed_in: SignedIn,
    name: &str,
    done: Result<(), Error>,
) -> Result<Response, WebError> {
    match done {
        Ok(()) => Ok(back(web, name)),
        Err(error) => {
            let problem = Some(reason(error)?);
            page(web, signed_in, name, Said { problem, ..Said::default() }).await
        }
    }
}

fn owners_of(name: &str) -> String {
    format!("/gems/{name}/owners")
}

fn back(web: &Web, name: &str) -> Response {
    Redirect::to(&format!("{}{}", web.root(), owners_of(name))).into_response()
}

async fn page(web: &Web, signed_in: SignedIn, name: &str, said: Said) -> Result<Response, WebError> {
    let roll = web.registry.owner_roll(&signed_in.caller, &gem_name(name)?).await?;
    let you = signed_in.caller.account().handle.clone();
    let (owners, invited) = roll.into_iter().map(|entry| row(entry, &you)).partition(|(owner, _)| *owner);
    let rows = |rows: Vec<(bool, Row)>| rows.into_iter().map(|(_, row)| row).collect();
    let wrong = said.problem.is_some() || said.invite_problem.is_some();
    let page = OwnersPage {
        chrome: Chrome::new(web, &Visitor(Some(signed_in))),
        name: name.to_owned(),
        owners: rows(owners),
        invited: rows(invited),
        login: said.login,
        maintainer: said.maintainer,
        invite_problem: said.invite_problem,
        problem: said.problem,
    };
    Ok(render(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page))
}

/// Whether somebody is an owner yet, and how they stand on the page.
fn row(entry: RollEntry, you: &str) -> (bool, Row) {
    let (is_owner, when, is_over) = match entry.standing {
        Membership::Owner(since) => (true, utc(since), false),
        Membership::Invited(until) => (false, utc(until), false),
        Membership::InvitationOver(since) => (false, utc(since), true),
    };
    let row = Row {
        is_you: entry.handle == you,
        role: entry.role.as_str(),
        maintainer: entry.role == Role::Maintainer,
        handle: entry.handle,
        when,
        is_over,
    };
    (is_owner, row)
}
