//! What programs read of a gem and of its versions.

use domain::{ReleaseId, Timestamp};
use gem_format::{Dependency, DependencyKind, Specification, Version};
use registry::{Artifact, PackageDetails, Release};
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
pub(super) fn specification(release: &Release) -> GemResult<Specification> {
    serde_json::from_value(release.facts["spec"].clone()).map_err(|error| GemError::internal(&error))
}

/// The release that stands for the gem: the newest for every platform, else the newest for another, else the newest prerelease.
pub(super) fn representative(releases: &[Release]) -> Option<&Release> {
    let newest = |choose: &dyn Fn(&&Release) -> bool| {
        releases.iter().filter(choose).max_by_key(|release| Version::parse(&release.number).ok())
    };
    newest(&|release| !release.prerelease && release.platform == "ruby")
        .or_else(|| newest(&|release| !release.prerelease))
        .or_else(|| newest(&|_| true))
}

/// Releases newest version first, `ruby` before other platforms.
pub(super) fn newest_first(releases: &[Release]) -> Vec<&Release> {
    let mut sorted: Vec<&Release> = releases.iter().collect();
    sorted.sort_by_cached_key(|release| {
        (
            std::cmp::Reverse(Version::parse(&release.number).ok()),
            release.platform != "ruby",
            release.platform.clone(),
        )
    });
    sorted
}

/// The document about a gem as one of its releases shows it.
pub(super) fn gem(details: &PackageDetails, release: &Release, base: &str) -> GemResult<Map<String, Value>> {
    let spec = specification(release)?;
    let name = details.package.name.as_str();
    let mut fields = Map::new();
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("name", json!(name));
    set("downloads", json!(details.downloads));
    set("version", json!(release.number));
    set("version_created_at", json!(instant(release.published_at)));
    set("version_downloads", json!(release.downloads));
    set("platform", json!(release.platform));
    set("authors", json!(spec.authors.join(", ")));
    set("info", json!(info(&spec)));
    set("licenses", json!(spec.licenses));
    set("metadata", json!(spec.metadata));
    set("yanked", json!(release.withdrawn_at.is_some()));
    set("sha", json!(digest(details, release.id, GEM)));
    set("spec_sha", json!(digest(details, release.id, QUICK)));
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
pub(super) fn version(details: &PackageDetails, release: &Release) -> GemResult<Map<String, Value>> {
    let spec = specification(release)?;
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
    set("sha", json!(digest(details, release.id, GEM)));
    set("spec_sha", json!(digest(details, release.id, QUICK)));
    Ok(fields)
}

fn digest(details: &PackageDetails, release: ReleaseId, kind: &str) -> Option<String> {
    let artifacts: &[Artifact] = details.artifacts.get(&release).map_or(&[], Vec::as_slice);
    artifacts.iter().find(|artifact| artifact.kind == kind).map(|artifact| hex::encode(artifact.sha256))
}

/// An instant as Rails writes it: UTC with milliseconds.
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
