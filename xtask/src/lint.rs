//! Formatting, clippy, documentation and the rules about dependencies.

use crate::machine;
use crate::report::{Missing, Report};
use crate::step::Step;

/// How to get cargo-deny, and what it takes to install it under CI.
const INSTALL_DENY: [&str; 3] = ["install", "--locked", "cargo-deny"];

/// Runs all checks that need no test.
pub(crate) fn run(report: &mut Report) {
    report.run(Step::cargo("fmt", &["fmt", "--all", "--check"]));
    report.run(Step::cargo(
        "clippy",
        &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
    ));
    // All features, as clippy had them: what clippy has checked of our own crates then serves here too.
    let doc = ["doc", "--workspace", "--all-features", "--no-deps", "--document-private-items"];
    report.run(Step::cargo("doc", &doc).env("RUSTDOCFLAGS", "-D warnings"));
    check_dependencies(report);
}

/// Runs `cargo deny`. Outside CI its absence is said in the closing lines; under CI it is installed.
fn check_dependencies(report: &mut Report) {
    if !has_deny() && machine::is_ci() {
        report.run(Step::cargo("install cargo-deny", &INSTALL_DENY));
    }
    if has_deny() {
        // A wrapper is a crate that may depend on another; it need not do so.
        let check = ["deny", "check", "--allow", "unused-wrapper", "bans", "licenses", "sources"];
        report.run(Step::cargo("deny", &check));
    } else {
        let hint = format!("cargo {}", INSTALL_DENY.join(" "));
        report.lacks(Missing::new("cargo-deny: the rules about dependencies were not checked", hint));
    }
}

fn has_deny() -> bool {
    machine::answer(&mut machine::cargo(["deny", "--version"])).is_some()
}
