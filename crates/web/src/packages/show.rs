//! The page of a gem.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Ecosystem, PackageName, Role};
use http::StatusCode;
use registry::{Error, Missing, OwnerEntry, PackageDetails};

use super::{
    gem::{DependencyRow, GemView},
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

/// Dependencies that are looked up, to link those that are hosted here. A gem with more is a rare one.
const LOOKED_UP: usize = 100;

#[derive(Debug, Template)]
#[template(path = "packages/gem.html")]
struct GemPage {
    chrome: Chrome,
    base_url: String,
    gem: GemView,
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

/// `GET /gems/NAME`. A gem whose versions are all withdrawn is there for its owners only.
pub(super) async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, WebError> {
    let unknown = || Error::NotFound(Missing::Package);
    let name = gem_name(&name)?;
    let details = web.registry.package_details(&name).await?;
    let owners = web.registry.owners(&name).await?;
    let own = own_view(&web, &visitor, &details, &owners).await?;
    let gem = if own.is_some() { GemView::with_withdrawn(&details) } else { GemView::new(&details) };
    let mut gem = gem.ok_or_else(unknown)?;
    link_dependencies(&web, &mut gem.dependencies).await?;
    let readme = readme::load(&web, &details, gem.release, &gem.readme).await?;
    let owners = owners
        .into_iter()
        .map(|owner| OwnerRow { handle: owner.handle, role: owner.role.as_str() })
        .collect();
    let page = GemPage {
        chrome: Chrome::new(&web, &visitor),
        base_url: web.base_url.clone(),
        gem,
        readme,
        owners,
        own,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Notes which dependencies are hosted here.
pub(super) async fn link_dependencies(web: &Web, dependencies: &mut [DependencyRow]) -> Result<(), Error> {
    for dependency in dependencies.iter_mut().take(LOOKED_UP) {
        if let Ok(name) = PackageName::parse(Ecosystem::RubyGems, &dependency.name) {
            dependency.hosted = web.registry.is_hosted(&name).await?;
        }
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
    details: &PackageDetails,
    owners: &[OwnerEntry],
) -> Result<Option<OwnView>, Error> {
    let (Some(signed_in), Some(role)) = (&visitor.0, role_of(visitor, owners)) else { return Ok(None) };
    let account = signed_in.caller.account().id;
    let keys = web.registry.keys_reaching(account, &details.package.name).await?;
    let keys = keys.into_iter().map(|key| (key.id.to_string(), key.name)).collect();
    let (events, next) = web.registry.package_events(details.package.id, None).await?;
    let events = events.iter().map(row).collect();
    Ok(Some(OwnView { manages: role == Role::Owner, keys, events, more_events: next.is_some() }))
}
