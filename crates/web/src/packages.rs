//! Pages of packages: search, and one page for each.

mod gem;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{Ecosystem, PackageName};
use http::{Method, StatusCode};
use http_kit::{Access, Routes};
use registry::{Error, Listing, Missing, PackageDetails};
use serde::Deserialize;

use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    events::{EventRow, row},
    page::render,
    signed_in::Visitor,
};
use gem::GemView;

/// Packages on a page of the search.
const PAGE: u32 = 30;

pub(crate) fn routes() -> Routes<Web> {
    Routes::default().add(Method::GET, "/gems", Access::Public, search).add(
        Method::GET,
        "/gems/{name}",
        Access::Public,
        show,
    )
}

#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    query: String,
    #[serde(default)]
    page: Option<u32>,
}

#[derive(Debug, Template)]
#[template(path = "packages/search.html")]
struct SearchPage {
    chrome: Chrome,
    query: String,
    gems: Vec<GemView>,
    next: Option<u32>,
}

/// `GET /gems?query=…[&page=2]`
async fn search(
    State(web): State<Web>,
    visitor: Visitor,
    Query(search): Query<Search>,
) -> Result<Response, WebError> {
    let page = search.page.unwrap_or(1).clamp(1, 1000);
    let found =
        web.registry.search(Ecosystem::RubyGems, search.query.trim(), Listing { page, size: PAGE }).await?;
    let next = (found.len() == PAGE as usize).then_some(page + 1);
    let gems = found.iter().filter_map(GemView::new).collect();
    let page = SearchPage { chrome: Chrome::new(&web, &visitor), query: search.query, gems, next };
    Ok(render(StatusCode::OK, &page))
}

#[derive(Debug, Template)]
#[template(path = "packages/gem.html")]
struct GemPage {
    chrome: Chrome,
    base_url: String,
    gem: GemView,
    owners: Vec<OwnerRow>,
    /// For owners: their own keys that reach this gem, and what happened to it.
    own: Option<OwnView>,
}

#[derive(Debug)]
struct OwnerRow {
    handle: String,
    role: &'static str,
}

#[derive(Debug)]
struct OwnView {
    keys: Vec<(String, String)>,
    events: Vec<EventRow>,
}

/// `GET /gems/NAME`
async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, WebError> {
    let unknown = || Error::NotFound(Missing::Package);
    let name = PackageName::parse(Ecosystem::RubyGems, &name).map_err(|_| unknown())?;
    let details = web.registry.package_details(&name).await?;
    let gem = GemView::new(&details).ok_or_else(unknown)?;
    let owners = web.registry.owners(&name).await?;
    let own = own_view(&web, &visitor, &details, owners.iter().map(|owner| owner.handle.as_str())).await?;
    let owners = owners
        .into_iter()
        .map(|owner| OwnerRow { handle: owner.handle, role: owner.role.as_str() })
        .collect();
    let page =
        GemPage { chrome: Chrome::new(&web, &visitor), base_url: web.base_url.clone(), gem, owners, own };
    Ok(render(StatusCode::OK, &page))
}

/// What only owners see.
async fn own_view(
    web: &Web,
    visitor: &Visitor,
    details: &PackageDetails,
    mut owners: impl Iterator<Item = &str>,
) -> Result<Option<OwnView>, Error> {
    let Some(signed_in) = &visitor.0 else { return Ok(None) };
    let account = signed_in.caller.account();
    if !owners.any(|handle| handle == account.handle) {
        return Ok(None);
    }
    let keys = web.registry.keys_reaching(account.id, &details.package.name).await?;
    let keys = keys.into_iter().map(|key| (key.id.to_string(), key.name)).collect();
    let events = web.registry.package_events(details.package.id).await?;
    Ok(Some(OwnView { keys, events: events.iter().map(row).collect() }))
}
