//! `keyward key`.

mod change;
mod create;
mod import;
mod view;

use clap::{Subcommand, value_parser};
use domain::KeyId;
use registry::{KeyFilter, Missing, Registry};

use crate::{Failure, about_account, operator, output};
use change::Change;
use create::Wanted;
pub(crate) use create::ecosystem;
use import::Import;
use view::KeyView;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Create an API key and print it to standard output; it is not shown again
    #[command(after_help = create::EXAMPLES)]
    Create(Wanted),
    /// List the API keys of an account, newest first
    List {
        /// User name or email address of the account
        #[arg(long)]
        account: String,
        /// Maximum number of keys to list
        #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// List keys after the one with this ID
        #[arg(long, value_name = "ID", value_parser = key_id)]
        after: Option<KeyId>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the settings of an API key
    Show {
        /// ID of the key
        #[arg(value_parser = key_id)]
        id: KeyId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Edit the scopes or packages of an API key
    #[command(after_help = change::EXAMPLES)]
    Edit {
        /// ID of the key
        #[arg(value_parser = key_id)]
        id: KeyId,
        #[command(flatten)]
        change: Change,
    },
    /// Replace an API key by a new one with the same settings; the old one stops working immediately
    Regenerate {
        /// ID of the key
        #[arg(value_parser = key_id)]
        id: KeyId,
    },
    /// Revoke an API key; it stops working immediately
    Revoke {
        /// ID of the key
        #[arg(value_parser = key_id)]
        id: KeyId,
    },
    /// Import keys that are in use on another server, as legacy keys with full access
    #[command(after_help = import::EXAMPLES)]
    ImportLegacy(Import),
}

fn key_id(text: &str) -> Result<KeyId, String> {
    text.parse().map_err(|_| "`keyward key list --account NAME` shows the ids".to_owned())
}

pub(crate) async fn run(registry: &Registry, command: KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::Create(wanted) => create::run(registry, wanted).await,
        KeyCommand::List { account, limit, after, json } => {
            list(registry, &account, (after, limit.into()), json).await
        }
        KeyCommand::Show { id, json } => show(registry, id, json).await,
        KeyCommand::Edit { id, change } => change::run(registry, id, change).await,
        KeyCommand::Revoke { id } => revoke(registry, id).await,
        KeyCommand::ImportLegacy(import) => import::run(registry, import).await,
        KeyCommand::Regenerate { id } => regenerate(registry, id).await,
    }
}

async fn list(
    registry: &Registry,
    account: &str,
    (after, limit): (Option<KeyId>, usize),
    json: bool,
) -> Result<(), Failure> {
    let owner = registry.find_account(account).await.map_err(|error| about_account(error, account))?;
    let (all, now) = (KeyFilter { revoked: true, ..KeyFilter::default() }, registry.now());
    // The page begins with the key that was listed last.
    let (mut keys, next) =
        registry.key_page(owner.id, all, after, limit + usize::from(after.is_some())).await?;
    keys.retain(|key| Some(key.id) != after);
    keys.truncate(limit);
    let views: Vec<_> = keys.iter().map(|key| KeyView::of(key, now)).collect();
    if let Some(last) = keys.last().filter(|_| next.is_some()) {
        output::tell(&format!("There are more keys. Use `--after {}` to list them.", last.id));
    }
    if json {
        return output::print_json(&views);
    }
    if views.is_empty() {
        output::tell(&format!("The account `{}` has no keys.", owner.handle));
        return Ok(());
    }
    output::print(&view::table(&views))
}

async fn show(registry: &Registry, id: KeyId, json: bool) -> Result<(), Failure> {
    let key = registry.key(id).await.map_err(|error| about_key(error, id))?;
    let view = KeyView::of(&key, registry.now());
    if json { output::print_json(&view) } else { output::print(&view.details()) }
}

async fn revoke(registry: &Registry, id: KeyId) -> Result<(), Failure> {
    let key = registry.revoke_key(operator(), id).await.map_err(|error| about_key(error, id))?;
    output::print(&format!("Revoked the key `{}`.\n", key.name))
}

async fn regenerate(registry: &Registry, id: KeyId) -> Result<(), Failure> {
    let issued = registry.regenerate_key(operator(), id).await.map_err(|error| about_key(error, id))?;
    output::print_value(&issued.value)?;
    let view = KeyView::of(&issued.key, registry.now());
    output::tell(&format!(
        "Regenerated the key `{}` (id now {}, expires: {}). The old value is dead, the new one is not shown again.",
        view.name,
        view.id,
        view.end()
    ));
    Ok(())
}

/// Names the key that was asked for.
fn about_key(error: registry::Error, id: KeyId) -> Failure {
    match error {
        registry::Error::NotFound(Missing::Key) => Failure::new(format!("there is no key {id}"))
            .hint("`keyward key list --account NAME` shows the keys of an account with their ids"),
        other => other.into(),
    }
}
