//! Signing in and out, giving the password again, and the list of sessions.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use domain::EventId;
use http::{HeaderMap, Method, StatusCode, header};
use http_kit::{Access, PeerAddress, Routes};
use registry::{Browser, Error, Session, SignUp};
use serde::Deserialize;

use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    fields::Fields,
    page::render,
    signed_in::{Member, Visitor, begin_cookie, device, device_cookie, end_cookie, safe_return},
};

pub(crate) fn routes() -> Routes<Web> {
    Routes::default()
        .add(Method::GET, "/sign_in", Access::Public, show)
        .add(Method::POST, "/sign_in", Access::Public, submit)
        .add(Method::POST, "/sign_out", Access::Session, sign_out)
        .add(Method::GET, "/verify", Access::Session, verify)
        .add(Method::POST, "/verify", Access::Session, verified)
        .add(Method::GET, "/sessions", Access::Session, list)
        .add(Method::POST, "/sessions/{id}/end", Access::Session, end)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Return {
    #[serde(rename = "return")]
    path: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    chrome: Chrome,
    back: &'a str,
    login: &'a str,
    problem: Option<&'a str>,
    /// Whether visitors may make an account.
    sign_up: bool,
}

impl<'a> SignIn<'a> {
    fn new(web: &Web, chrome: Chrome, back: &'a str) -> Self {
        let sign_up = web.registry.sign_up_policy() == SignUp::Open;
        Self { chrome, back, login: "", problem: None, sign_up }
    }
}

async fn show(State(web): State<Web>, visitor: Visitor, Query(query): Query<Return>) -> Response {
    let page = SignIn::new(&web, Chrome::new(&web, &visitor), safe_return(query.path.as_deref()));
    render(StatusCode::OK, &page)
}

async fn submit(
    State(web): State<Web>,
    PeerAddress(from): PeerAddress,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, WebError> {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (login, back) = (fields.text("login"), safe_return(Some(fields.text("return"))));
    let browser = Browser { from, agent, device: device(&headers) };
    match web.registry.begin_session(login, fields.secret("password"), browser).await {
        Ok((session, device)) => {
            let device = device.map(|token| (header::SET_COOKIE, device_cookie(&web, &token)));
            let cookies = [(header::SET_COOKIE, begin_cookie(&web, &session))].into_iter().chain(device);
            let mut response = Redirect::to(&format!("{}{back}", web.root())).into_response();
            response.headers_mut().extend(cookies);
            Ok(response)
        }
        Err(Error::WrongPassword) => {
            let problem = Some("There is no account with this name and password.");
            let page = SignIn { login, problem, ..SignIn::new(&web, Chrome::anonymous(&web), back) };
            Ok(render(StatusCode::UNAUTHORIZED, &page))
        }
        Err(error) => Err(error.into()),
    }
}

async fn sign_out(State(web): State<Web>, Member(signed_in): Member) -> Result<Response, WebError> {
    web.registry.end_session(&signed_in.caller, signed_in.session).await?;
    let cookie = AppendHeaders([(header::SET_COOKIE, end_cookie(&web))]);
    Ok((cookie, Redirect::to(&format!("{}/", web.root()))).into_response())
}

#[derive(Debug, Template)]
#[template(path = "verify.html")]
struct Verify<'a> {
    chrome: Chrome,
    back: &'a str,
    problem: Option<&'a str>,
}

async fn verify(State(web): State<Web>, Member(signed_in): Member, Query(query): Query<Return>) -> Response {
    let chrome = Chrome::new(&web, &Visitor(Some(signed_in)));
    render(StatusCode::OK, &Verify { chrome, back: safe_return(query.path.as_deref()), problem: None })
}

async fn verified(
    State(web): State<Web>,
    PeerAddress(from): PeerAddress,
    Member(signed_in): Member,
    fields: Fields,
) -> Result<Response, WebError> {
    let back = safe_return(Some(fields.text("return")));
    match web.registry.prove_session(&signed_in, fields.secret("password"), from).await {
        Ok(()) => Ok(Redirect::to(&format!("{}{back}", web.root())).into_response()),
        Err(Error::WrongPassword) => {
            let chrome = Chrome::new(&web, &Visitor(Some(signed_in)));
            let problem = Some("This is not the password of your account.");
            Ok(render(StatusCode::UNAUTHORIZED, &Verify { chrome, back, problem }))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Template)]
#[template(path = "sessions.html")]
struct Sessions {
    chrome: Chrome,
    sessions: Vec<SessionRow>,
}

#[derive(Debug)]
struct SessionRow {
    id: String,
    agent: String,
    address: String,
    began: String,
    seen: String,
    is_this: bool,
}

async fn list(State(web): State<Web>, Member(signed_in): Member) -> Result<Response, WebError> {
    let sessions = web.registry.sessions(signed_in.caller.account().id).await?;
    let sessions = sessions.into_iter().map(|session| row(session, signed_in.session)).collect();
    let chrome = Chrome::new(&web, &Visitor(Some(signed_in)));
    Ok(render(StatusCode::OK, &Sessions { chrome, sessions }))
}

fn row(session: Session, this: EventId) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        agent: if session.user_agent.is_empty() { "unknown".to_owned() } else { session.user_agent },
        address: session.address,
        began: crate::keys::utc(session.created_at),
        seen: crate::keys::utc(session.seen_at),
        is_this: session.id == this,
    }
}

async fn end(
    State(web): State<Web>,
    Member(signed_in): Member,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: EventId = id.parse().map_err(|_| Error::NotFound(registry::Missing::Session))?;
    web.registry.end_session(&signed_in.caller, id).await?;
    Ok(Redirect::to(&format!("{}/sessions", web.root())).into_response())
}
