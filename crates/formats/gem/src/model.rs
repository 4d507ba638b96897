//! What a registry asks of a gemspec beyond `gem build`, as far as the gemspec alone can tell.

use crate::link::{LINK_KEYS, is_link};
use crate::name::{self, is_allowed, is_separator};
use crate::platform::Platform;
use crate::requirement::Requirement;
use crate::specification::{Dependency, Specification};

/// Longest name, number, platform, list of licences and requirement, in characters.
const SHORT: usize = 255;
/// Longest description, summary, and lists of authors, requirements and certificates, in characters.
const LONG: usize = 64_000;
/// Endings that would make a name's page look like a file.
const FILE_EXTENSIONS: [&str; 4] = [".gem", ".json", ".html", ".gemspec"];

/// What is wrong with a gemspec, as sentences that begin with the attribute; nothing if it may be published.
///
/// Whether the name is free, reserved or too similar to another is for the registry to know.
pub fn check_model(spec: &Specification) -> Vec<String> {
    [name_faults(&spec.name), number_faults(spec), platform_faults(&spec.platform), text_faults(spec)]
        .into_iter()
        .flatten()
        .chain(metadata_faults(spec))
        .chain(spec.dependencies.iter().flat_map(dependency_faults))
        .collect()
}

fn name_faults(name: &str) -> Vec<String> {
    let lower = name.to_ascii_lowercase();
    let mut faults = Vec::new();
    faults.extend(too_long("Name", name, SHORT));
    faults.extend(name::fault(name).map(|fault| format!("Name {}", fault.registry_text())));
    if name.ends_with(is_separator) {
        faults.push("Name can not end with a period, dash, or underscore".to_owned());
    }
    if FILE_EXTENSIONS.iter().any(|extension| lower.ends_with(extension)) {
        faults.push("Name can not end with a common file extension".to_owned());
    }
    faults
}

fn number_faults(spec: &Specification) -> Vec<String> {
    let number = spec.version.as_str();
    let mut faults: Vec<_> = too_long("Number", number, SHORT).into_iter().collect();
    if number.contains('-') {
        faults.push("Number cannot contain a dash (it will be uninstallable)".to_owned());
    }
    faults
}

fn platform_faults(platform: &Platform) -> Vec<String> {
    [("Platform", &platform.original), ("Gem platform", &platform.resolved)]
        .into_iter()
        .flat_map(|(attribute, text)| {
            let is_valid = text.chars().all(is_allowed)
                && !text.starts_with(is_separator)
                && !text.ends_with(is_separator);
            let invalid = (!is_valid).then(|| format!("{attribute} is invalid"));
            too_long(attribute, text, SHORT).into_iter().chain(invalid)
        })
        .collect()
}

fn text_faults(spec: &Specification) -> Vec<String> {
    let short = [
        ("Licenses", spec.licenses.join(", ")),
        ("Required ruby version", spec.required_ruby_version.to_string()),
        ("Required rubygems version", spec.required_rubygems_version.to_string()),
    ];
    let long = [
        ("Description", spec.description.clone().unwrap_or_default()),
        ("Summary", spec.summary.clone()),
        ("Authors", spec.authors.join(", ")),
        ("Requirements", spec.requirements.join(", ")),
        ("Cert chain", spec.cert_chain.concat()),
    ];
    let short = short.iter().filter_map(|(attribute, text)| too_long(attribute, text, SHORT));
    let long = long.iter().filter_map(|(attribute, text)| too_long(attribute, text, LONG));
    short.chain(long).collect()
}

fn metadata_faults(spec: &Specification) -> impl Iterator<Item = String> {
    spec.metadata.iter().filter_map(|(key, value)| {
        if key.is_empty() {
            Some("Metadata key is empty".to_owned())
        } else if LINK_KEYS.contains(&key.as_str()) && !is_link(value) {
            Some(format!("Metadata ['{key}'] does not appear to be a valid URL"))
        } else {
            None
        }
    })
}

fn dependency_faults(dependency: &Dependency) -> Vec<String> {
    let name = dependency.name.as_str();
    if name.trim().is_empty() {
        return vec!["Blank is not a valid dependency name".to_owned()];
    }
    let mut faults: Vec<_> = too_long("Dependency unresolved name", name, SHORT).into_iter().collect();
    if let Some(fault) = name::fault(name) {
        faults.push(format!("Dependency unresolved name {}", fault.registry_text()));
    }
    faults.extend(requirement_fault(&dependency.requirement));
    faults
}

fn requirement_fault(requirement: &Requirement) -> Option<String> {
    too_long("Dependency requirements", &requirement.to_string(), SHORT)
}

fn too_long(attribute: &str, text: &str, limit: usize) -> Option<String> {
    // A character is at least a byte: most texts need no count.
    (text.len() > limit && text.chars().count() > limit)
        .then(|| format!("{attribute} is too long (maximum is {limit} characters)"))
}
