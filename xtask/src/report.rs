//! Gathers the outcomes of a run and closes it with lines that count them.

use std::time::Duration;

use crate::machine;
use crate::step::{Outcome, Step};
use crate::tally::Tally;

/// Something that the machine lacks, so that a part of the run was left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// What is missing, and what was left out for it.
    pub(crate) what: String,
    /// How to get it.
    pub(crate) hint: String,
}

impl Missing {
    /// Names what is missing and how to get it.
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

/// The outcomes of a run.
#[derive(Default)]
pub(crate) struct Report {
    outcomes: Vec<Outcome>,
    missing: Vec<Missing>,
    notes: Vec<String>,
}

impl Report {
    /// Runs a step and keeps its outcome.
    pub(crate) fn run(&mut self, step: Step) {
        let outcome = step.run();
        if !outcome.passed {
            machine::complain(&format!("FAILED: {}", outcome.name));
        }
        self.outcomes.push(outcome);
    }

    /// Keeps a failure that is not the one of a command.
    pub(crate) fn fail(&mut self, name: &str, error: &anyhow::Error) {
        machine::complain(&format!("FAILED: {name}: {error:#}"));
        let outcome =
            Outcome { name: name.to_owned(), time: Duration::ZERO, passed: false, tests: Tally::default() };
        self.outcomes.push(outcome);
    }

    /// Keeps something that is missing, to be named in the closing lines.
    pub(crate) fn lacks(&mut self, missing: Missing) {
        self.missing.push(missing);
    }

    /// Keeps a sentence for the closing lines.
    pub(crate) fn note(&mut self, sentence: &str) {
        self.notes.push(sentence.to_owned());
    }

    /// Prints the closing lines and returns whether the run passed. Where `strict` (under CI), whatever is missing fails it.
    pub(crate) fn close(&self, strict: bool) -> bool {
        machine::say("");
        for line in self.lines(strict) {
            machine::say(&line);
        }
        self.failures(strict) == 0
    }

    fn failures(&self, strict: bool) -> usize {
        let failed = self.outcomes.iter().filter(|outcome| !outcome.passed).count();
        failed + if strict { self.missing.len() } else { 0 }
    }

    fn lines(&self, strict: bool) -> Vec<String> {
        let mut lines: Vec<String> = self.outcomes.iter().map(outcome_line).collect();
        lines.extend(self.notes.iter().map(|note| format!("note    {note}")));
        let word = if strict { "FAILED" } else { "missing" };
        lines.extend(
            self.missing.iter().map(|Missing { what, hint }| format!("{word:<7} {what}; hint: {hint}")),
        );
        lines.extend(self.count_lines(strict));
        lines
    }

    fn count_lines(&self, strict: bool) -> Vec<String> {
        let mut tests = Tally::default();
        for outcome in &self.outcomes {
            tests += outcome.tests;
        }
        let mut lines = Vec::new();
        if tests != Tally::default() {
            lines.push(format!(
                "tests:  {} passed, {} failed, {} skipped",
                tests.passed, tests.failed, tests.skipped
            ));
        }
        let passed = self.outcomes.iter().filter(|outcome| outcome.passed).count();
        let lacking = if strict { String::new() } else { format!(", {} missing", self.missing.len()) };
        lines.push(format!("steps:  {passed} passed, {} failed{lacking}", self.failures(strict)));
        lines
    }
}

fn outcome_line(outcome: &Outcome) -> String {
    let word = if outcome.passed { "passed" } else { "FAILED" };
    let time = format!("{:.1} s", outcome.time.as_secs_f64());
    format!("{word:<7} {:<34} {time:>9}", outcome.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str, passed: bool, tests: Tally) -> Outcome {
        Outcome { name: name.to_owned(), time: Duration::from_millis(1234), passed, tests }
    }

    fn report(passed: bool) -> Report {
        let tests = Tally { passed: 7, failed: u32::from(!passed), skipped: 1 };
        Report { outcomes: vec![outcome("suite", passed, tests)], ..Report::default() }
    }

    #[test]
    fn the_closing_lines_count_tests_and_steps() {
        assert_eq!(
            report(false).lines(false),
            [
                format!("FAILED  suite{}1.2 s", " ".repeat(34)),
                "tests:  7 passed, 1 failed, 1 skipped".to_owned(),
                "steps:  0 passed, 1 failed, 0 missing".to_owned(),
            ]
        );
    }

    #[test]
    fn a_failed_step_fails_the_run() {
        assert!(report(true).close(false));
        assert!(!report(false).close(false));
    }

    #[test]
    fn what_is_missing_fails_the_run_only_under_ci() {
        let mut report = report(true);
        report.lacks(Missing::new("bundler: not installed", "apt-get install bundler"));
        assert!(report.close(false));
        assert!(!report.close(true));
        assert!(
            report.lines(false).iter().any(|line| line.starts_with("missing bundler: not installed; hint: "))
        );
        assert!(report.lines(true).iter().any(|line| line == "steps:  1 passed, 1 failed"));
    }

    #[test]
    fn a_failure_without_a_command_fails_the_run() {
        let mut report = report(true);
        report.fail("postgres", &anyhow::anyhow!("no free port"));
        assert!(!report.close(false));
    }
}
