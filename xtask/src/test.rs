//! The whole suite: lint, the tests on `SQLite`, the tests on `PostgreSQL`, the doc tests.

use crate::install::{self, Equipment};
use crate::lint;
use crate::machine;
use crate::postgres::Postgres;
use crate::report::Report;
use crate::step::Step;

/// Adds the tests that drive the real `gem` and `bundle`.
const REAL_CLIENTS: &str = "cli/real-clients";
/// Adds the tests in a real browser.
const BROWSER: &str = "server/browser";
/// Adds the two routes for conformance suites. Off in one pass and on in the other, so that both builds are tested.
const TEST_HOOKS: &str = "cli/test-hooks,server/test-hooks";

/// Runs everything, or, with filters, only the tests whose name contains one of them, on both databases.
pub(crate) fn run(filters: &[String], report: &mut Report) {
    let equipment = install::run(report);
    if filters.is_empty() {
        lint::run(report);
    } else {
        report.note("lint and doc tests do not run with a filter");
    }
    let runner = Runner::detect();
    on_sqlite(&runner, &equipment, filters, report);
    on_postgres(&runner, &equipment, filters, report);
    if filters.is_empty() {
        // The features of the pass before: nothing is built anew.
        let features = features(&equipment, true);
        report.run(Step::cargo(
            "doc tests",
            &["test", "--doc", "--workspace", "--no-fail-fast", "--features", &features],
        ));
    }
}

fn on_sqlite(runner: &Runner, equipment: &Equipment, filters: &[String], report: &mut Report) {
    let step = suite(runner, "tests on SQLite", equipment, false, filters);
    report.run(step.env_remove("DATABASE_URL"));
}

fn on_postgres(runner: &Runner, equipment: &Equipment, filters: &[String], report: &mut Report) {
    if !equipment.postgres {
        return; // Reported as missing already.
    }
    match Postgres::start() {
        Ok(server) => {
            let step = suite(runner, "tests on PostgreSQL, with hooks", equipment, true, filters);
            report.run(step.env("DATABASE_URL", server.url()));
        }
        Err(error) => report.fail("start PostgreSQL", &error),
    }
}

fn suite(runner: &Runner, name: &str, equipment: &Equipment, hooks: bool, filters: &[String]) -> Step {
    let step = runner.suite(name, &features(equipment, hooks), filters);
    match &equipment.axe {
        Some(script) => step.env("AXE_CORE", script),
        None => step,
    }
}

fn features(equipment: &Equipment, hooks: bool) -> String {
    let mut features = Vec::new();
    features.extend(equipment.real_clients.then_some(REAL_CLIENTS));
    features.extend(equipment.axe.is_some().then_some(BROWSER));
    features.extend(hooks.then_some(TEST_HOOKS));
    features.join(",")
}

/// The program that runs the tests.
enum Runner {
    /// cargo-nextest: a process for each test.
    Nextest,
    /// What cargo brings: a process for each test executable.
    Cargo,
}

impl Runner {
    fn detect() -> Self {
        let nextest = machine::answer(&mut machine::cargo(["nextest", "--version"]));
        if nextest.is_some() { Self::Nextest } else { Self::Cargo }
    }

    /// Makes the step that runs the suite of the workspace.
    fn suite(&self, name: &str, features: &str, filters: &[String]) -> Step {
        let mut words: Vec<&str> = match self {
            Self::Nextest => vec!["nextest", "run", "--workspace", "--no-fail-fast"],
            // All but the doc tests, which are a step of their own.
            Self::Cargo => vec!["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"],
        };
        if !features.is_empty() {
            words.extend(["--features", features]);
        }
        if !filters.is_empty() {
            words.push("--");
            words.extend(filters.iter().map(String::as_str));
        }
        Step::cargo(name, &words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_passes_build_with_and_without_the_hooks() {
        let full = Equipment { real_clients: true, postgres: true, axe: Some("axe.min.js".into()) };
        assert_eq!(features(&full, false), "cli/real-clients,server/browser");
        assert_eq!(features(&full, true), "cli/real-clients,server/browser,cli/test-hooks,server/test-hooks");
        let bare = Equipment { real_clients: false, postgres: true, axe: None };
        assert_eq!(features(&bare, false), "");
    }
}
