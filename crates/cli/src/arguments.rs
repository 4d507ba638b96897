//! All that can be typed.

use clap::{Parser, Subcommand};

use crate::{
    flags::{Bare, Data, Server, SettingsFlags},
    key::KeyCommand,
    mail::MailCommand,
    owner::OwnerCommand,
    package::PackageCommand,
    user::UserCommand,
};

const LEARN_MORE: &str = "\
Without a command, `keyward` does the same as `keyward serve` and takes its options.

Use `keyward help COMMAND` for more information about a command.";

const SERVE: &str = "\
Every option is also an environment variable and a key in the configuration file. The environment variable of
--base-url is KEYWARD_BASE_URL. An option overrides the environment variable, which overrides the file. `keyward
config` prints a configuration file that describes every setting.

Examples:
  $ keyward serve
  $ keyward serve --listen 0.0.0.0:8080 --data /var/lib/keyward --base-url https://packages.example.com";

const CONFIG: &str = "\
Examples:
  $ keyward config > keyward.toml";

/// A self-hosted package registry with least-privilege API keys
#[derive(Debug, Parser)]
#[command(name = "keyward", version, max_term_width = 100, after_help = LEARN_MORE)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) bare: SettingsFlags<Bare>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server
    #[command(after_help = SERVE)]
    Serve(SettingsFlags<Server>),
    /// Manage accounts
    User {
        #[command(flatten)]
        data: SettingsFlags<Data>,
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manage API keys
    Key {
        #[command(flatten)]
        data: SettingsFlags<Data>,
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Manage the owners of packages
    Owner {
        #[command(flatten)]
        data: SettingsFlags<Data>,
        #[command(subcommand)]
        command: OwnerCommand,
    },
    /// Yank and restore versions of packages
    Package {
        #[command(flatten)]
        data: SettingsFlags<Data>,
        #[command(subcommand)]
        command: PackageCommand,
    },
    /// Preview the emails that Keyward sends
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Print the default configuration file
    #[command(after_help = CONFIG)]
    Config,
    /// Migrate the database to the current schema; `serve` does this too
    Migrate(SettingsFlags<Data>),
    /// Verify the integrity of the database and the packages
    Check {
        #[command(flatten)]
        data: SettingsFlags<Data>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Rebuild the index of gems
    RebuildIndex(SettingsFlags<Data>),
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(SettingsFlags::default())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use server::config::SETTINGS;

    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from([&["keyward"], words].concat())
    }

    #[test]
    fn flags_and_commands_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_setting_can_stand_before_and_after_the_command() {
        for words in [["--data", "d", "migrate"], ["migrate", "--data", "d"]] {
            let Arguments { bare, command: Some(Command::Migrate(data)) } = parse(&words).unwrap() else {
                panic!("`migrate` is the command");
            };
            assert_eq!(data.after(&bare).unwrap().data.as_deref(), Some("d"));
        }
        let both = parse(&["--data", "before", "user", "--data", "after", "list"]).unwrap();
        let Some(Command::User { data, .. }) = both.command else { panic!("`user` is the command") };
        assert_eq!(data.after(&both.bare).unwrap().data.as_deref(), Some("after"));
    }

    #[test]
    fn every_setting_is_an_option_of_serve_with_and_without_the_word() {
        for setting in SETTINGS {
            let flag = format!("--{}", setting.flag);
            for words in [&["serve", &flag, "x"][..], &[&flag, "x"], &[&flag, "x", "serve"]] {
                let Arguments { bare, command } = parse(words).unwrap();
                let Command::Serve(settings) = command.unwrap_or_default() else { panic!("it serves") };
                let given: Vec<_> = settings.after(&bare).unwrap().given().map(|it| it.flag).collect();
                assert_eq!(given, [setting.flag]);
            }
        }
    }

    #[test]
    fn other_commands_refuse_settings_that_they_do_not_heed() {
        for setting in SETTINGS.iter().filter(|setting| !["data", "database-url"].contains(&setting.flag)) {
            let flag = format!("--{}", setting.flag);
            assert!(parse(&["user", "list", &flag, "x"]).is_err(), "{flag} after the command");
            let Arguments { bare, command } = parse(&[&flag, "x", "user", "list"]).unwrap();
            let Some(Command::User { data, .. }) = command else { panic!("`user` is the command") };
            assert!(data.after(&bare).is_err(), "{flag} before the command");
        }
        for flag in ["--config", "--data", "--listen"] {
            let words = [flag, "x", "config"];
            assert!(parse(&words).unwrap().bare.refuse().is_err(), "{flag} before `config`");
            assert!(parse(&["config", flag, "x"]).is_err(), "{flag} after `config`");
        }
    }
}
