//! The page of a gem.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{Ecosystem, PackageName, ReleaseId, Role};
use http::StatusCode;
use registry::{Error, Missing, OwnerEntry, Package, PageStart, Release};
use serde::Deserialize;

use super::{
    gem::{DependencyRow, GemView, VersionRow, version_row},
    gem_name, readme,
};
use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    events::{EventRow, row},
    page::render,
    signed_in::Visitor,
};

/// Versions on a page.
const VERSIONS: usize = 100;

#[derive(Debug, Template)]
#[template(path = "packages/gem.html")]
struct GemPage {
    chrome: Chrome,
    base_url: String,
    gem: GemView,
    /// Downloads of all versions.
    downloads: i64,
    versions: Versions,
    /// HTML that was made harmless.
    readme: Option<String>,
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
    /// Whether owners can be managed.
    manages: bool,
    keys: Vec<(String, String)>,
    events: Vec<EventRow>,
    /// There are more of them, on a page of their own.
    more_events: bool,
}

/// A page of the versions of a gem, withdrawn ones among them, newest first.
#[derive(Debug)]
struct Versions {
    rows: Vec<VersionRow>,
    /// The version that the page with newer ones ends before, if there are any.
    newer: Option<ReleaseId>,
    /// The version that the page with older ones begins behind, if there are any.
    older: Option<ReleaseId>,
}

/// Which versions to show.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    newer: Option<String>,
    older: Option<String>,
}

impl Which {
    /// What cannot be read is as if it were not there.
    fn start(&self) -> PageStart {
        let id = |text: &Option<String>| text.as_ref()?.parse().ok();
        match (id(&self.older), id(&self.newer)) {
            (Some(older), _) => PageStart::OlderThan(older),
            (None, Some(newer)) => PageStart::NewerThan(newer),
            (None, None) => PageStart::Newest,
        }
    }
}

/// `GET /gems/NAME[?older=ID|?newer=ID]`. A gem whose versions are all withdrawn is there for its owners only.
pub(super) async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, WebError> {
    let package = web.registry.package(&gem_name(&name)?).await?;
    let owners = web.registry.owners(&package.name).await?;
    let own = own_view(&web, &visitor, &package, &owners).await?;
    let (release, downloads) = shown(&web, &package, own.is_some()).await?;
    let recorded = web.registry.recorded(release.id).await?;
    let files = recorded.artifacts.clone();
    let unknown = || Error::NotFound(Missing::Package);
    let mut gem = GemView::new(&package, &release, recorded).ok_or_else(unknown)?;
    link_dependencies(&web, &mut gem.dependencies).await?;
    let owners = owners
        .into_iter()
        .map(|owner| OwnerRow { handle: owner.handle, role: owner.role.as_str() })
        .collect();
    let page = GemPage {
        chrome: Chrome::new(&web, &visitor),
        base_url: web.base_url.clone(),
        readme: readme::load(&web, &files, &gem.readme).await?,
        versions: versions(&web, &package, which.start()).await?,
        gem,
        downloads,
        owners,
        own,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The release that stands for a gem, and the downloads of all. Only its owners see one whose versions are all withdrawn.
async fn shown(web: &Web, package: &Package, is_owner: bool) -> Result<(Release, i64), Error> {
    match web.registry.listed(&package.name).await {
        Err(Error::NotFound(missing)) if is_owner => {
            let release = web.registry.newest_withdrawn(package.id).await?;
            Ok((release.ok_or(Error::NotFound(missing))?, web.registry.downloads(package.id).await?))
        }
        listed => listed.map(|listed| (listed.latest, listed.downloads)),
    }
}

async fn versions(web: &Web, package: &Package, start: PageStart) -> Result<Versions, Error> {
    let page = web.registry.releases_page(package.id, start, VERSIONS).await?;
    Ok(Versions {
        newer: page.items.first().filter(|_| page.has_previous).map(|release| release.id),
        older: page.items.last().filter(|_| page.has_next).map(|release| release.id),
        rows: page.items.iter().map(version_row).collect(),
    })
}

/// Notes which dependencies are hosted here.
pub(super) async fn link_dependencies(web: &Web, dependencies: &mut [DependencyRow]) -> Result<(), Error> {
    let key = |row: &DependencyRow| PackageName::parse(Ecosystem::RubyGems, &row.name).ok();
    let names: Vec<Option<PackageName>> = dependencies.iter().map(key).collect();
    let keys: Vec<&str> = names.iter().flatten().map(PackageName::key).collect();
    let hosted = web.registry.hosted(Ecosystem::RubyGems, &keys).await?;
    for (dependency, name) in dependencies.iter_mut().zip(&names) {
        dependency.hosted = name.as_ref().is_some_and(|name| hosted.contains(name.key()));
    }
    Ok(())
}

/// The role of whoever visits.
pub(super) fn role_of(visitor: &Visitor, owners: &[OwnerEntry]) -> Option<Role> {
    let handle = &visitor.0.as_ref()?.caller.account().handle;
    owners.iter().find(|owner| owner.handle == *handle).map(|owner| owner.role)
}

/// What only owners see.
async fn own_view(
    web: &Web,
    visitor: &Visitor,
    package: &Package,
    owners: &[OwnerEntry],
) -> Result<Option<OwnView>, Error> {
    let (Some(signed_in), Some(role)) = (&visitor.0, role_of(visitor, owners)) else { return Ok(None) };
    let account = signed_in.caller.account().id;
    let keys = web.registry.keys_reaching(account, &package.name).await?;
    let keys = keys.into_iter().map(|key| (key.id.to_string(), key.name)).collect();
    let (events, next) = web.registry.package_events(package.id, None).await?;
    let events = events.iter().map(row).collect();
    Ok(Some(OwnView { manages: role == Role::Owner, keys, events, more_events: next.is_some() }))
}
