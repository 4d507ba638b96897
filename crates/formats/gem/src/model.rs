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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::specification::DependencyKind;
    use crate::version::Version;

    fn good() -> Specification {
        Specification {
            name: "hola".to_owned(),
            version: Version::parse("1.0.0").expect("valid"),
            platform: Platform::default(),
            authors: vec!["A".to_owned()],
            emails: Vec::new(),
            date: None,
            summary: "x".to_owned(),
            description: None,
            homepage: None,
            licenses: Vec::new(),
            metadata: BTreeMap::new(),
            dependencies: Vec::new(),
            required_ruby_version: Requirement::default(),
            required_rubygems_version: Requirement::default(),
            rubygems_version: None,
            specification_version: 4,
            requirements: Vec::new(),
            cert_chain: Vec::new(),
            require_paths: vec!["lib".to_owned()],
            executables: Vec::new(),
            bindir: None,
            extensions: Vec::new(),
            post_install_message: None,
        }
    }

    fn faults(change: impl FnOnce(&mut Specification)) -> String {
        let mut spec = good();
        change(&mut spec);
        check_model(&spec).join("; ")
    }

    #[test]
    fn a_good_gemspec_has_no_faults() {
        assert_eq!(faults(|_| {}), "");
        assert_eq!(faults(|spec| spec.name = "a".repeat(255)), "");
        assert_eq!(faults(|spec| spec.platform = Platform::new("x86_64-linux-musl")), "");
        assert_eq!(faults(|spec| spec.description = Some("é".repeat(LONG))), "");
    }

    #[test]
    fn names_that_would_confuse_are_refused() {
        for (name, fault) in [
            ("1", "Name must include at least one letter"),
            ("a b", "Name can only include letters, numbers, periods, dashes, and underscores"),
            ("-a", "Name can not begin with a period, dash, or underscore"),
            ("a_", "Name can not end with a period, dash, or underscore"),
            ("a.GEM", "Name can not end with a common file extension"),
            ("a.json", "Name can not end with a common file extension"),
        ] {
            assert_eq!(faults(|spec| spec.name = name.to_owned()), fault, "{name}");
        }
        let long = faults(|spec| spec.name = "a".repeat(256));
        assert_eq!(long, "Name is too long (maximum is 255 characters)");
    }

    #[test]
    fn numbers_and_platforms_must_make_good_file_names() {
        let dash = faults(|spec| spec.version = Version::parse("1.0-1").expect("valid"));
        assert_eq!(dash, "Number cannot contain a dash (it will be uninstallable)");
        let long = faults(|spec| spec.version = Version::parse(&"1".repeat(256)).expect("valid"));
        assert_eq!(long, "Number is too long (maximum is 255 characters)");
        for platform in ["x86/../linux", "-x86-linux", "x86-foo-", "x 86"] {
            let faults = faults(|spec| spec.platform = Platform::new(platform));
            assert!(faults.contains("latform is invalid"), "{platform}: {faults}");
        }
    }

    #[test]
    fn texts_have_lengths_they_must_not_exceed() {
        let too_long = "is too long (maximum is 64000 characters)";
        let text = "x".repeat(LONG + 1);
        assert_eq!(faults(|spec| spec.summary.clone_from(&text)), format!("Summary {too_long}"));
        assert_eq!(faults(|spec| spec.description = Some(text.clone())), format!("Description {too_long}"));
        assert_eq!(faults(|spec| spec.authors = vec![text.clone()]), format!("Authors {too_long}"));
        assert_eq!(faults(|spec| spec.cert_chain = vec![text.clone()]), format!("Cert chain {too_long}"));
        let licenses = faults(|spec| spec.licenses = vec!["x".repeat(64); 4]);
        assert_eq!(licenses, "Licenses is too long (maximum is 255 characters)");
    }

    #[test]
    fn links_and_keys_of_metadata_are_checked() {
        let with = |key: &str, value: &str| {
            faults(|spec| spec.metadata = BTreeMap::from([(key.to_owned(), value.to_owned())]))
        };
        assert_eq!(with("", "x"), "Metadata key is empty");
        assert_eq!(with("wiki_uri", "wiki"), "Metadata ['wiki_uri'] does not appear to be a valid URL");
        assert_eq!(with("free", "wiki"), "");
    }

    #[test]
    fn dependencies_are_checked_too() {
        let on = |name: &str, requirement: Requirement| {
            let kind = DependencyKind::Runtime;
            faults(|spec| spec.dependencies = vec![Dependency { name: name.to_owned(), requirement, kind }])
        };
        assert_eq!(on("rack", Requirement::default()), "");
        assert_eq!(on(" ", Requirement::default()), "Blank is not a valid dependency name");
        assert_eq!(
            on("a b", Requirement::default()),
            "Dependency unresolved name can only include letters, numbers, periods, dashes, and underscores"
        );
        let many = Requirement::parse(&vec![">= 1.0.0"; 30]).expect("valid");
        assert_eq!(on("rack", many), "Dependency requirements is too long (maximum is 255 characters)");
    }
}
