//! A shell in an empty folder, with `keyward` on its path.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use testkit::TestDatabase;

use crate::redact::Redactor;

/// The executable under test.
const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward");

/// A terminal session: what was typed and what came back. Its folder and database are gone when this value is.
pub(crate) struct Session {
    transcript: String,
    redactor: Redactor,
    folder: TempDir,
    database: TestDatabase,
}

impl Session {
    /// Opens a session in an empty folder, with an empty database.
    pub(crate) fn open() -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
        Self {
            transcript: String::new(),
            redactor: Redactor::default(),
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
            database: runtime.block_on(TestDatabase::create()),
        }
    }

    /// Opens a session and makes the account `alice` in it, which the transcript leaves out.
    pub(crate) fn of_alice() -> Self {
        let session = Self::open();
        session.quietly(
            "echo 'correct horse' | keyward user add alice --email alice@example.com --password-stdin",
        );
        session
    }

    /// Types a line. Of what comes back, lines of standard error begin with `2> `.
    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        let output = self.shell(line);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        self.note(&format!("$ {line}"));
        out.lines().for_each(|line| self.note(line));
        err.lines().for_each(|line| self.note(&format!("2> {line}")));
        if let Some(status) = output.status.code().filter(|status| *status != 0) {
            self.note(&format!("[exit status {status}]"));
        }
        self
    }

    fn note(&mut self, line: &str) {
        self.transcript.push_str(line);
        self.transcript.push('\n');
    }

    /// Runs a line that has to succeed, beside the transcript. Returns its standard output.
    pub(crate) fn quietly(&self, line: &str) -> String {
        let output = self.shell(line);
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{line}` failed: {err}");
        String::from_utf8(output.stdout).expect("commands print UTF-8")
    }

    /// Runs a line that has to fail, beside the transcript. Returns what it said on either stream.
    pub(crate) fn fails(&self, line: &str) -> String {
        let output = self.shell(line);
        assert!(!output.status.success(), "`{line}` succeeded");
        String::from_utf8([output.stdout, output.stderr].concat()).expect("commands print UTF-8")
    }

    /// Runs a line that prints JSON.
    pub(crate) fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.quietly(line)).expect("`--json` prints JSON")
    }

    /// Returns the id of a key of `alice`.
    pub(crate) fn key_id(&self, name: &str) -> String {
        let keys = self.json("keyward key list --account alice --json");
        let key = keys.as_array().and_then(|keys| keys.iter().find(|key| key["name"] == name));
        let id = key.and_then(|key| key["id"].as_str());
        id.expect("alice has a key of this name").to_owned()
    }

    /// Returns a path in the folder of the session.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the session so far. Ids, values and instants are replaced by what they are, once they look as they should.
    pub(crate) fn transcript(&mut self) -> String {
        let redacted = self.redactor.redact(&self.transcript);
        redacted.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// Whether the records of this session are in `PostgreSQL`.
    pub(crate) fn is_postgres(&self) -> bool {
        self.database.is_postgres()
    }

    /// Returns the executable, to be run in the folder and on the database of the session.
    pub(crate) fn keyward(&self) -> Command {
        self.command(KEYWARD)
    }

    fn shell(&self, line: &str) -> Output {
        self.command("sh").arg("-c").arg(line).output().expect("there is a shell")
    }

    /// A command that knows of the environment nothing but its path and the database.
    pub(crate) fn command(&self, program: &str) -> Command {
        let folder = Path::new(KEYWARD).parent().expect("the executable lies in a folder");
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear();
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display()));
        if let Some(url) = &self.database.url {
            command.env("KEYWARD_DATABASE_URL", url);
        }
        command
    }
}
