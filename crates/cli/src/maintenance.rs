//! `keyward migrate`, `keyward check`, `keyward rebuild-index`.

use registry::Registry;
use serde::Serialize;
use server::{CheckReport, Settings};

use crate::{Failure, output};

/// `keyward migrate`
pub(crate) async fn migrate(settings: &Settings) -> Result<(), Failure> {
    let version = server::migrate(settings).await?;
    output::print(&format!("The database has schema version {version}.\n"))
}

/// What `keyward check --json` prints.
#[derive(Debug, Serialize)]
struct CheckView<'a> {
    ok: bool,
    checked: &'a [String],
    problems: &'a [String],
}

/// `keyward check`: fails when something is not whole.
pub(crate) async fn check(settings: &Settings, json: bool) -> Result<(), Failure> {
    let report = server::check(settings).await?;
    let CheckReport { lines, problems } = &report;
    if json {
        output::print_json(&CheckView { ok: problems.is_empty(), checked: lines, problems })?;
    } else {
        let problems = problems.iter().map(|problem| format!("problem: {problem}\n"));
        let lines = lines.iter().map(|line| format!("{line}\n"));
        output::print(&lines.chain(problems).collect::<String>())?;
    }
    match problems.len() {
        0 => Ok(()),
        1 => Err(Failure::new("the check found a problem").hint("bring back what is missing from a backup")),
        count => Err(Failure::new(format!("the check found {count} problems"))
            .hint("bring back what is missing from a backup")),
    }
}

/// `keyward rebuild-index`
pub(crate) async fn rebuild_index(registry: &Registry) -> Result<(), Failure> {
    registry.rebuild_gem_index().await?;
    output::print("The index of gems is written anew.\n")
}
