//! `keyward user`.

use std::io::{self, Read as _};

use clap::{Subcommand, value_parser};
use domain::{AccountId, Timestamp};
use registry::{NewUser, Registry};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{Failure, about_account, operator, output, table::Table};

/// Far more than a password may have: the rest of standard input is not read into memory.
const MOST_INPUT: u64 = 64 * 1024;

const ADD: &str = "\
Examples:
  $ keyward user add alice --email alice@example.com --admin --password-stdin < password.txt";

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create an account with a confirmed email address
    #[command(after_help = ADD)]
    Add {
        /// User name
        name: String,
        /// Email address
        #[arg(long)]
        email: String,
        /// Read the password from standard input: at least 10 characters, and not a common password
        #[arg(long, required = true)]
        password_stdin: bool,
        /// Make the account a server administrator
        #[arg(long)]
        admin: bool,
    },
    /// Invite someone by email to create an account; the running server sends the email
    Invite {
        /// Email address
        email: String,
    },
    /// Delete an account and revoke its API keys; the user name cannot be reused
    Delete {
        /// User name or email address
        account: String,
    },
    /// Lock an account: sign it out everywhere and stop its API keys, without deleting anything
    Lock {
        /// User name or email address
        account: String,
    },
    /// Unlock an account; its password and its API keys work again
    Unlock {
        /// User name or email address
        account: String,
    },
    /// List accounts by name
    List {
        /// Maximum number of accounts to list
        #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// List accounts after this user name
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        after: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(registry: &Registry, command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Add { name, email, admin, password_stdin: _ } => {
            add(registry, &name, &email, admin).await
        }
        UserCommand::Invite { email } => invite(registry, &email).await,
        UserCommand::Delete { account } => delete(registry, &account).await,
        UserCommand::Lock { account } => lock(registry, &account).await,
        UserCommand::Unlock { account } => unlock(registry, &account).await,
        UserCommand::List { limit, after, json } => list(registry, &after, limit.into(), json).await,
    }
}

async fn add(registry: &Registry, name: &str, email: &str, is_admin: bool) -> Result<(), Failure> {
    let password = read_password()?;
    registry.add_user(operator(), &NewUser { handle: name, email, password: &password, is_admin }).await?;
    let role = if is_admin { " (administrator)" } else { "" };
    output::print(&format!("Made the account `{name}`{role}.\n"))
}

async fn invite(registry: &Registry, email: &str) -> Result<(), Failure> {
    registry.invite_user(operator(), email).await?;
    output::print(&format!("Invited {email}. The link in the mail is good for two weeks.\n"))
}

async fn delete(registry: &Registry, account: &str) -> Result<(), Failure> {
    let found = registry.find_account(account).await.map_err(|error| about_account(error, account))?;
    registry.delete_account(operator(), found.id).await?;
    output::print(&format!("Deleted the account `{}`. Its keys do not work any more.\n", found.handle))
}

async fn lock(registry: &Registry, account: &str) -> Result<(), Failure> {
    let found = registry.find_account(account).await.map_err(|error| about_account(error, account))?;
    registry.lock_account(operator(), found.id).await?;
    output::print(&format!(
        "Locked `{}`. It is signed out everywhere, and its API keys no longer work.\n",
        found.handle
    ))
}

async fn unlock(registry: &Registry, account: &str) -> Result<(), Failure> {
    let found = registry.find_account(account).await.map_err(|error| about_account(error, account))?;
    registry.unlock_account(operator(), found.id).await?;
    output::print(&format!("Unlocked `{}`. Its password and its API keys work again.\n", found.handle))
}

/// Reads standard input, without its line end.
fn read_password() -> Result<Zeroizing<String>, Failure> {
    let mut input = Zeroizing::new(String::new());
    io::stdin()
        .take(MOST_INPUT)
        .read_to_string(&mut input)
        .map_err(|cause| Failure::new(format!("the password cannot be read from standard input: {cause}")))?;
    let password =
        input.strip_suffix('\n').map_or(input.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Zeroizing::new(password.to_owned()))
}

/// An account as scripts see it.
#[derive(Debug, Serialize)]
struct UserView {
    id: AccountId,
    name: String,
    email: Option<String>,
    email_confirmed: bool,
    admin: bool,
    locked: bool,
    created_at: Timestamp,
}

async fn list(registry: &Registry, after: &str, limit: usize, json: bool) -> Result<(), Failure> {
    let (accounts, more) = registry.account_page(after, limit).await?;
    if let Some(last) = accounts.last().filter(|_| more) {
        output::tell(&format!("There are more accounts. Use `--after {}` to list them.", last.handle));
    }
    let accounts = accounts.into_iter().map(|account| UserView {
        id: account.id,
        name: account.handle,
        email: account.email,
        email_confirmed: account.email_confirmed_at.is_some(),
        admin: account.is_admin,
        locked: account.locked_at.is_some(),
        created_at: account.created_at,
    });
    let accounts: Vec<_> = accounts.collect();
    if json {
        return output::print_json(&accounts);
    }
    if accounts.is_empty() && after.is_empty() {
        output::tell("There is no account yet. `keyward user add` makes one.");
        return Ok(());
    }
    let mut table = Table::new(["NAME", "EMAIL", "ROLE", "STATE", "CREATED (UTC)"]);
    for account in accounts {
        table.add([
            account.name,
            account.email.unwrap_or_else(|| "-".to_owned()),
            if account.admin { "administrator" } else { "user" }.to_owned(),
            state(account.locked, account.email_confirmed).to_owned(),
            output::minute(account.created_at),
        ]);
    }
    output::print(&table.render())
}

fn state(locked: bool, confirmed: bool) -> &'static str {
    match (locked, confirmed) {
        (true, _) => "locked",
        (false, true) => "active",
        (false, false) => "unconfirmed",
    }
}
