//! The benchmarks.

use crate::report::Report;
use crate::step::Step;

/// Runs the benchmarks of the decision, then the one of a server under load with these options.
pub(crate) fn run(options: &[String], report: &mut Report) {
    report.run(Step::cargo("bench domain", &["bench", "--package", "domain"]));
    let mut load = vec!["run", "--release", "--package", "server", "--example", "load", "--"];
    load.extend(options.iter().map(String::as_str));
    report.run(Step::cargo("bench server under load", &load));
}
