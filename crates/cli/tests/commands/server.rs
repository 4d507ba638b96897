//! A running server beside the commands.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::Session;

/// How long a line may take, on a slow machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `keyward serve`; killed at the end at the latest.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
}

impl Server {
    /// Starts `keyward` with these words.
    pub(crate) fn start(session: &Session, words: &[&str]) -> Self {
        let mut command = session.keyward();
        command.args(words);
        Self::spawn(command)
    }

    /// Starts `keyward` with these words from a shell in which something was typed before, such as `umask 0`.
    pub(crate) fn start_after(session: &Session, before: &str, words: &str) -> Self {
        let mut command = session.command("sh");
        command.arg("-c").arg(format!("{before}; exec keyward {words}"));
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the executable was built for this test");
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("standard output is piped"));
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// Returns the id of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the next line that it prints.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the server prints another line")
    }

    /// Tells the server to stop and returns whether it ended well, and what it wrote to its two streams meanwhile.
    pub(crate) fn stop(mut self) -> (bool, Vec<String>, String) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.is_ok_and(|status| status.success()), "the server still runs");
        let (mut log, mut stderr) =
            (String::new(), self.child.stderr.take().expect("standard error is piped"));
        stderr.read_to_string(&mut log).expect("logs are UTF-8");
        let status = self.child.wait().expect("the server is our child");
        (status.success(), self.lines.iter().collect(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Takes the address out of the first line, which says it between its dashes.
pub(crate) fn address(line: &str) -> &str {
    line.split(" — ").nth(1).expect("the first line has an address")
}

/// Sends what a test asks for, and leaves it to the test to judge the status.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}
