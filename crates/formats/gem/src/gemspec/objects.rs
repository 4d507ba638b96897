//! Versions, requirements and dependencies as they stand in a gemspec.

use super::fields::{Fields, items, text, unexpected};
use crate::refusal::Refusal;
use crate::requirement::{Clause, Operator, Requirement};
use crate::scalar::Scalar;
use crate::specification::{Dependency, DependencyKind};
use crate::version::Version;
use crate::yaml::Node;

const VERSION: &[&str] = &["!ruby/object:Gem::Version"];
/// Versions of `RubyGems` before 1.9 wrote down their caches too.
const VERSION_KEYS: &[&str] = &["version", "prerelease", "segments", "hash"];
const REQUIREMENT: &[&str] = &["!ruby/object:Gem::Requirement", "!ruby/object:Gem::Version::Requirement"];
const REQUIREMENT_KEYS: &[&str] = &["requirements", "version", "none"];
const DEPENDENCY: &[&str] = &["!ruby/object:Gem::Dependency"];
const DEPENDENCY_KEYS: &[&str] = &[
    "name",
    "type",
    "prerelease",
    "requirement",
    "version_requirements",
    "version_requirement",
    "force_ruby_platform",
];

/// The number of the release. It must be a text for Ruby, which would read `1.10` without quotes as the number 1.1, and hold
/// nothing but the version: its text becomes the name of a file.
pub(super) fn release_version(node: &Node) -> Result<Version, Refusal> {
    let number =
        text(Fields::of(node, "Gem::Version", VERSION, VERSION_KEYS)?.require("version")?, "version")?;
    if number.is_empty() {
        return Err(Refusal::Policy("missing value for attribute version".to_owned()));
    }
    match Version::parse(&number) {
        Ok(version) if version.as_str() == number => Ok(version),
        _ => Err(unexpected(node, &format!("malformed version number {number:?}"))),
    }
}

/// A requirement, or nothing, which asks nothing.
pub(super) fn requirement(node: Option<&Node>) -> Result<Requirement, Refusal> {
    let Some(node) = node else { return Ok(Requirement::default()) };
    let fields = Fields::of(node, "Gem::Requirement", REQUIREMENT, REQUIREMENT_KEYS)?;
    fields.require_null("version")?;
    let Some(list) = fields.get("requirements") else { return Ok(Requirement::default()) };
    let clauses = items(list, "requirements")?.iter().map(clause).collect::<Result<_, _>>()?;
    Ok(Requirement::from_clauses(clauses))
}

fn clause(node: &Node) -> Result<Clause, Refusal> {
    let [operator, version] = items(node, "a requirement")? else {
        return Err(unexpected(node, "a requirement must be an operator and a version"));
    };
    let symbol = text(operator, "the operator of a requirement")?;
    let operator = Operator::parse(&symbol)
        .ok_or_else(|| unexpected(operator, &format!("unexpected operator {symbol:?} of a requirement")))?;
    Ok(Clause { operator, version: required_version(version)? })
}

/// The version of a clause. Nothing there is short for 0.
fn required_version(node: &Node) -> Result<Version, Refusal> {
    let fields = Fields::of(node, "Gem::Version", VERSION, VERSION_KEYS)?;
    let Some(node) = fields.get("version") else { return Ok(Version::zero()) };
    let number = text(node, "the version of a requirement")?;
    if number.trim().is_empty() {
        return Ok(Version::zero());
    }
    Version::parse(&number)
        .map_err(|_| unexpected(node, &format!("malformed version number {number:?} of a requirement")))
}

/// A gem that this one needs.
pub(super) fn dependency(node: &Node) -> Result<Dependency, Refusal> {
    let fields = Fields::of(node, "Gem::Dependency", DEPENDENCY, DEPENDENCY_KEYS)?;
    fields.require_null("version_requirement")?;
    let name = text(fields.require("name")?, "the name of a dependency")?;
    let kind = match fields.optional_text("type")?.as_deref() {
        None | Some(":runtime") => DependencyKind::Runtime,
        Some(":development") => DependencyKind::Development,
        Some(other) => return Err(unexpected(node, &format!("unexpected dependency type {other:?}"))),
    };
    let written = requirement(fields.get("version_requirements"))?;
    let requirement = match fields.get("requirement") {
        Some(node) => requirement(Some(node))?,
        None => written,
    };
    for flag in ["prerelease", "force_ruby_platform"] {
        if let Some(node) = fields.get(flag)
            && Scalar::of(node).is_none()
        {
            return Err(unexpected(node, &format!("{flag} must be true or false")));
        }
    }
    Ok(Dependency { name, requirement, kind })
}
