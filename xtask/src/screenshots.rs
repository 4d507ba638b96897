//! Pictures of each page, at both widths and in both themes.

use anyhow::{Context, Result};

use crate::install;
use crate::machine;
use crate::report::Report;
use crate::step::Step;

/// Makes the pictures: the tests that walk through all pages keep what they see.
pub(crate) fn run(folder: Option<&str>, report: &mut Report) -> Result<()> {
    let folder = match folder {
        Some(folder) => std::path::absolute(folder).context("this is no folder")?,
        None => machine::target().join("screenshots"),
    };
    let Some(axe) = install::browser(report) else { return Ok(()) };
    // The workspace as the suite selects it, so that nothing is built twice.
    let walk = ["test", "--workspace", "--features", "server/browser", "--test", "browser", "--", "walk::"];
    report.run(Step::cargo("walk", &walk).env("AXE_CORE", axe).env("SCREENSHOTS", &folder));
    report.note(&format!("pictures: {}", folder.display()));
    Ok(())
}
