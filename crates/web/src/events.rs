//! What happened: on an account, and on a package.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::EventId;
use http::StatusCode;
use registry::{Error, Reason, RecordedEvent, SignedIn};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    keys::utc,
    packages::gem_name,
    page::render,
    signed_in::{Member, Visitor},
};

/// An event, for people.
#[derive(Debug)]
pub(crate) struct EventRow {
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) by: String,
}

#[derive(Debug, Template)]
#[template(path = "events.html")]
struct EventsPage {
    chrome: Chrome,
    title: String,
    events: Vec<EventRow>,
    /// The path of the first page, below the base.
    path: String,
    is_later: bool,
    /// The first event of the next page.
    next: Option<EventId>,
}

/// The event that a page begins with. What cannot be read is as if it were not there.
#[derive(Debug, Deserialize)]
pub(crate) struct Start {
    from: Option<String>,
}

impl Start {
    fn event(&self) -> Option<EventId> {
        self.from.as_ref()?.parse().ok()
    }
}

/// `GET /events[?from=ID]`: what happened on the account, with the key that did it.
pub(crate) async fn show(
    State(web): State<Web>,
    Member(signed_in): Member,
    Query(start): Query<Start>,
) -> Result<Response, WebError> {
    let account = signed_in.caller.account().id;
    let page = web.registry.account_events(account, start.event()).await?;
    let (title, path) = ("What happened on your account".to_owned(), "/events".to_owned());
    Ok(page_of(&web, signed_in, (title, path), &start, page))
}

/// `GET /gems/NAME/events[?from=ID]`: what happened to a gem, for its owners.
pub(crate) async fn of_gem(
    State(web): State<Web>,
    Member(signed_in): Member,
    Path(name): Path<String>,
    Query(start): Query<Start>,
) -> Result<Response, WebError> {
    let package = web.registry.package(&gem_name(&name)?).await?;
    let owners = web.registry.owners(&package.name).await?;
    let handle = &signed_in.caller.account().handle;
    if !owners.iter().any(|owner| owner.handle == *handle) {
        return Err(Error::Denied(Reason::NotOwner).into());
    }
    let page = web.registry.package_events(package.id, start.event()).await?;
    let name = package.name.as_str();
    let (title, path) = (format!("Activity of {name}"), format!("/gems/{name}/events"));
    Ok(page_of(&web, signed_in, (title, path), &start, page))
}

fn page_of(
    web: &Web,
    signed_in: SignedIn,
    (title, path): (String, String),
    start: &Start,
    (events, next): (Vec<RecordedEvent>, Option<EventId>),
) -> Response {
    let page = EventsPage {
        chrome: Chrome::new(web, &Visitor(Some(signed_in))),
        title,
        events: events.iter().map(row).collect(),
        path,
        is_later: start.event().is_some(),
        next,
    };
    render(StatusCode::OK, &page)
}

/// An event in words.
pub(crate) fn row(event: &RecordedEvent) -> EventRow {
    let who = match (&event.actor_handle, &event.operator) {
        (Some(account), _) => account.clone(),
        (None, Some(operator)) => format!("{operator} (server administrator)"),
        (None, None) => "the server".to_owned(),
    };
    let by = match &event.actor_key_name {
        Some(key) => format!("{who}, with the key {key}"),
        None => who,
    };
    EventRow { at: utc(event.at), what: words(event), by }
}

fn words(event: &RecordedEvent) -> String {
    let package = event.package.as_deref().unwrap_or("a package");
    let detail = |name: &str| event.details.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match event.action.as_str() {
        "account.created" => "The account was made".to_owned(),
        "account.invited" => format!("{} was invited to make an account", detail("email")),
        "account.confirmation_requested" => {
            format!("A link to confirm {} was requested", detail("email"))
        }
        "account.link_sent" => match detail("purpose").as_str() {
            "confirm" => format!("A link to confirm the email address was sent to {}", detail("email")),
            "reset" => format!("A link to reset the password was sent to {}", detail("email")),
            _ => format!("An invitation was sent to {}", detail("email")),
        },
        "account.address_wanted" => "Somebody tried to use this email address for another account".to_owned(),
        "account.email_confirmed" => format!("The mail address {} was confirmed", detail("email")),
        "account.email_changed" => format!("The mail address was changed to {}", detail("email")),
        "account.password_changed" => "The password was changed".to_owned(),
        "account.package_mails_changed" => {
            let wanted = event.details.get("wanted").and_then(Value::as_bool).unwrap_or_default();
            format!("Mails about versions were switched {}", if wanted { "on" } else { "off" })
        }
        "account.locked" => "The account was locked".to_owned(),
        "account.unlocked" => "The account was unlocked".to_owned(),
        "account.deleted" => "The account was deleted".to_owned(),
        "session.began" => format!("Signed in from {}", detail("address")),
        "session.proved" => "The password was confirmed again".to_owned(),
        "session.ended" => "Signed out".to_owned(),
        "key.created" => format!("The key {} was made", detail("name")),
        "key.imported" => format!("The key {} was taken over from another server", detail("name")),
        "key.changed" => format!("The key {} was changed", detail("name")),
        "key.regenerated" => format!("The key {} got a new value", detail("name")),
        "keys.ended_revoked" => "Keys that had expired were deleted".to_owned(),
        "key.revoked" => format!("The key {} was deleted", detail("name")),
        "key.value_offered" => format!("The key {} was ready to be copied", detail("name")),
        "key.value_claimed" => format!("The key {} was copied", detail("name")),
        "release.published" => format!("{package} {} was published", detail("version")),
        "release.withdrawn" => format!("{package} {} was withdrawn", detail("version")),
        "release.restored" => format!("{package} {} was restored", detail("version")),
        "owner.added" => format!("{} was made an owner of {package}", detail("owner")),
        "owner.invited" => format!("{} was invited to own {package}", detail("owner")),
        "owner.invited_again" => format!("{} was invited again to own {package}", detail("owner")),
        "owner.invitation_sent" => {
            format!("The invitation of {} to own {package} was emailed", detail("owner"))
        }
        "owner.confirmed" => format!("The invitation to own {package} was accepted"),
        "owner.removed" => format!("{} was removed from the owners of {package}", detail("owner")),
        "owner.role_changed" => format!("{} became {} of {package}", detail("owner"), detail("role")),
        other => other.replace('.', " "),
    }
}
