//! `keyward key edit`.

use clap::Args;
use domain::{KeyEdit, KeyId};
use registry::{KeySelection, Registry};

use super::{about_key, view::KeyView};
use crate::{Failure, operator, output};

/// What the help text shows after the options.
pub(super) const EXAMPLES: &str = "\
Options that are not given stay as they are; given ones replace all scopes, or all packages and patterns.

Examples:
  $ keyward key edit ID --scope push_rubygem,yank_rubygem
  $ keyward key edit ID --package hola --glob 'hola-*'";

/// What a key is to be from now on. What is not named stays as it is.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// New scope of the key; repeat or separate by commas for several
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<String>,
    /// Package that the key now applies to; repeat for several
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// Glob pattern of package names that the key now applies to; repeat for several
    #[arg(long = "glob", value_name = "PATTERN")]
    globs: Vec<String>,
}

pub(super) async fn run(registry: &Registry, id: KeyId, change: Change) -> Result<(), Failure> {
    let key = registry.key(id).await.map_err(|error| about_key(error, id))?;
    let selection = match (change.packages, change.globs) {
        (names, globs) if names.is_empty() && globs.is_empty() => None,
        (names, globs) => {
            let wanted = KeySelection::Patterns { names, globs };
            Some(registry.resolve_selection(key.owner, key.ecosystem, wanted).await?)
        }
    };
    let words = Some(change.scopes).filter(|words| !words.is_empty());
    let edit = KeyEdit { words, selection, otp_required: None };
    let key = registry.edit_key(operator(), id, edit).await?;
    output::print(&KeyView::of(&key, registry.now()).details())
}
