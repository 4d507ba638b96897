//! The settings as flags: each command offers those that it heeds.

use std::{marker::PhantomData, path::PathBuf};

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use server::{
    Flags,
    config::{SETTINGS, Setting},
};

use crate::Failure;

/// The flags that a command offers.
pub(crate) trait Offer {
    /// Whether the command heeds this setting.
    fn heeds(setting: &Setting) -> bool;
    /// Where the help text of the command shows it.
    fn place(argument: Arg, setting: &Setting) -> Arg;
}

/// `keyward serve`: every setting.
#[derive(Debug)]
pub(crate) struct Server;

impl Offer for Server {
    fn heeds(_: &Setting) -> bool {
        true
    }

    fn place(argument: Arg, setting: &Setting) -> Arg {
        match heading(setting) {
            Some(heading) => argument.help_heading(heading),
            None => argument,
        }
    }
}

/// `keyward` alone, which serves: every setting, but `keyward --help` leaves them to `keyward serve --help`.
#[derive(Debug)]
pub(crate) struct Bare;

impl Offer for Bare {
    fn heeds(_: &Setting) -> bool {
        true
    }

    fn place(argument: Arg, _: &Setting) -> Arg {
        argument.hide(true)
    }
}

/// Commands that work on the data: where these are. All else comes from the environment and the file.
#[derive(Debug)]
pub(crate) struct Data;

impl Offer for Data {
    fn heeds(setting: &Setting) -> bool {
        ["data", "database_url"].contains(&setting.key)
    }

    fn place(argument: Arg, _: &Setting) -> Arg {
        argument.global(true).help_heading("Global options")
    }
}

/// What the help text calls the section of a setting.
fn heading(setting: &Setting) -> Option<&'static str> {
    let (section, _) = setting.key.split_once('.')?;
    Some(match section {
        "blobs" => "Package storage",
        "accounts" => "Accounts",
        "mail" => "Email",
        "rubygems" => "RubyGems",
        "limits" => "Limits",
        "log" => "Logging",
        "cache" => "Cache",
        _ => "Other options",
    })
}

/// The settings that were given as flags of a command.
#[derive(Debug)]
pub(crate) struct SettingsFlags<O> {
    given: Flags,
    offer: PhantomData<O>,
}

impl<O> Default for SettingsFlags<O> {
    fn default() -> Self {
        Self { given: Flags::default(), offer: PhantomData }
    }
}

impl<O: Offer> SettingsFlags<O> {
    /// Takes in what was given before the command, as in `keyward --data DIR migrate`, and refuses what the command does not heed.
    pub(crate) fn after(self, bare: &SettingsFlags<Bare>) -> Result<Flags, Failure> {
        match bare.given.given().find(|setting| !O::heeds(setting)) {
            Some(setting) => Err(unheeded(setting.flag)),
            None => Ok(self.given.or(&bare.given)),
        }
    }
}

impl SettingsFlags<Bare> {
    /// Refuses flags before a command that heeds no setting.
    pub(crate) fn refuse(&self) -> Result<(), Failure> {
        let config = self.given.config.as_ref().map(|_| "config");
        match config.or_else(|| self.given.given().next().map(|setting| setting.flag)) {
            Some(flag) => Err(unheeded(flag)),
            None => Ok(()),
        }
    }
}

fn unheeded(flag: &str) -> Failure {
    Failure::usage(format!("`--{flag}` has no effect on this command"))
        .hint("`keyward help COMMAND` lists the options of a command")
}

impl<O: Offer> Args for SettingsFlags<O> {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Configuration file [default: ./keyward.toml, if it exists]");
        // It stands where `--data` does.
        let config = O::place(config, &SETTINGS[0]);
        let settings = SETTINGS.iter().filter(|setting| O::heeds(setting));
        command.arg(config).args(settings.map(|setting| O::place(argument(setting), setting)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn argument(setting: &'static Setting) -> Arg {
    Arg::new(setting.key)
        .long(setting.flag)
        .value_name(setting.value_name)
        .help(setting.help.trim().replace('`', ""))
}

impl<O: Offer> FromArgMatches for SettingsFlags<O> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        if let Some(file) = matches.get_one::<PathBuf>("config") {
            self.given.config = Some(file.clone());
        }
        for setting in SETTINGS.iter().filter(|setting| O::heeds(setting)) {
            if let Some(value) = matches.get_one::<String>(setting.key) {
                self.given.set(setting, value.clone());
            }
        }
        Ok(())
    }
}
