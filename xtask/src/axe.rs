//! axe-core, the rules of accessibility that the pages are judged by: from npm, in the target folder.

use std::path::PathBuf;
use std::process::Command;

use crate::machine;
use crate::report::{Missing, Report};
use crate::step::Step;

/// The package and its version. Another version has other rules.
const PACKAGE: &str = "axe-core@4.14.1";

/// Returns where the script lies, after installing it if need be. Reports it as missing if that failed.
pub(crate) fn install(report: &mut Report) -> Option<PathBuf> {
    let folder = machine::target().join(PACKAGE);
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
        npm.arg(&folder).arg(PACKAGE);
        report.run(Step::new(&format!("npm install {PACKAGE}"), npm));
    }
    if script.is_file() {
        machine::say(&format!("{:<12} {PACKAGE}", "axe-core"));
        return Some(script);
    }
    let what = "axe-core: not installed, the tests in a browser did not run".to_owned();
    report.lacks(Missing::new(what, format!("npm install --prefix {} {PACKAGE}", folder.display())));
    None
}
