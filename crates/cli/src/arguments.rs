//! All that can be typed.

use clap::{Parser, Subcommand};

use crate::{flags::SettingsFlags, key::KeyCommand, mail::MailCommand, user::UserCommand};

/// A package registry whose heart is the least-privilege API key
#[derive(Debug, Parser)]
#[command(name = "keyward", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) settings: SettingsFlags,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve packages and pages; this is also what happens without a command
    Serve,
    /// Make and list accounts
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Make, list, change and revoke keys
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Look at the mails that are sent
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Print the default configuration file, with comments
    Config,
    /// Bring the schema of the database up to date
    Migrate,
    /// Look whether database and packages are whole
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the index of gems anew
    RebuildIndex,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn flags_and_commands_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_setting_can_stand_before_and_after_the_command() {
        for words in [["keyward", "--data", "d", "migrate"], ["keyward", "migrate", "--data", "d"]] {
            let arguments = Arguments::try_parse_from(words).unwrap();
            assert_eq!(arguments.settings.0.data.as_deref(), Some("d"));
        }
    }

    #[test]
    fn every_setting_is_a_flag_of_every_command() {
        for setting in server::config::SETTINGS {
            let words = ["keyward", "user", "list", &format!("--{}", setting.flag), "x"].map(str::to_owned);
            assert!(Arguments::try_parse_from(words).is_ok(), "--{}", setting.flag);
        }
    }
}
