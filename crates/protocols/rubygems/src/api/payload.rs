//! What programs read of a gem and of its versions.

use domain::Timestamp;
use gem_format::{Dependency, DependencyKind, Specification, Version};
use registry::{Package, Recorded, Release};
use serde_json::{Map, Value, json};

use super::push::{GEM, QUICK};
use crate::{GemError, GemResult};

/// The links of a gem, in the order in which they are told.
const LINKS: [&str; 8] = [
    "homepage_uri",
    "wiki_uri",
    "documentation_uri",
    "mailing_list_uri",
    "source_code_uri",
    "bug_tracker_uri",
    "changelog_uri",
    "funding_uri",
];

/// The gemspec that was recorded with a release.
pub(super) fn specification(recorded: &Recorded) -> GemResult<Specification> {
    serde_json::from_value(recorded.facts["spec"].clone()).map_err(|error| GemError::internal(&error))
}

/// Sorts releases newest version first, `ruby` before other platforms.
pub(super) fn sort_newest_first(releases: &mut [Release]) {
    releases.sort_by_cached_key(|release| {
        (
            std::cmp::Reverse(Version::parse(&release.number).ok()),
            release.platform != "ruby",
            release.platform.clone(),
        )
    });
}

/// A gem as one of its releases shows it.
pub(super) struct Shown<'a> {
    pub(super) package: &'a Package,
    /// Downloads of all its releases.
    pub(super) downloads: i64,
    pub(super) release: &'a Release,
    pub(super) recorded: &'a Recorded,
}

/// The document about a gem.
pub(super) fn gem(shown: &Shown<'_>, base: &str) -> GemResult<Map<String, Value>> {
    let Shown { package, downloads, release, recorded } = *shown;
    let spec = specification(recorded)?;
    let name = package.name.as_str();
    let mut fields = Map::new();
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("name", json!(name));
    set("downloads", json!(downloads));
    set("version", json!(release.number));
    set("version_created_at", json!(instant(release.published_at)));
    set("version_downloads", json!(release.downloads));
    set("platform", json!(release.platform));
    set("authors", json!(spec.authors.join(", ")));
    set("info", json!(info(&spec)));
    set("licenses", json!(spec.licenses));
    set("metadata", json!(spec.metadata));
    set("yanked", json!(release.withdrawn_at.is_some()));
    set("sha", json!(digest(recorded, GEM)));
    set("spec_sha", json!(digest(recorded, QUICK)));
    set("project_uri", json!(format!("{base}/gems/{name}")));
    set("gem_uri", json!(format!("{base}/rubygems/gems/{}.gem", spec.full_name())));
    for link in LINKS {
        set(link, link_value(&spec, link));
    }
    set("dependencies", dependencies(&spec));
    Ok(fields)
}

fn link_value(spec: &Specification, link: &str) -> Value {
    let homepage = || spec.homepage.clone().filter(|_| link == "homepage_uri");
    json!(spec.metadata.get(link).cloned().or_else(homepage).filter(|uri| !uri.is_empty()))
}

fn info(spec: &Specification) -> String {
    let text = spec.description.as_deref().filter(|text| !text.trim().is_empty());
    let text = text.or(Some(spec.summary.as_str())).filter(|text| !text.trim().is_empty());
    text.unwrap_or("This gem has no description or summary.").to_owned()
}

fn dependencies(spec: &Specification) -> Value {
    let of_kind = |kind: DependencyKind| -> Vec<Value> {
        let mut list: Vec<&Dependency> =
            spec.dependencies.iter().filter(|dependency| dependency.kind == kind).collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list.iter().map(|d| json!({ "name": d.name, "requirements": d.requirement.to_string() })).collect()
    };
    json!({ "development": of_kind(DependencyKind::Development), "runtime": of_kind(DependencyKind::Runtime) })
}

/// The document about one version.
pub(super) fn version(release: &Release, recorded: &Recorded) -> GemResult<Map<String, Value>> {
    let spec = specification(recorded)?;
    let mut fields = Map::new();
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("authors", json!(spec.authors.join(", ")));
    set("built_at", json!(spec.date.map(|date| format!("{date}T00:00:00.000Z"))));
    set("created_at", json!(instant(release.published_at)));
    set("description", json!(spec.description));
    set("downloads_count", json!(release.downloads));
    set("metadata", json!(spec.metadata));
    set("number", json!(release.number));
    set("summary", json!(spec.summary));
    set("platform", json!(release.platform));
    set("rubygems_version", json!(spec.required_rubygems_version.to_string()));
    set("ruby_version", json!(spec.required_ruby_version.to_string()));
    set("prerelease", json!(release.prerelease));
    set("licenses", json!(spec.licenses));
    set("requirements", json!(spec.requirements));
    set("sha", json!(digest(recorded, GEM)));
    set("spec_sha", json!(digest(recorded, QUICK)));
    Ok(fields)
}

fn digest(recorded: &Recorded, kind: &str) -> Option<String> {
    let file = recorded.artifacts.iter().find(|artifact| artifact.kind == kind);
    file.map(|artifact| hex::encode(artifact.sha256))
}

/// An instant as Rails writes it: UTC with milliseconds.
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
