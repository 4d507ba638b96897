//! `keyward key edit`.

use clap::Args;
use domain::{Ecosystem, Glob, KeyEdit, KeyId, NamePattern, PackageName, Selection};
use registry::{Actor, Registry};

use super::{about_key, view::KeyView};
use crate::{Failure, output};

/// What a key is to be from now on. What is not named stays as it is.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// What it may do instead; several times, or separated by commas
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<String>,
    /// A package that it is for instead; several times for several
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// A pattern of package names that it is for instead; several times for several
    #[arg(long = "glob", value_name = "PATTERN")]
    globs: Vec<String>,
    /// Whether it asks for a second factor
    #[arg(long, value_name = "BOOLEAN")]
    otp: Option<bool>,
}

pub(super) async fn run(registry: &Registry, id: KeyId, change: Change) -> Result<(), Failure> {
    let key = registry.key(id).await.map_err(|error| about_key(error, id))?;
    let edit = KeyEdit {
        words: Some(change.scopes).filter(|words| !words.is_empty()),
        selection: selection(key.ecosystem, &change.packages, &change.globs)?,
        otp_required: change.otp,
    };
    let key = registry.edit_key(Actor::OPERATOR, id, edit).await?;
    output::print(&KeyView::of(&key, registry.now()).details())
}

/// The packages that were named, if any were. Every name and glob that cannot be is told of at once.
fn selection(ecosystem: Ecosystem, names: &[String], globs: &[String]) -> Result<Option<Selection>, Failure> {
    let (mut patterns, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match PackageName::parse(ecosystem, name) {
            Ok(name) => patterns.push(NamePattern::Name(name)),
            Err(error) => problems.push(format!("The package name `{name}` {error}.")),
        }
    }
    for glob in globs {
        match Glob::parse(glob) {
            Ok(glob) => patterns.push(NamePattern::Glob(glob)),
            Err(error) => problems.push(format!("The glob `{glob}` cannot be used. {error}")),
        }
    }
    if problems.is_empty() {
        Ok((!patterns.is_empty()).then_some(Selection::Patterns(patterns)))
    } else {
        Err(Failure::new(problems.join(" ")))
    }
}
