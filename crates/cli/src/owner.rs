//! `keyward owner`.

use clap::{Args, Subcommand};
use domain::{PackageName, Role};
use registry::Registry;
use serde::Serialize;

use crate::{Failure, about_account, operator, output, package::Package, table::Table};

const ADD: &str = "\
Examples:
  $ keyward owner add alice --package hola --ecosystem rubygems";

#[derive(Debug, Subcommand)]
pub(crate) enum OwnerCommand {
    /// Add an owner to a package at once, without an invitation
    #[command(after_help = ADD)]
    Add {
        /// User name or email address
        account: String,
        #[command(flatten)]
        package: Package,
        /// What the account can do: `owner` or `maintainer`
        #[arg(long, default_value = "owner")]
        role: Role,
    },
    /// Remove an owner from a package, or revoke an invitation
    Remove {
        /// User name or email address
        account: String,
        #[command(flatten)]
        package: Package,
    },
    /// List the owners of a package
    List(List),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    package: Package,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(registry: &Registry, command: OwnerCommand) -> Result<(), Failure> {
    match command {
        OwnerCommand::Add { account, package, role } => add(registry, &account, &package.name()?, role).await,
        OwnerCommand::Remove { account, package } => remove(registry, &account, &package.name()?).await,
        OwnerCommand::List(list) => list_owners(registry, &list.package.name()?, list.json).await,
    }
}

async fn add(registry: &Registry, account: &str, name: &PackageName, role: Role) -> Result<(), Failure> {
    let added = registry.add_owner(operator(), name, account, role).await;
    let handle = added.map_err(|error| about_account(error, account))?;
    output::print(&format!("Added `{handle}` to `{}` ({role}).\n", name.as_str(), role = role.as_str()))
}

async fn remove(registry: &Registry, account: &str, name: &PackageName) -> Result<(), Failure> {
    registry.remove_owner(operator(), name, account).await?;
    output::print(&format!("Removed `{account}` from `{}`.\n", name.as_str()))
}

/// An owner as scripts see it.
#[derive(Debug, Serialize)]
struct OwnerView {
    name: String,
    role: &'static str,
}

async fn list_owners(registry: &Registry, name: &PackageName, json: bool) -> Result<(), Failure> {
    let owners = registry.owners(name).await?.into_iter();
    let owners: Vec<_> =
        owners.map(|owner| OwnerView { name: owner.handle, role: owner.role.as_str() }).collect();
    if json {
        return output::print_json(&owners);
    }
    let mut table = Table::new(["NAME", "ROLE"]);
    for owner in owners {
        table.add([owner.name, owner.role.to_owned()]);
    }
    output::print(&table.render())
}
