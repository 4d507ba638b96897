//! One's own packages, of every ecosystem.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{Ecosystem, PackageName, Role};
use http::StatusCode;
use registry::OwnPackage;
use serde::Deserialize;

use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    keys::label,
    page::render,
    signed_in::{Member, Visitor},
};

/// Packages on a page.
const PAGE: usize = 100;

#[derive(Debug, Template)]
#[template(path = "packages/own.html")]
struct Own {
    chrome: Chrome,
    packages: Vec<OwnRow>,
    /// Whether others come before.
    has_previous: bool,
    /// Ecosystem and name of the package that the next page begins behind, if there is one.
    next: Option<(&'static str, String)>,
}

/// The package that a page begins behind.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    ecosystem: Option<String>,
    after: Option<String>,
}

impl After {
    /// What cannot be read is as if it were not there.
    fn name(&self) -> Option<PackageName> {
        let ecosystem: Ecosystem = self.ecosystem.as_deref()?.parse().ok()?;
        PackageName::parse(ecosystem, self.after.as_deref()?).ok()
    }
}

#[derive(Debug)]
struct OwnRow {
    name: String,
    ecosystem: &'static str,
    /// The path of its page below the base, where there is one.
    page: Option<String>,
    role: &'static str,
    manages: bool,
    versions: String,
    downloads: i64,
    owners: String,
    /// Id and name of the keys that reach it.
    keys: Vec<(String, String)>,
}

/// `GET /packages[?ecosystem=E&after=NAME]`
pub(super) async fn show(
    State(web): State<Web>,
    Member(signed_in): Member,
    Query(after): Query<After>,
) -> Result<Response, WebError> {
    let account = signed_in.caller.account().id;
    let page = web.registry.own_overview(account, after.name().as_ref(), PAGE).await?;
    let last = page.items.last().filter(|_| page.has_next).map(|own| &own.summary.package.name);
    let own = Own {
        chrome: Chrome::new(&web, &Visitor(Some(signed_in))),
        has_previous: page.has_previous,
        next: last.map(|name| (name.ecosystem().as_str(), name.as_str().to_owned())),
        packages: page.items.into_iter().map(own_row).collect(),
    };
    Ok(render(StatusCode::OK, &own))
}

fn own_row(own: OwnPackage) -> OwnRow {
    let summary = own.summary;
    let name = summary.package.name;
    OwnRow {
        page: (name.ecosystem() == Ecosystem::RubyGems).then(|| format!("/gems/{}", name.as_str())),
        ecosystem: label(name.ecosystem()),
        role: summary.role.as_str(),
        manages: summary.role == Role::Owner,
        versions: versions(summary.live, summary.withdrawn),
        downloads: summary.downloads,
        owners: own.owners.join(", "),
        keys: own.keys.into_iter().map(|key| (key.id.to_string(), key.name)).collect(),
        name: name.as_str().to_owned(),
    }
}

fn versions(live: i64, withdrawn: i64) -> String {
    match (live, withdrawn) {
        (live, 0) => live.to_string(),
        (0, withdrawn) => format!("none, {withdrawn} withdrawn"),
        (live, withdrawn) => format!("{live}, and {withdrawn} withdrawn"),
    }
}
