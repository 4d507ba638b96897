#![doc = include_str!("../README.md")]

mod arguments;
mod failure;
mod flags;
mod key;
mod lifetime;
mod mail;
mod maintenance;
mod operator;
mod output;
mod owner;
mod package;
mod serve;
mod table;
mod user;

use std::{env, process::ExitCode};

use clap::Parser as _;
use server::{Flags, Settings};

use arguments::{Arguments, Command};
use failure::{Failure, about_account};
use flags::{Data, SettingsFlags};
use operator::operator;

fn main() -> ExitCode {
    server::keep_files_private();
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::tell(&failure.to_string());
            failure.status()
        }
    }
}

fn run(Arguments { bare, command }: Arguments) -> Result<(), Failure> {
    let settings = |data: SettingsFlags<Data>| load(&data.after(&bare)?);
    match command.unwrap_or_default() {
        Command::Serve(all) => wait_for(serve::run(load(&all.after(&bare)?)?)),
        Command::Config => bare.refuse().and_then(|()| output::print(server::config::default_config())),
        Command::Mail { command } => bare.refuse().and_then(|()| mail::run(command)),
        Command::Migrate(data) => wait_for(maintenance::migrate(&settings(data)?)),
        Command::Check { data, json } => wait_for(maintenance::check(&settings(data)?, json)),
        Command::RebuildIndex(data) => {
            let settings = settings(data)?;
            wait_for(async { maintenance::rebuild_index(&server::open(&settings).await?).await })
        }
        Command::User { data, command } => {
            let settings = settings(data)?;
            wait_for(async { user::run(&server::open(&settings).await?, command).await })
        }
        Command::Owner { data, command } => {
            let settings = settings(data)?;
            wait_for(async { owner::run(&server::open(&settings).await?, command).await })
        }
        Command::Package { data, command } => {
            let settings = settings(data)?;
            wait_for(async { package::run(&server::open(&settings).await?, command).await })
        }
        Command::Key { data, command } => {
            let settings = settings(data)?;
            wait_for(async { key::run(&server::open(&settings).await?, command).await })
        }
    }
}

/// Runs a command to its end.
fn wait_for(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|cause| Failure::new(format!("the program cannot start its threads: {cause}")))?;
    runtime.block_on(command)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that hands the environment to the configuration"
)]
fn load(flags: &Flags) -> Result<Settings, Failure> {
    let environment = |name: &str| match env::var(name) {
        Ok(value) => Some(value),
        Err(env::VarError::NotPresent) => None,
        // The replacement characters make it a wrong value, which is better than one that is passed over.
        Err(env::VarError::NotUnicode(value)) => Some(value.to_string_lossy().into_owned()),
    };
    Ok(Settings::load(flags, environment)?)
}
