#![doc = include_str!("../README.md")]

mod arguments;
mod failure;
mod flags;
mod key;
mod lifetime;
mod mail;
mod maintenance;
mod output;
mod serve;
mod table;
mod user;

use std::{env, process::ExitCode};

use clap::Parser as _;
use server::{Flags, Settings};

use arguments::{Arguments, Command};
use failure::{Failure, about_account};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::tell(&failure.to_string());
            failure.status()
        }
    }
}

fn run(Arguments { settings, command }: Arguments) -> Result<(), Failure> {
    let command = command.unwrap_or(Command::Serve);
    let command = match command {
        Command::Config => return output::print(server::config::default_config()),
        Command::Mail { command } => return mail::run(command),
        command => command,
    };
    let settings = load(&settings.0)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|cause| Failure::new(format!("the program cannot start its threads: {cause}")))?;
    runtime.block_on(execute(command, settings))
}

async fn execute(command: Command, settings: Settings) -> Result<(), Failure> {
    match command {
        Command::Config => output::print(server::config::default_config()),
        Command::Mail { command } => mail::run(command),
        Command::Serve => serve::run(settings).await,
        Command::Migrate => maintenance::migrate(&settings).await,
        Command::Check { json } => maintenance::check(&settings, json).await,
        Command::RebuildIndex => maintenance::rebuild_index(&server::open(&settings).await?).await,
        Command::User { command } => user::run(&server::open(&settings).await?, command).await,
        Command::Key { command } => key::run(&server::open(&settings).await?, command).await,
    }
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
