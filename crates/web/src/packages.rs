//! Pages of packages: search, one page for each, one for each version, their owners, and one's own.

mod gem;
mod own;
mod owners;
mod readme;
mod show;
mod version;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{Ecosystem, PackageName};
use futures_util::{TryStreamExt as _, stream};
use http::{Method, StatusCode};
use http_kit::{Access, Routes};
use registry::{Error, Listed, Listing, Missing, Recorded};
use serde::Deserialize;

use crate::{Web, chrome::Chrome, error::WebError, events, page::render, signed_in::Visitor};

/// Packages on a page of the search.
const PAGE: u32 = 30;

pub(crate) fn routes() -> Routes<Web> {
    const VERSION: &str = "/gems/{name}/versions/{number}";
    const WITHDRAW: &str = "/gems/{name}/versions/{number}/withdraw";
    Routes::default()
        .add(Method::GET, "/gems", Access::Public, search)
        .add(Method::GET, "/gems/{name}", Access::Public, show::show)
        .add(Method::GET, VERSION, Access::Public, version::show)
        .add(Method::GET, WITHDRAW, Access::Session, version::ask_withdraw)
        .add(Method::POST, WITHDRAW, Access::Session, version::withdraw)
        .add(Method::GET, "/gems/{name}/events", Access::Session, events::of_gem)
        .add(Method::GET, "/packages", Access::Session, own::show)
        .merge(owners::routes())
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
    gems: Vec<FoundGem>,
    next: Option<u32>,
}

/// A gem that was found. Of what was recorded only this much is kept.
#[derive(Debug)]
struct FoundGem {
    name: String,
    version: String,
    summary: String,
}

impl FoundGem {
    fn new((listed, recorded): (Listed, Recorded)) -> Self {
        Self {
            name: listed.package.name.as_str().to_owned(),
            version: listed.latest.number,
            summary: recorded.facts["spec"]["summary"].as_str().unwrap_or_default().to_owned(),
        }
    }
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
    let found =
        web.registry.with_recorded(stream::iter(found.into_iter().map(Ok)), |listed| listed.latest.id);
    let gems = found.map_ok(FoundGem::new).try_collect().await?;
    let page = SearchPage { chrome: Chrome::new(&web, &visitor), query: search.query, gems, next };
    Ok(render(StatusCode::OK, &page))
}

/// The name of a gem in an address.
pub(crate) fn gem_name(text: &str) -> Result<PackageName, WebError> {
    PackageName::parse(Ecosystem::RubyGems, text).map_err(|_| Error::NotFound(Missing::Package).into())
}

/// A question before something is done that cannot be undone.
#[derive(Debug, Template)]
#[template(path = "packages/confirm.html")]
struct Confirm {
    chrome: Chrome,
    title: String,
    consequence: String,
    /// The path that the button leads to, below the base.
    action: String,
    /// What the button sends along: the handle that it is about.
    login: Option<String>,
    button: &'static str,
    /// The path of the page that the question was asked from.
    back: String,
}
