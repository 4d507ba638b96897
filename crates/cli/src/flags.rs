//! The settings as flags: one for each that the server knows.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use server::{
    Flags,
    config::{SETTINGS, Setting},
};

/// What a short help text shows; `--help` shows all.
const COMMON: [&str; 4] = ["listen", "data", "database_url", "base_url"];

const HEADING: &str = "Settings";

/// The settings that were given as flags.
#[derive(Debug, Default)]
pub(crate) struct SettingsFlags(pub(crate) Flags);

impl Args for SettingsFlags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Configuration file, by default ./keyward.toml if there is one")
            .help_heading(HEADING)
            .global(true);
        command.arg(config).args(SETTINGS.iter().map(argument))
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
        .help_heading(HEADING)
        .hide_short_help(!COMMON.contains(&setting.key))
        .global(true)
}

impl FromArgMatches for SettingsFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        if let Some(file) = matches.get_one::<PathBuf>("config") {
            self.0.config = Some(file.clone());
        }
        for setting in SETTINGS {
            if let Some(value) = matches.get_one::<String>(setting.key) {
                self.0.set(setting, value.clone());
            }
        }
        Ok(())
    }
}
