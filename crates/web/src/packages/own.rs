//! One's own packages, of every ecosystem.

use askama::Template;
use axum::{extract::State, response::Response};
use domain::{Ecosystem, Role};
use http::StatusCode;
use registry::OwnPackage;

use crate::{
    Web,
    chrome::Chrome,
    error::WebError,
    keys::label,
    page::render,
    signed_in::{Member, Visitor},
};

#[derive(Debug, Template)]
#[template(path = "packages/own.html")]
struct Own {
    chrome: Chrome,
    packages: Vec<OwnRow>,
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

/// `GET /packages`
pub(super) async fn show(State(web): State<Web>, Member(signed_in): Member) -> Result<Response, WebError> {
    let packages = web.registry.own_overview(signed_in.caller.account().id).await?;
    let packages = packages.into_iter().map(own_row).collect();
    Ok(render(StatusCode::OK, &Own { chrome: Chrome::new(&web, &Visitor(Some(signed_in))), packages }))
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
