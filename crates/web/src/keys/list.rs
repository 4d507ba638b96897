use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{Ecosystem, KeyId};
use http::StatusCode;
use registry::KeyFilter;
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
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the page that is there or not")]
struct List {
    chrome: Chrome,
    keys: Vec<KeyView>,
    filters: Vec<Filter>,
    /// No ecosystem is chosen.
    all: bool,
    /// Ids and names of keys that have expired or soon will, the first of them.
    warning: Vec<(String, String)>,
    /// There are more of them.
    more_warnings: bool,
    /// Deleted keys are shown too.
    earlier: bool,
    /// Whether this is not the first page.
    is_later: bool,
    /// The query of the first page, and that of the next one if there is one.
    first: String,
    next: Option<String>,
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
    /// The first key of the page.
    from: Option<String>,
}

/// Keys on a page.
const PAGE: usize = 50;

/// Keys that the warning names.
const WARNED: usize = 20;

/// `GET /keys[?ecosystem=nuget][&earlier=1][&from=ID]`
pub(crate) async fn show(
    State(web): State<Web>,
    Member(signed_in): Member,
    Query(choice): Query<Choice>,
) -> Result<Response, WebError> {
    let now = web.registry.now();
    let chosen: Option<Ecosystem> = choice.ecosystem.as_deref().and_then(|word| word.parse().ok());
    let earlier = choice.earlier.is_some();
    let account = signed_in.caller.account().id;
    let (filter, from) = (KeyFilter { ecosystem: chosen, revoked: earlier }, choice.from.as_deref());
    // What cannot be read is as if it were not there.
    let from: Option<KeyId> = from.and_then(|id| id.parse().ok());
    let (keys, next) = web.registry.key_page(account, filter, from, PAGE).await?;
    let warning = web.registry.keys_that_end(account, WARNED + 1).await?;
    let page = List {
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        keys: keys.iter().map(|key| KeyView::new(key, now)).collect(),
        filters: filters(chosen),
        all: chosen.is_none(),
        more_warnings: warning.len() > WARNED,
        warning: warning.into_iter().take(WARNED).map(|key| (key.id.to_string(), key.name)).collect(),
        earlier,
        is_later: from.is_some(),
        first: query(filter, None),
        next: next.map(|id| query(filter, Some(id))),
    };
    Ok(render(StatusCode::OK, &page))
}

/// The query of a page of the list: words and ids, which need no escape.
fn query(filter: KeyFilter, from: Option<KeyId>) -> String {
    let ecosystem = filter.ecosystem.map(|ecosystem| format!("ecosystem={}", ecosystem.as_str()));
    let earlier = filter.revoked.then(|| "earlier=1".to_owned());
    let parts = [ecosystem, earlier, from.map(|id| format!("from={id}"))];
    parts.into_iter().flatten().collect::<Vec<_>>().join("&")
}

fn filters(chosen: Option<Ecosystem>) -> Vec<Filter> {
    let of = |ecosystem: &Ecosystem| Filter {
        word: ecosystem.as_str(),
        label: label(*ecosystem),
        chosen: chosen == Some(*ecosystem),
    };
    Ecosystem::ALL.iter().map(of).collect()
}
