use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{Ecosystem, Key, KeyState, Timestamp};
use http::StatusCode;
use serde::Deserialize;

use super::view::{KeyView, label};
use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    page::render,
    signed_in::{Member, Visitor},
};

#[derive(Debug, Template)]
#[template(path = "keys/list.html")]
struct List {
    chrome: Chrome,
    keys: Vec<KeyView>,
    filters: Vec<Filter>,
    /// No ecosystem is chosen.
    all: bool,
    /// Ids and names of keys that have expired or soon will.
    warning: Vec<(String, String)>,
    /// Deleted keys are shown too.
    earlier: bool,
}

#[derive(Debug)]
struct Filter {
    word: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    ecosystem: Option<String>,
    earlier: Option<String>,
}

/// `GET /keys[?ecosystem=nuget][&earlier=1]`
pub(crate) async fn show(
    State(web): State<Web>,
    Member(signed_in): Member,
    Query(choice): Query<Choice>,
) -> Result<Response, WebError> {
    let now = web.registry.now();
    let chosen: Option<Ecosystem> = choice.ecosystem.as_deref().and_then(|word| word.parse().ok());
    let earlier = choice.earlier.is_some();
    let keys = web.registry.keys(signed_in.caller.account().id).await?;
    let warning = keys.iter().filter(|key| needs_attention(key, now));
    let warning = warning.map(|key| (key.id.to_string(), key.name.clone())).collect();
    let shown = keys
        .iter()
        .filter(|key| chosen.is_none_or(|ecosystem| key.ecosystem == ecosystem))
        .filter(|key| earlier || key.revoked_at.is_none());
    let page = List {
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        keys: shown.map(|key| KeyView::new(key, now)).collect(),
        filters: filters(chosen),
        all: chosen.is_none(),
        warning,
        earlier,
    };
    Ok(render(StatusCode::OK, &page))
}

fn needs_attention(key: &Key, now: Timestamp) -> bool {
    key.state(now) == KeyState::Expired || (key.state(now) == KeyState::Active && key.expires_soon(now))
}

fn filters(chosen: Option<Ecosystem>) -> Vec<Filter> {
    let of = |ecosystem: &Ecosystem| Filter {
        word: ecosystem.as_str(),
        label: label(*ecosystem),
        chosen: chosen == Some(*ecosystem),
    };
    Ecosystem::ALL.iter().map(of).collect()
}
