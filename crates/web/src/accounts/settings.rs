use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use http_kit::PeerAddress;
use registry::{Error, SignUp, SignedIn, UserProblems};

use super::problems;
use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    fields::Fields,
    page::render,
    signed_in::{Member, Proved, Visitor},
};

#[derive(Debug, Template)]
#[template(path = "accounts/settings.html")]
struct Settings {
    chrome: Chrome,
    handle: String,
    email: String,
    confirmed: bool,
    /// A new address that waits to be confirmed.
    pending: Option<String>,
    /// Whether this account administers the server.
    administers: bool,
    /// Whether this account may invite others.
    invites: bool,
    /// What was just done.
    notice: Option<String>,
    /// What was typed for the address, and for an invitation.
    typed: [String; 2],
    problems: UserProblems,
    invitation_problem: Option<String>,
}

impl Settings {
    async fn new(web: &Web, signed_in: SignedIn) -> Result<Self, Error> {
        let account = signed_in.caller.account().clone();
        let email = account.email.unwrap_or_default();
        let pending = web.registry.pending_email(account.id).await?;
        Ok(Self {
            chrome: Chrome::new(web, &Visitor(Some(signed_in))),
            handle: account.handle,
            confirmed: account.confirmed,
            pending: pending.filter(|pending| !pending.eq_ignore_ascii_case(&email)),
            email,
            administers: account.is_admin,
            invites: account.is_admin && web.registry.sign_up_policy() != SignUp::Closed,
            notice: None,
            typed: Default::default(),
            problems: UserProblems::default(),
            invitation_problem: None,
        })
    }

    fn say(self, notice: impl Into<String>) -> Response {
        render(StatusCode::OK, &Self { notice: Some(notice.into()), ..self })
    }

    fn refuse(self, problems: UserProblems) -> Response {
        render(StatusCode::UNPROCESSABLE_ENTITY, &Self { problems, ..self })
    }
}

/// `GET /settings`
pub(crate) async fn show(State(web): State<Web>, Member(signed_in): Member) -> Result<Response, WebError> {
    Ok(render(StatusCode::OK, &Settings::new(&web, signed_in).await?))
}

/// `POST /settings/email`: asks to change the address. It is changed once the new one is confirmed.
pub(crate) async fn change_email(
    State(web): State<Web>,
    PeerAddress(from): PeerAddress,
    Proved(signed_in): Proved,
    fields: Fields,
) -> Result<Response, WebError> {
    let email = fields.text("email");
    let changed = web.registry.change_email(&signed_in.caller, email, from).await;
    let mut page = Settings::new(&web, signed_in).await?;
    match changed {
        Ok(()) => Ok(page.say(format!("We sent a link to {email}. Open it to confirm the new address."))),
        Err(error) => {
            email.clone_into(&mut page.typed[0]);
            Ok(page.refuse(problems(error)?))
        }
    }
}

/// `POST /settings/confirmation`: sends the link that confirms the address once more.
pub(crate) async fn resend(
    State(web): State<Web>,
    PeerAddress(from): PeerAddress,
    Member(signed_in): Member,
) -> Result<Response, WebError> {
    web.registry.resend_confirmation(&signed_in.caller, from).await?;
    let page = Settings::new(&web, signed_in).await?;
    Ok(page.say("We sent the link once more. Earlier ones do not work any longer."))
}

/// `POST /settings/password`: gives the account another password and ends all its other sessions.
pub(crate) async fn change_password(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    fields: Fields,
) -> Result<Response, WebError> {
    match web.registry.change_password(&signed_in.caller, fields.secret("password")).await {
        Ok(()) => {
            let page = Settings::new(&web, signed_in).await?;
            Ok(page.say("Your password is changed. You are signed out everywhere else."))
        }
        Err(error) => Ok(Settings::new(&web, signed_in).await?.refuse(problems(error)?)),
    }
}

/// `POST /settings/invitations`: an administrator invites somebody to make an account.
pub(crate) async fn invite(
    State(web): State<Web>,
    Proved(signed_in): Proved,
    fields: Fields,
) -> Result<Response, WebError> {
    let email = fields.text("invite");
    match web.registry.invite_user(&signed_in.caller, email).await {
        Ok(()) => {
            let page = Settings::new(&web, signed_in).await?;
            Ok(page.say(format!("We sent an invitation to {email}.")))
        }
        Err(Error::Conflict(problem)) => {
            let mut page = Settings::new(&web, signed_in).await?;
            email.clone_into(&mut page.typed[1]);
            page.invitation_problem = Some(crate::error::sentence(&problem.to_string()));
            Ok(render(StatusCode::CONFLICT, &page))
        }
        Err(error) => {
            let problem = problems(error)?.email;
            let mut page = Settings::new(&web, signed_in).await?;
            email.clone_into(&mut page.typed[1]);
            page.invitation_problem = problem;
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}
