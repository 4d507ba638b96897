//! How much a gemspec may say: each attribute is kept with the release, and pages and answers show it again and again.

use crate::specification::{Dependency, Specification};

/// The longest text, and the longest list with all its texts together, in bytes.
///
/// Description, summary, authors, requirements, certificates, licences and required versions have limits of their own, in characters,
/// which [`check_model`](crate::check_model) holds.
const TEXT_BYTES: usize = 64 * 1024;

/// The most entries of a list.
const ENTRIES: usize = 1000;

/// The first attribute that is too large, in words like those of `gem build`.
pub(crate) fn fault(spec: &Specification) -> Option<String> {
    let mut texts = texts(spec).into_iter().map(|(attribute, text)| (attribute, text.len()));
    let too_long = |(attribute, bytes): (&str, usize)| {
        (bytes > TEXT_BYTES).then(|| format!("{attribute} is too large ({bytes} > {TEXT_BYTES} bytes)"))
    };
    let too_many = |(attribute, entries, _): &(&str, usize, usize)| {
        (*entries > ENTRIES).then(|| format!("{attribute} has too many entries ({entries} > {ENTRIES})"))
    };
    let lists = lists(spec);
    texts
        .find_map(too_long)
        .or_else(|| lists.iter().find_map(too_many))
        .or_else(|| lists.iter().find_map(|&(attribute, _, bytes)| too_long((attribute, bytes))))
}

fn texts(spec: &Specification) -> [(&'static str, &str); 4] {
    [
        ("homepage", spec.homepage.as_deref().unwrap_or_default()),
        ("bindir", spec.bindir.as_deref().unwrap_or_default()),
        ("rubygems_version", spec.rubygems_version.as_deref().unwrap_or_default()),
        ("post_install_message", spec.post_install_message.as_deref().unwrap_or_default()),
    ]
}

/// The lists, their entries and their bytes; no bytes for those that have a limit in characters.
fn lists(spec: &Specification) -> [(&'static str, usize, usize); 9] {
    let of = |attribute, list: &[String]| (attribute, list.len(), list.iter().map(String::len).sum());
    let short = |attribute, list: &[String]| (attribute, list.len(), 0);
    let metadata = spec.metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    let dependencies = spec.dependencies.iter().map(dependency_bytes).sum();
    [
        short("authors", &spec.authors),
        short("licenses", &spec.licenses),
        short("requirements", &spec.requirements),
        of("email", &spec.emails),
        of("require_paths", &spec.require_paths),
        of("executables", &spec.executables),
        of("extensions", &spec.extensions),
        ("metadata", spec.metadata.len(), metadata),
        ("dependencies", spec.dependencies.len(), dependencies),
    ]
}

/// A name, and each version with room for its operator.
fn dependency_bytes(dependency: &Dependency) -> usize {
    let clauses = dependency.requirement.clauses().iter();
    dependency.name.len() + clauses.map(|clause| clause.version.as_str().len() + 4).sum::<usize>()
}
