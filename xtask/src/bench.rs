//! The benchmarks.

use crate::machine;
use crate::report::Report;
use crate::step::Step;

/// Runs the benchmarks of the decision, then the one of a server under load where the workspace has it.
pub(crate) fn run(report: &mut Report) {
    report.run(Step::cargo("bench domain", &["bench", "--package", "domain"]));
    if machine::workspace().join("crates/server/examples/load.rs").is_file() {
        let load = ["run", "--release", "--package", "server", "--example", "load"];
        report.run(Step::cargo("bench server under load", &load));
    } else {
        report.note("there is no load benchmark of the server (crates/server/examples/load.rs)");
    }
}
