//! What may be chosen on the command line.

use std::{str::FromStr, time::Duration};

use anyhow::{Context as _, Result, bail};

/// Told when the words make no sense.
const USAGE: &str = "usage: load [--keys N] [--gems N] [--rounds N] [--seconds N] [--connections N] [--pushes N] [--log-level LEVEL]";

/// How large, how often, how long.
pub(crate) struct Options {
    /// Keys in the store.
    pub(crate) keys: usize,
    /// Gems in the store for the second half.
    pub(crate) gems: usize,
    /// How often the two servers take turns.
    pub(crate) rounds: usize,
    /// How long each turn lasts.
    pub(crate) turn: Duration,
    /// Connections that ask at the same time.
    pub(crate) connections: usize,
    /// Pushes of each kind.
    pub(crate) pushes: usize,
    /// What the real server logs, to a file.
    pub(crate) log_level: String,
}

impl Options {
    /// Reads pairs of a name and a value.
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        for pair in words.chunks(2) {
            let [name, value] = pair else { bail!("`{}` has no value\n{USAGE}", pair[0]) };
            options.set(name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "--keys" => self.keys = number(name, value)?,
            "--gems" => self.gems = number(name, value)?,
            "--rounds" => self.rounds = number(name, value)?,
            "--seconds" => self.turn = Duration::from_secs(number(name, value)?),
            "--connections" => self.connections = number(name, value)?,
            "--pushes" => self.pushes = number(name, value)?,
            "--log-level" => value.clone_into(&mut self.log_level),
            _ => bail!("`{name}` is not an option\n{USAGE}"),
        }
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keys: 1_000_000,
            gems: 100_000,
            rounds: 7,
            turn: Duration::from_secs(3),
            connections: 16,
            pushes: 300,
            log_level: "info".to_owned(),
        }
    }
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().ok().with_context(|| format!("`{value}` is not a number for `{name}`"))
}
