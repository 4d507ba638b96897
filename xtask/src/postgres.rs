//! A `PostgreSQL` of our own: on a free loopback port, in a temporary folder, gone when the run is over.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::guard::Guard;
use crate::machine;

/// Each test opens a few pools of its own, and several tests run at once.
const MAX_CONNECTIONS: u16 = 400;

/// What the guard does once its standard input ends: stop the server without waiting for its clients, remove its folder.
/// `$0` is the folder, the other arguments are the words that stop the server.
const GUARD: &str = r#"cat >/dev/null; "$@" >/dev/null 2>&1; rm -rf "$0""#;

/// A running `PostgreSQL`. Dropping it stops the server and removes its data.
///
/// The work is done by a guard, so it is done as well when we are interrupted or killed and drop nothing.
pub(crate) struct Postgres {
    port: u16,
    _guard: Guard,
}

impl Postgres {
    /// Makes a fresh cluster with trust authentication and the superuser `app`, and starts it, without the safety of `fsync`:
    /// nothing in it outlives the run.
    pub(crate) fn start() -> Result<Self> {
        let user = System::detect()?;
        let folder = PathBuf::from(user.ask("mktemp", &["-d", "-p", "/tmp", "keyward-postgres-XXXXXX"])?);
        let data = folder.join("data").to_string_lossy().into_owned();
        let control = program("pg_ctl")?;
        let guard = guard(&user, &folder, &[&control, "-D", &data, "-m", "immediate", "-w", "stop"])?;
        let port = free_port()?;
        let server = Self { port, _guard: guard };
        let initdb = program("initdb")?;
        user.ask(
            &initdb,
            &["-D", &data, "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        )?;
        let log = folder.join("log").to_string_lossy().into_owned();
        user.ask(&control, &["-D", &data, "-l", &log, "-w", "-o", &options(port, &folder), "start"])
            .with_context(|| {
                format!("PostgreSQL did not start: {}", std::fs::read_to_string(&log).unwrap_or_default())
            })?;
        Ok(server)
    }

    /// Returns the address of a database in which the tests may make their own.
    pub(crate) fn url(&self) -> String {
        format!("postgres://app@127.0.0.1:{}/postgres", self.port)
    }
}

/// Returns where a program of the `PostgreSQL` server lies: on `PATH`, or where Debian keeps it, newest version first.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    machine::find(program).or_else(|| {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let newest = versions
            .flatten()
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry)));
        let (_, entry) = newest.max_by_key(|(version, _)| *version)?;
        Some(entry.path().join("bin").join(program)).filter(|file| file.is_file())
    })
}

fn program(name: &str) -> Result<String> {
    let file = find(name).with_context(|| format!("`{name}` of PostgreSQL is not installed"))?;
    Ok(file.to_string_lossy().into_owned())
}

fn options(port: u16, folder: &Path) -> String {
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        format!("max_connections={MAX_CONNECTIONS}"),
        "fsync=off".to_owned(),
        "synchronous_commit=off".to_owned(),
        "full_page_writes=off".to_owned(),
    ];
    settings.iter().fold(format!("-p {port}"), |options, setting| format!("{options} -c {setting}"))
}

/// Asks the operating system for a port that nobody listens on.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

fn guard(user: &System, folder: &Path, stop: &[&str]) -> Result<Guard> {
    let folder = folder.to_string_lossy();
    Guard::start(GUARD, [&[&*folder], &*user.words(stop)].concat())
}

/// The user of the operating system that runs the server: `PostgreSQL` refuses to run as root.
struct System {
    /// The words to put before a command.
    prefix: Vec<String>,
}

impl System {
    /// Takes ourselves, or, when we are root, `postgres` or `nobody`.
    fn detect() -> Result<Self> {
        if !machine::is_root() {
            return Ok(Self { prefix: vec![] });
        }
        let exists = |user: &&str| machine::answer(Command::new("id").args(["-u", user])).is_some();
        let user = ["postgres", "nobody"].into_iter().find(exists);
        let user =
            user.context("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")?;
        Ok(Self { prefix: ["runuser", "-u", user, "--"].map(str::to_owned).to_vec() })
    }

    fn words<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        self.prefix.iter().map(String::as_str).chain(command.iter().copied()).collect()
    }

    /// Runs a command as this user and returns what it prints. `/` is a folder that every user may stand in.
    fn ask(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let words = self.words(&[&[program], arguments].concat());
        let output = Command::new(words[0])
            .args(&words[1..])
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot run `{}`", words.join(" ")))?;
        if !output.status.success() {
            bail!("`{}` failed: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_listens_on_loopback_only_and_takes_many_connections() {
        let options = options(5599, Path::new("/tmp/x"));
        assert!(options.starts_with("-p 5599 -c listen_addresses=127.0.0.1 "), "{options}");
        assert!(options.contains("-c max_connections=400"), "{options}");
    }

    #[test]
    fn two_free_ports_are_not_privileged() {
        assert!(free_port().is_ok_and(|port| port >= 1024));
    }

    #[test]
    fn the_guard_stops_and_clears_away_once_its_owner_is_gone() {
        let folder = std::env::temp_dir().join(format!("keyward-postgres-guard-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("data")).unwrap();
        let mark = folder.with_extension("stopped");
        let user = System { prefix: vec![] };
        let guard = guard(&user, &folder, &["touch", &mark.to_string_lossy()]).unwrap();
        assert!(folder.exists());
        drop(guard);
        assert!(mark.exists(), "the server was told to stop");
        assert!(!folder.exists(), "its folder is gone");
        std::fs::remove_file(mark).unwrap();
    }
}
