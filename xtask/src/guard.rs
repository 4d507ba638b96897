//! A small process that clears away when a run is over, however it ends.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::machine;

/// A shell script whose standard input we hold. The script waits for it to end, which it does when this is dropped and also when
/// we are interrupted or killed and drop nothing.
pub(crate) struct Guard(Child);

impl Guard {
    /// Starts the script with these words as `$0`, `$1` and so on, in a process group of its own: an interrupt from the terminal
    /// does not end it with us.
    pub(crate) fn start<S: AsRef<OsStr>>(script: &str, words: impl IntoIterator<Item = S>) -> Result<Self> {
        let guard = Command::new("sh")
            .args(["-c", script])
            .args(words)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start the process that clears away after the run")?;
        Ok(Self(guard))
    }

    /// Gives the script a line to read.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        let input = self.0.stdin.as_mut().expect("standard input is piped until the end");
        writeln!(input, "{line}").context("the process that clears away after the run is gone")
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            machine::complain(&format!("cannot wait for the end of the run to be cleared away: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_goes_on_once_its_owner_is_gone_and_has_read_what_it_was_told() {
        let mark = std::env::temp_dir().join(format!("keyward-guard-{}", std::process::id()));
        let mut guard = Guard::start(r#"read word; cat; printf %s "$word" > "$0""#, [&mark]).unwrap();
        guard.tell("42").unwrap();
        assert!(!mark.exists());
        drop(guard);
        assert_eq!(std::fs::read_to_string(&mark).unwrap(), "42");
        std::fs::remove_file(mark).unwrap();
    }
}
