//! `keyward key edit`.

use clap::Args;
use domain::{KeyEdit, KeyId};
use registry::{Actor, KeySelection, Registry};

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
    let selection = match (change.packages, change.globs) {
        (names, globs) if names.is_empty() && globs.is_empty() => None,
        (names, globs) => {
            let wanted = KeySelection::Patterns { names, globs };
            Some(registry.resolve_selection(key.owner, key.ecosystem, wanted).await?)
        }
    };
    let words = Some(change.scopes).filter(|words| !words.is_empty());
    let edit = KeyEdit { words, selection, otp_required: change.otp };
    let key = registry.edit_key(Actor::OPERATOR, id, edit).await?;
    output::print(&KeyView::of(&key, registry.now()).details())
}
