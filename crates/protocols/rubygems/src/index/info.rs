use std::{fmt::Write as _, sync::Arc};

use domain::{Ecosystem, PackageId, PackageName};
use gem_format::{Platform, Requirement, Specification};
use moka::sync::Cache;
use registry::{IndexedRelease, Missing, Registry, Result};

use super::Document;

/// How many bytes of `/info` documents are kept.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// What a document takes besides its text, in bytes: its tag, its digest, its place in the cache.
const ENTRY_BYTES: u32 = 400;

/// What `/info` says of a release after its version: `DEPENDENCIES|checksum:SHA256[,ruby:…][,rubygems:…]`.
///
/// Every runtime dependency is listed, whether this server has it or not: most live elsewhere, and a client that is not told of
/// them installs a broken set.
pub(crate) fn index_text(spec: &Specification, sha256: &str) -> String {
    let mut dependencies: Vec<_> = spec.runtime_dependencies().collect();
    dependencies.sort_by(|a, b| a.name.cmp(&b.name));
    let dependencies: Vec<_> = dependencies
        .iter()
        .map(|dependency| format!("{}:{}", dependency.name, dependency.requirement.compact()))
        .collect();
    let mut text = format!("{}|checksum:{sha256}", dependencies.join(","));
    push_requirement(&mut text, "ruby", &spec.required_ruby_version);
    push_requirement(&mut text, "rubygems", &spec.required_rubygems_version);
    text
}

fn push_requirement(text: &mut String, key: &str, requirement: &Requirement) {
    if !requirement.is_default() {
        push(text, format_args!(",{key}:{}", requirement.compact()));
    }
}

/// The whole document of a gem with these live releases, which are in the order of publication.
pub(crate) fn render(live: &[IndexedRelease], created_at: bool) -> String {
    let mut text = "---\n".to_owned();
    for release in live {
        push_version(&mut text, &release.number, &release.platform);
        push(&mut text, format_args!(" {}", release.index_text));
        if created_at {
            push(&mut text, format_args!(",created_at:{}", instant(release.published_at)));
        }
        text.push('\n');
    }
    text
}

/// An instant as the compact index writes it: UTC, whole seconds.
pub(crate) fn instant(instant: domain::Timestamp) -> impl std::fmt::Display {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ")
}

/// Appends `NUMBER`, and `-PLATFORM` unless the release runs anywhere.
pub(crate) fn push_version(text: &mut String, number: &str, platform: &str) {
    text.push_str(number);
    if platform != Platform::RUBY {
        text.push('-');
        text.push_str(platform);
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("a string takes every text");
}

/// Keeps the `/info` documents that are asked for most.
#[derive(Debug)]
pub(crate) struct Infos {
    created_at: bool,
    /// By package and its revision: what is here never changes.
    documents: Cache<(PackageId, i64), Arc<Document>>,
}

impl Infos {
    pub(crate) fn new(created_at: bool) -> Self {
        let weight = |_: &_, document: &Arc<Document>| {
            u32::try_from(document.length()).unwrap_or(u32::MAX).saturating_add(ENTRY_BYTES)
        };
        let documents = Cache::builder().max_capacity(CACHE_BYTES).weigher(weight).build();
        Self { created_at, documents }
    }

    pub(crate) async fn document(&self, registry: &Registry, name: &str) -> Result<Arc<Document>> {
        let package = registry.package(&PackageName::stored(Ecosystem::RubyGems, name.to_owned())).await?;
        // Names compare without letter case, paths with it.
        if package.name.as_str() != name {
            return Err(Missing::Package.into());
        }
        let key = (package.id, package.revision);
        if let Some(document) = self.documents.get(&key) {
            return Ok(document);
        }
        let live = registry.live_gem_releases(package.id).await?;
        let document = Arc::new(Document::text(render(&live, self.created_at), package.changed_at));
        self.documents.insert(key, Arc::clone(&document));
        Ok(document)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::Timestamp;

    use super::*;

    /// A release as the records hold it.
    pub(crate) fn release(name: &str, number: &str, platform: &str) -> IndexedRelease {
        IndexedRelease {
            id: domain::ReleaseId::new(Timestamp::UNIX_EPOCH),
            package: PackageId::new(Timestamp::UNIX_EPOCH),
            name: name.to_owned(),
            number: number.to_owned(),
            platform: platform.to_owned(),
            prerelease: number.contains(char::is_alphabetic),
            index_text: "|checksum:00ff".to_owned(),
            published_at: "2026-07-29T01:02:03.9Z".parse().unwrap(),
        }
    }

    /// A gemspec with what the index reads of it.
    fn spec(dependencies: &[(&str, &[&str], &str)], ruby: &[&str], rubygems: &[&str]) -> Specification {
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(name, clauses, kind)| serde_json::json!({"name": name, "requirement": clauses, "kind": kind}))
            .collect();
        let spec = serde_json::json!({
            "name": "a", "version": "1.0.0", "platform": {"original": "ruby", "resolved": "ruby"},
            "authors": ["A"], "emails": [], "summary": "s", "licenses": [], "metadata": {},
            "dependencies": dependencies, "required_ruby_version": ruby, "required_rubygems_version": rubygems,
            "specification_version": 4, "requirements": [], "cert_chain": [], "require_paths": ["lib"],
            "executables": [], "extensions": [],
        });
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn runtime_dependencies_are_sorted_and_their_requirements_joined() {
        let dependencies: &[(&str, &[&str], &str)] = &[
            ("unknown", &[">= 0"], "runtime"),
            ("rspec", &["~> 3"], "development"),
            ("dep", &[">= 1", "< 3"], "runtime"),
        ];
        let text = index_text(&spec(dependencies, &[">= 0"], &[">= 0"]), "00ff");
        assert_eq!(text, "dep:< 3&>= 1,unknown:>= 0|checksum:00ff");
    }

    #[test]
    fn required_versions_are_named_unless_any_will_do() {
        let text = index_text(&spec(&[], &[">= 3.1", "< 4"], &["> 3.0"]), "00ff");
        assert_eq!(text, "|checksum:00ff,ruby:< 4&>= 3.1,rubygems:> 3.0");
        assert_eq!(index_text(&spec(&[], &[">= 0"], &[]), "00ff"), "|checksum:00ff");
    }

    #[test]
    fn each_live_release_has_a_line() {
        let live = [release("a", "1.0.0", "ruby"), release("a", "1.0.0", "java")];
        assert_eq!(
            render(&live, true),
            "---\n1.0.0 |checksum:00ff,created_at:2026-07-29T01:02:03Z\n\
             1.0.0-java |checksum:00ff,created_at:2026-07-29T01:02:03Z\n"
        );
        assert_eq!(render(&live, false), "---\n1.0.0 |checksum:00ff\n1.0.0-java |checksum:00ff\n");
        assert_eq!(render(&[], true), "---\n");
    }
}
