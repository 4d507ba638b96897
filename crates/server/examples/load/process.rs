//! A server in a process of its own: this executable once more, with other words.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};
use server::Settings;

/// The word that makes this executable the bare server.
pub(crate) const BARE: &str = "serve-bare";
/// The word that makes it the real server; the data folder and the log level follow.
pub(crate) const REAL: &str = "serve-real";

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    process: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// One handler of the web framework and nothing else.
    pub(crate) fn bare() -> Result<Self> {
        Self::start(this()?.arg(BARE))
    }

    /// The real server. Its log goes to a file, as with an operator.
    pub(crate) fn real(settings: &Settings) -> Result<Self> {
        let log = std::fs::File::create(settings.data.join("log"))?;
        Self::start(this()?.arg(REAL).arg(&settings.data).arg(&settings.log.level).stderr(log))
    }

    /// Starts a process and waits for the line with its address.
    fn start(command: &mut Command) -> Result<Self> {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().expect("the output is a pipe");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().context("a server did not say where it listens")?;
        Ok(Self { process, address })
    }
}

/// Ticks of the processor time of processes, in a second: the same on every Linux.
const TICKS: u32 = 100;

impl Server {
    /// The processor time that the process has used so far. Linux tells; others do not.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The name of the program, in parentheses, may hold spaces; user and system time are the 12th and 13th word after it.
        let words = status.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
        let ticks = words.map(|word| word.parse::<u32>().ok()).sum::<Option<u32>>()?;
        Some(Duration::from_secs(1) * ticks / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that is gone already is as good as killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn this() -> Result<Command> {
    Ok(Command::new(std::env::current_exe()?))
}
