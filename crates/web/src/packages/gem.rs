//! A gem as people see it.

use std::collections::BTreeMap;

use registry::{Package, Recorded, Release};
use serde::Deserialize;

use crate::keys::utc;

/// A gem on its page and on those of its versions.
#[derive(Debug)]
pub(crate) struct GemView {
    /// The name of its readme.
    pub(crate) readme: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) authors: String,
    pub(crate) licenses: String,
    pub(crate) links: Vec<(String, String)>,
    pub(crate) dependencies: Vec<DependencyRow>,
}

/// A gem that is needed.
#[derive(Debug)]
pub(crate) struct DependencyRow {
    pub(crate) name: String,
    pub(crate) requirement: String,
    /// Whether it has a page here.
    pub(crate) hosted: bool,
}

/// A version in the list of a gem.
#[derive(Debug)]
pub(crate) struct VersionRow {
    /// With the platform, if it is for one: what stands in the address of its page.
    pub(crate) number: String,
    pub(crate) published: String,
    pub(crate) prerelease: bool,
    /// When it was withdrawn.
    pub(crate) withdrawn: Option<String>,
}

/// The part of the recorded facts that a page shows.
#[derive(Debug, Deserialize)]
struct Facts {
    spec: Spec,
    /// The name of the readme, if there is one.
    #[serde(default)]
    readme: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Spec {
    summary: String,
    description: Option<String>,
    authors: Vec<String>,
    licenses: Vec<String>,
    homepage: Option<String>,
    metadata: BTreeMap<String, String>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    requirement: serde_json::Value,
    kind: String,
}

impl GemView {
    /// The view of a gem as one of its releases shows it; none if what was recorded cannot be read.
    pub(crate) fn new(package: &Package, release: &Release, recorded: Recorded) -> Option<Self> {
        let Facts { spec, readme } = serde_json::from_value(recorded.facts).ok()?;
        Some(Self {
            readme: readme.unwrap_or_default(),
            name: package.name.as_str().to_owned(),
            version: release.number.clone(),
            links: links(&spec),
            dependencies: dependencies(&spec),
            authors: spec.authors.join(", "),
            licenses: spec.licenses.join(", "),
            description: spec.description.unwrap_or_default(),
            summary: spec.summary,
        })
    }
}

fn dependencies(spec: &Spec) -> Vec<DependencyRow> {
    let runtime = spec.dependencies.iter().filter(|dependency| dependency.kind == "runtime");
    let row = |dependency: &Dependency| DependencyRow {
        name: dependency.name.clone(),
        requirement: requirement(&dependency.requirement),
        hosted: false,
    };
    runtime.map(row).collect()
}

/// A release in the list of versions.
pub(crate) fn version_row(release: &Release) -> VersionRow {
    VersionRow {
        number: full_number(release),
        published: utc(release.published_at),
        prerelease: release.prerelease,
        withdrawn: release.withdrawn_at.map(utc),
    }
}

/// `1.0.0` or `1.0.0-java`.
pub(crate) fn full_number(release: &Release) -> String {
    registry::full_number(&release.number, &release.platform)
}

/// Links to other sites: only those that a browser opens as pages.
fn links(spec: &Spec) -> Vec<(String, String)> {
    let homepage = spec.homepage.iter().map(|uri| ("homepage", uri));
    let named = spec.metadata.iter().filter_map(|(key, uri)| Some((key.strip_suffix("_uri")?, uri)));
    let mut links: Vec<(String, String)> = homepage
        .chain(named)
        .filter(|(_, uri)| uri.starts_with("https://") || uri.starts_with("http://"))
        .map(|(name, uri)| (name.replace('_', " "), uri.clone()))
        .collect();
    links.sort();
    links.dedup_by(|a, b| a.0 == b.0);
    links
}

/// A requirement as it was recorded: a text, or a list of texts.
fn requirement(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(requirement).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
