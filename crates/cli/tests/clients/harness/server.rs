//! The executable: a running server in a folder of its own, and the operator's commands beside it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::database::Database;
use super::{Printed, limited};

/// The password of every account in these tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// How long the server may take until it prints its address.
const START: Duration = Duration::from_mins(1);

/// Returns the mail address of an account.
pub(crate) fn email(account: &str) -> String {
    format!("{account}@example.com")
}

/// A running `keyward serve`, and the folder and database it works on. Both are gone when this value is.
pub(crate) struct Keyward {
    child: Child,
    base: String,
    database: Option<Database>,
    folder: TempDir,
}

impl Keyward {
    /// Starts a server without any account.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = Database::create();
        let (child, base) = serve(&folder, database.as_ref());
        Self { child, base, database, folder }
    }

    /// Kills the process at once, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the server is our child");
        self.child.wait().expect("the server is our child");
    }

    /// Starts the server anew, after a kill, on the same folder and database. It gets another port.
    pub(crate) fn restart(&mut self) {
        (self.child, self.base) = serve(&self.folder, self.database.as_ref());
    }

    /// Returns the address of the pages for people, to which all other addresses are relative.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Returns the address of the `RubyGems` face: host to push to and source to install from.
    pub(crate) fn gems(&self) -> String {
        format!("{}/rubygems", self.base)
    }

    /// Returns the folder into which mails are written.
    pub(crate) fn mail_folder(&self) -> PathBuf {
        self.folder.path().join("data/mail")
    }

    /// Makes an account.
    pub(crate) fn add_account(&self, name: &str) {
        self.command(&["user", "add", name, "--email", &email(name), "--password-stdin"], PASSWORD)
            .succeeded();
    }

    /// Makes a key for an account and returns its value. `permits` are further words of `keyward key create`.
    pub(crate) fn add_key(&self, account: &str, name: &str, permits: &[&str]) -> String {
        let words = ["key", "create", "--account", account, "--ecosystem", "rubygems", "--name", name];
        let printed = self.command(&[&words, permits].concat(), "").succeeded();
        let value = printed.text.trim().to_owned();
        assert!(value.starts_with("keyward_"), "the value stands alone on standard output: {value}");
        value
    }

    /// Returns the names of the keys of an account that were not revoked, as `keyward key list --json` gives them.
    pub(crate) fn key_names(&self, account: &str) -> Vec<String> {
        let keys = self.keys(account);
        keys.iter().filter(|key| text(key, "state") != "revoked").map(|key| text(key, "name")).collect()
    }

    /// Revokes a key of an account.
    pub(crate) fn revoke_key(&self, account: &str, name: &str) {
        let keys = self.keys(account);
        let key =
            keys.iter().find(|key| text(key, "name") == name).expect("the account has a key of this name");
        self.command(&["key", "revoke", &text(key, "id")], "").succeeded();
    }

    fn keys(&self, account: &str) -> Vec<Value> {
        let printed = self.command(&["key", "list", "--account", account, "--json"], "").succeeded();
        let list: Value = serde_json::from_str(&printed.text).expect("`--json` prints JSON");
        list.as_array().expect("the keys are an array").clone()
    }

    /// Runs one command of the operator on the folder and database of this server.
    fn command(&self, words: &[&str], input: &str) -> Printed {
        let mut command = limited(env!("CARGO_BIN_EXE_keyward"));
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        place(&mut command, &self.folder, self.database.as_ref());
        let mut child = command.spawn().expect("`timeout` of coreutils is installed");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        // A command that reads nothing may have closed its end already.
        _ = writeln!(stdin, "{input}");
        drop(stdin);
        let output = child.wait_with_output().expect("the command is our child");
        if output.status.success() {
            return Printed { text: String::from_utf8_lossy(&output.stdout).into_owned(), code: Some(0) };
        }
        Printed::from_output(&output)
    }
}

impl Drop for Keyward {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            // Shown by the test runner beside the failure.
            _ = writeln!(std::io::stderr(), "--- the server said:\n{log}");
        }
    }
}

/// Points a command at the data and away from the environment of the test.
fn place(command: &mut Command, folder: &TempDir, database: Option<&Database>) {
    command
        .current_dir(folder.path())
        .env_remove("DATABASE_URL")
        .arg("--data")
        .arg(folder.path().join("data"));
    if let Some(database) = database {
        command.args(["--database-url", &database.url()]);
    }
}

/// Starts the server and waits for its address.
fn serve(folder: &TempDir, database: Option<&Database>) -> (Child, String) {
    let log = File::options().create(true).append(true).open(folder.path().join("log"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyward"));
    command.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::piped());
    place(&mut command, folder, database);
    command.stderr(log.expect("the temporary folder can be written to"));
    let mut child = command.spawn().expect("the executable was built for this test");
    let line = first_line(child.stdout.take().expect("standard output is piped"));
    let base = line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned);
    let Some(base) = base else {
        _ = child.kill();
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        panic!("the server did not print its address, but `{line}`, and said:\n{log}");
    };
    (child, base)
}

/// Returns the first line of a stream, or nothing if it does not come in time. The lines after it are read and dropped, so that
/// the server never waits for us.
fn first_line(stream: ChildStdout) -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            _ = sender.send(line);
        }
    });
    receiver.recv_timeout(START).unwrap_or_default()
}

fn text(key: &Value, field: &str) -> String {
    key[field].as_str().expect("ids, names and states are strings").to_owned()
}
