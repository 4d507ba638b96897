//! The executable as an operator starts it, with an account and a key to attack it with.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::client::Client;
use super::memory::Memory;
use super::request::Request;
use crate::guard::Guard;

/// The account of the attacker.
pub(crate) const LOGIN: &str = "mallory";
/// Its password.
pub(crate) const PASSWORD: &str = "tall ships on a violet sea";

/// Whoever prepares a server comes from here.
const OPERATOR: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Others come from here.
const WITNESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// What the guard does: it reads the number of the process and, unless it is told that the process is gone, kills it. Then it
/// removes the folder `$0`.
const GUARD: &str = r#"read process; read gone || kill -KILL "$process"; rm -rf "$0""#;

/// What a server may hold that counts as fresh, in bytes.
const RETAINED: u64 = 24 * 1024 * 1024;

/// How many files and connections the server may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handles {
    /// 1,024, which the server may raise: what Debian gives a service.
    Soft,
    /// 1,024 and no more.
    Hard,
}

/// How a server is started.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// Flags beyond those that every server gets.
    pub(crate) flags: Vec<&'static str>,
    /// Files and connections.
    pub(crate) handles: Handles,
}

impl Setup {
    /// Without limits on guessing: those would hide what an attack costs that comes from many addresses.
    pub(crate) fn unguarded() -> Self {
        Self { flags: vec!["--limits-guessing", "false"], handles: Handles::Soft }
    }

    /// With all settings as they are by default.
    pub(crate) fn default_settings() -> Self {
        Self { flags: vec![], handles: Handles::Soft }
    }
}

/// A running server. Dropping it kills it and removes its data; so does a guard when we are killed.
pub(crate) struct Server {
    process: Child,
    _output: BufReader<ChildStdout>,
    guard: Guard,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// A key that may do all that a key can, but for dashboards.
    pub(crate) key: String,
    /// Its memory before the first attack, in bytes.
    fresh: u64,
    /// The session of a browser that has just signed in.
    pub(crate) session: String,
}

impl Server {
    /// Makes an account and a key, starts the server and signs in.
    pub(crate) fn start(executable: &Path, setup: &Setup) -> Result<Self> {
        let data = new_folder()?;
        let mut guard = Guard::start(GUARD, [&data])?;
        let key = prepare(executable, &data)?;
        let ulimit = if setup.handles == Handles::Soft { "-S" } else { "" };
        let mut process = Command::new("sh")
            .args(["-c", &format!(r#"ulimit {ulimit} -n 1024; exec "$0" "$@""#)])
            .arg(executable)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--data"])
            .arg(&data)
            .args(&setup.flags)
            .current_dir(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the server cannot be started")?;
        guard.tell(&process.id().to_string())?;
        let mut output = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = address(&line).with_context(|| format!("the server said `{}`", line.trim()))?;
        let mut server =
            Self { process, _output: output, guard, address, key, session: String::new(), fresh: 0 };
        server.session = server.sign_in()?;
        server.fresh = server.memory().now()?;
        Ok(server)
    }

    /// The number of the process.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Its memory.
    pub(crate) fn memory(&self) -> Memory {
        Memory::of(self.process())
    }

    /// Whether it holds hardly more memory than before the first attack. What it holds hides what the next attack costs.
    pub(crate) fn is_fresh(&self) -> bool {
        self.memory().now().is_ok_and(|now| now < self.fresh + RETAINED)
    }

    /// A client at one of 60,000 addresses of attackers.
    pub(crate) fn attacker(&self, number: usize) -> Client {
        let [_, _, .., high, low] = (number % 60_000 + 1).to_be_bytes();
        Client::new(self.address, Ipv4Addr::new(127, 66, high, low), Duration::from_secs(20))
    }

    /// A client who has nothing to do with the attack.
    pub(crate) fn witness(&self) -> Client {
        Client::new(self.address, WITNESS, Duration::from_secs(5))
    }

    fn sign_in(&self) -> Result<String> {
        let operator = Client::new(self.address, OPERATOR, Duration::from_secs(20));
        let password = PASSWORD.replace(' ', "+");
        let answer =
            operator.ask(&Request::form("/sign_in", format!("login={LOGIN}&password={password}")))?;
        let session = answer.cookie("keyward_session");
        Ok(session.with_context(|| format!("nobody can sign in: status {}", answer.status))?.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that is gone already is as good as killed, and its number may belong to another soon.
        _ = self.process.kill();
        _ = self.process.wait();
        _ = self.guard.tell("gone");
    }
}

/// Kills a process.
pub(crate) fn kill(process: u32) {
    _ = Command::new("sh").args(["-c", "kill -KILL \"$0\""]).arg(process.to_string()).status();
}

/// The folder of the next server.
fn new_folder() -> Result<PathBuf> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("keyward-attack-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder).context("the folder of the data cannot be made")?;
    Ok(folder)
}

/// Makes the account of the attacker and returns the value of a key of it.
fn prepare(executable: &Path, data: &Path) -> Result<String> {
    let email = format!("{LOGIN}@example.com");
    ask(executable, data, &["user", "add", LOGIN, "--email", &email, "--password-stdin"])?;
    let scopes = "index_rubygems,push_rubygem,yank_rubygem,add_owner,update_owner,remove_owner";
    let key =
        ["key", "create", "--account", LOGIN, "--ecosystem", "rubygems", "--name", "ci", "--scope", scopes];
    ask(executable, data, &key)
}

/// Runs a command of the operator, with the password on standard input, and returns what it prints.
fn ask(executable: &Path, data: &Path, words: &[&str]) -> Result<String> {
    let mut command = Command::new(executable);
    command.args(words).arg("--data").arg(data).current_dir(data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().context("the executable cannot be run")?;
    // Commands that ask for no password may be gone by now.
    _ = process.stdin.take().expect("standard input is piped").write_all(PASSWORD.as_bytes());
    let output = process.wait_with_output()?;
    if !output.status.success() {
        bail!("`keyward {}` failed: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The address in the line that a server prints once it listens.
fn address(line: &str) -> Result<SocketAddr> {
    let (_, rest) = line.split_once("http://").context("no address")?;
    let text: String = rest.chars().take_while(|c| !c.is_whitespace()).collect();
    let address: SocketAddr = text.trim_end_matches('/').parse()?;
    ensure!(address.ip().is_loopback(), "only a server on loopback is attacked");
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_stands_in_the_first_line() {
        let line = "Keyward 0.1.0 — http://127.0.0.1:46881 — data in d (SQLite)\n";
        assert_eq!(address(line).unwrap(), "127.0.0.1:46881".parse().unwrap());
        assert!(address("Keyward — http://192.0.2.1:80 —").is_err(), "not on loopback");
        assert!(address("error: …").is_err());
    }
}
