//! What `gem build` would refuse, in its words, and what is too large to be kept.

use std::collections::HashMap;

use crate::gemspec::Gemspec;
use crate::link::{LINK_KEYS, is_link, is_web_address};
use crate::refusal::Refusal;
use crate::size;
use crate::specification::{Dependency, Specification};

/// Longest licence, in characters.
const LICENSE_LENGTH: usize = 64;
/// Longest key of `metadata`, in characters.
const METADATA_KEY_LENGTH: usize = 128;
/// Longest value of `metadata`, in characters.
const METADATA_VALUE_LENGTH: usize = 1024;

/// Checks a gemspec that keeps the schema, up to the first fault.
pub(crate) fn check(gemspec: &Gemspec) -> Result<(), Refusal> {
    let spec = &gemspec.spec;
    let faults = [
        size::fault(spec),
        require_paths(spec),
        self_inclusion(gemspec),
        authors(spec),
        metadata(spec),
        licenses(spec),
        homepage(spec),
        duplicate_dependencies(spec),
    ];
    match faults.into_iter().flatten().next() {
        Some(fault) => Err(Refusal::Policy(fault)),
        None => Ok(()),
    }
}

fn require_paths(spec: &Specification) -> Option<String> {
    spec.require_paths.is_empty().then(|| "specification must have at least one require_path".to_owned())
}

fn self_inclusion(gemspec: &Gemspec) -> Option<String> {
    let full_name = gemspec.spec.resolved_full_name();
    let file_name = format!("{full_name}.gem");
    gemspec
        .files
        .contains(&file_name)
        .then(|| format!("{full_name} contains itself ({file_name}), check your files list"))
}

fn authors(spec: &Specification) -> Option<String> {
    spec.authors.is_empty().then(|| "authors may not be empty".to_owned())
}

fn metadata(spec: &Specification) -> Option<String> {
    spec.metadata.iter().find_map(|(key, value)| {
        let (key_length, value_length) = (key.chars().count(), value.chars().count());
        if key_length > METADATA_KEY_LENGTH {
            Some(format!("metadata key is too large ({key_length} > {METADATA_KEY_LENGTH})"))
        } else if value_length > METADATA_VALUE_LENGTH {
            Some(format!("metadata['{key}'] value is too large ({value_length} > {METADATA_VALUE_LENGTH})"))
        } else if LINK_KEYS.contains(&key.as_str()) && !is_link(value) {
            Some(format!("metadata['{key}'] has invalid link: {value:?}"))
        } else {
            None
        }
    })
}

fn licenses(spec: &Specification) -> Option<String> {
    let is_long = |license: &String| license.chars().count() > LICENSE_LENGTH;
    spec.licenses
        .iter()
        .any(is_long)
        .then(|| format!("each license must be {LICENSE_LENGTH} characters or less"))
}

fn homepage(spec: &Specification) -> Option<String> {
    let homepage = spec.homepage.as_deref().filter(|homepage| !homepage.is_empty())?;
    (!is_web_address(homepage)).then(|| format!("\"{homepage}\" is not a valid HTTP URI"))
}

fn duplicate_dependencies(spec: &Specification) -> Option<String> {
    let mut seen: HashMap<_, &Dependency> = HashMap::new();
    spec.dependencies.iter().find_map(|dependency| {
        let previous = seen.insert((&dependency.name, dependency.kind), dependency)?;
        let (name, kind) = (&dependency.name, dependency.kind.as_str());
        let (later, earlier) = (&dependency.requirement, &previous.requirement);
        Some(format!(
            "duplicate dependency on {name} ({later}), ({earlier}) use:\n    \
             add_{kind}_dependency '{name}', '{later}', '{earlier}'"
        ))
    })
}
