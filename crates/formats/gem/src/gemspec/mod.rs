//! The schema of a gemspec: from a tree of YAML to a [`Specification`], or to the element that does not belong there.

mod fields;
mod objects;

use std::collections::BTreeMap;

use jiff::civil::Date;

use self::fields::{Fields, flat_texts, items, pairs, text, unexpected};
use crate::limits::Limits;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::scalar::Scalar;
use crate::specification::{Dependency, Specification};
use crate::yaml::{self, Node, Reason};

const TAGS: &[&str] = &["!ruby/object:Gem::Specification"];

/// Every key that a gemspec had in twenty years.
const KEYS: &[&str] = &[
    "name",
    "version",
    "platform",
    "original_platform",
    "authors",
    "author",
    "date",
    "dependencies",
    "required_ruby_version",
    "required_rubygems_version",
    "description",
    "summary",
    "homepage",
    "email",
    "licenses",
    "metadata",
    "files",
    "executables",
    "extensions",
    "extra_rdoc_files",
    "test_files",
    "rdoc_options",
    "require_paths",
    "requirements",
    "cert_chain",
    "post_install_message",
    "bindir",
    "autorequire",
    "default_executable",
    "has_rdoc",
    "rubyforge_project",
    "rubygems_version",
    "specification_version",
    "signing_key",
    "source",
    "extensions_fallback",
    "engine_dependencies",
];

/// A gemspec with the list that is only looked at while the package is read.
#[derive(Debug)]
pub(crate) struct Gemspec {
    pub(crate) spec: Specification,
    pub(crate) files: Vec<String>,
}

impl Gemspec {
    /// Reads the gemspec from YAML.
    pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let root = yaml::parse(bytes, limits.yaml()).map_err(|fault| match fault.reason {
            Reason::Reference => Refusal::Aliases { line: fault.line },
            Reason::Syntax(reason) => Refusal::InvalidYaml { line: fault.line, reason },
        })?;
        Self::of(&root)
    }

    fn of(root: &Node) -> Result<Self, Refusal> {
        let fields = Fields::of(root, "Gem::Specification", TAGS, KEYS)?;
        for key in ["signing_key", "source", "extensions_fallback"] {
            fields.require_null(key)?;
        }
        if let Some(node) = fields.get("engine_dependencies") {
            pairs(node, "engine_dependencies")?;
        }
        for key in ["extra_rdoc_files", "test_files", "rdoc_options"] {
            fields.texts(key)?;
        }
        Ok(Self { spec: specification(&fields)?, files: fields.texts("files")? })
    }
}

fn specification(fields: &Fields<'_>) -> Result<Specification, Refusal> {
    Ok(Specification {
        name: name(fields.require("name")?)?,
        version: objects::release_version(fields.require("version")?)?,
        platform: platform(fields)?,
        authors: authors(fields)?,
        emails: fields.get("email").map(|node| flat_texts(node, "email")).transpose()?.unwrap_or_default(),
        date: date(fields)?,
        summary: summary(fields)?,
        description: fields.optional_text("description")?,
        homepage: fields.optional_text("homepage")?,
        licenses: fields.texts("licenses")?,
        metadata: metadata(fields)?,
        dependencies: dependencies(fields)?,
        required_ruby_version: objects::requirement(fields.get("required_ruby_version"))?,
        required_rubygems_version: objects::requirement(fields.get("required_rubygems_version"))?,
        rubygems_version: fields.optional_text("rubygems_version")?,
        specification_version: specification_version(fields)?,
        requirements: fields.texts("requirements")?,
        cert_chain: fields.texts("cert_chain")?,
        require_paths: require_paths(fields)?,
        executables: fields.texts("executables")?,
        bindir: fields.texts("bindir")?.into_iter().next(),
        extensions: fields.texts("extensions")?,
        post_install_message: post_install_message(fields)?,
    })
}

/// The name, whose characters are checked with the words that `gem build` uses.
fn name(node: &Node) -> Result<String, Refusal> {
    let name = text(node, "name")?;
    match crate::name::fault(&name) {
        None => Ok(name),
        Some(fault) => {
            Err(Refusal::Schema(format!("invalid value for attribute name: {name:?} {}", fault.build_text())))
        }
    }
}

fn platform(fields: &Fields<'_>) -> Result<Platform, Refusal> {
    if let Some(node) = fields.get("original_platform") {
        text(node, "original_platform")?;
    }
    let Some(node) = fields.get("platform") else { return Ok(Platform::default()) };
    let original = text(node, "platform")?;
    // It would mean the machine of whoever reads it.
    if original == "current" {
        return Err(Refusal::Policy(format!("invalid platform {original:?}, see Gem::Platform")));
    }
    Ok(Platform::new(&original))
}

/// The list of authors or, in the oldest gems, the one author.
fn authors(fields: &Fields<'_>) -> Result<Vec<String>, Refusal> {
    let author = fields.optional_text("author")?;
    if let Some(author) = author
        && fields.get("authors").is_none()
    {
        return Ok(vec![author]);
    }
    fields.require("authors")?;
    fields.texts("authors")
}

fn summary(fields: &Fields<'_>) -> Result<String, Refusal> {
    fields.require("summary")?;
    let summary = fields.optional_text("summary")?;
    summary.ok_or_else(|| Refusal::Policy("missing value for attribute summary".to_owned()))
}

/// The day at the beginning of a date or a time.
fn date(fields: &Fields<'_>) -> Result<Option<Date>, Refusal> {
    let Some(text) = fields.optional_text("date")? else { return Ok(None) };
    let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    let is_day = text.bytes().take(10).all(|byte| byte.is_ascii_digit() || byte == b'-');
    match day {
        Some(day) if is_day => Ok(Some(day)),
        _ => Err(Refusal::Schema(format!("invalid date {text:?}"))),
    }
}

fn metadata(fields: &Fields<'_>) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(node) = fields.get("metadata") else { return Ok(BTreeMap::new()) };
    let mut metadata = BTreeMap::new();
    for (key, value) in pairs(node, "metadata")? {
        let key_text = text(key, "a metadata key")?;
        let value = text(value, &format!("metadata['{key_text}'] value"))?;
        if metadata.insert(key_text, value).is_some() {
            return Err(unexpected(key, "duplicate metadata key"));
        }
    }
    Ok(metadata)
}

fn dependencies(fields: &Fields<'_>) -> Result<Vec<Dependency>, Refusal> {
    let Some(node) = fields.get("dependencies") else { return Ok(Vec::new()) };
    items(node, "dependencies")?.iter().map(objects::dependency).collect()
}

/// A missing one is of today's format, as `RubyGems` assumes.
fn specification_version(fields: &Fields<'_>) -> Result<i64, Refusal> {
    let Some(node) = fields.get("specification_version") else { return Ok(4) };
    let number = match Scalar::of(node) {
        Some(Scalar::Other(text)) => text.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| {
        Refusal::Policy("specification_version must be an Integer (did you mean version?)".to_owned())
    })
}

/// The folders of code: `lib` unless the gemspec says something else, be it an empty list.
fn require_paths(fields: &Fields<'_>) -> Result<Vec<String>, Refusal> {
    match fields.get("require_paths") {
        Some(_) => fields.texts("require_paths"),
        None => Ok(vec!["lib".to_owned()]),
    }
}

fn post_install_message(fields: &Fields<'_>) -> Result<Option<String>, Refusal> {
    let lines = fields.texts("post_install_message")?;
    Ok((!lines.is_empty()).then(|| lines.join("\n")))
}
