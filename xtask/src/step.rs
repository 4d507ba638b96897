//! A named command, run and timed, with the tests in its output counted.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::machine;
use crate::tally::Tally;

/// One named part of a run.
pub(crate) struct Step {
    name: String,
    command: Command,
}

/// What became of a step.
pub(crate) struct Outcome {
    /// The name of the step.
    pub(crate) name: String,
    /// How long it took.
    pub(crate) time: Duration,
    /// Whether it ended well.
    pub(crate) passed: bool,
    /// The tests it ran, if any.
    pub(crate) tests: Tally,
}

impl Step {
    /// Makes a step of a command.
    pub(crate) fn new(name: &str, command: Command) -> Self {
        Self { name: name.to_owned(), command }
    }

    /// Makes a step of a call of cargo in the workspace root.
    pub(crate) fn cargo(name: &str, arguments: &[&str]) -> Self {
        Self::new(name, machine::cargo(arguments))
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, variable: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(variable, value);
        self
    }

    /// Unsets a variable of the environment.
    pub(crate) fn env_remove(mut self, variable: &str) -> Self {
        self.command.env_remove(variable);
        self
    }

    /// Runs the step, showing its output as it comes. A command that cannot be started is a failed step, not an error: the
    /// steps after it run all the same.
    pub(crate) fn run(mut self) -> Outcome {
        machine::say(&format!("\n==> {}", self.name));
        let start = Instant::now();
        let result = self.watch();
        let time = start.elapsed();
        let (passed, tests) = result.unwrap_or_else(|error| {
            machine::complain(&format!("{}: {error:#}", self.name));
            (false, Tally::default())
        });
        Outcome { name: self.name, time, passed, tests }
    }

    fn watch(&mut self) -> Result<(bool, Tally)> {
        if machine::has_colours() {
            self.command.env("CARGO_TERM_COLOR", "always");
        }
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self
            .command
            .spawn()
            .with_context(|| format!("cannot run `{}`", self.command.get_program().to_string_lossy()))?;
        let output = child.stdout.take().expect("standard output is piped");
        let errors = child.stderr.take().expect("standard error is piped");
        let tests = std::thread::scope(|scope| {
            let aside = scope.spawn(|| pass_on(errors, std::io::stderr()));
            let mut tests = pass_on(output, std::io::stdout());
            tests += aside.join().expect("copying lines does not panic");
            tests
        });
        Ok((child.wait().context("cannot learn how the command ended")?.success(), tests))
    }
}

/// Copies a stream line by line and counts the tests that its closing lines speak of.
fn pass_on(from: impl Read, mut to: impl Write) -> Tally {
    let mut tests = Tally::default();
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // A reader that went away (`| head`) must not stop the run.
        _ = to.write_all(&line).and_then(|()| to.flush());
        tests += Tally::of_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Step {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        Step::new("shell", command)
    }

    #[test]
    fn a_step_counts_the_tests_on_both_of_its_streams() {
        let outcome = shell(
            "echo 'test result: ok. 2 passed; 0 failed'; echo 'Summary [ 1s] 3 tests run: 3 passed' >&2",
        )
        .run();
        assert!(outcome.passed);
        assert_eq!(outcome.tests.passed, 5);
    }

    #[test]
    fn a_command_that_fails_fails_its_step() {
        assert!(!shell("exit 3").run().passed);
    }

    #[test]
    fn a_command_that_does_not_exist_fails_its_step() {
        assert!(!Step::new("nothing", Command::new("no-such-program-here")).run().passed);
    }

    #[test]
    fn a_step_runs_in_the_environment_that_it_was_given() {
        assert!(shell("test \"$COLOUR\" = green").env("COLOUR", "green").run().passed);
        assert!(shell("test -z \"$COLOUR\"").env("COLOUR", "green").env_remove("COLOUR").run().passed);
    }
}
