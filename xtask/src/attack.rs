//! Resource attacks on the built executable: small requests that used to cost much, each with what it may cost at most.
//!
//! A server of its own stands each campaign. A witness asks it all the while, from an address of its own, for what others want of
//! it, and a watch keeps its memory under a ceiling.

mod attacker;
mod bounds;
mod campaign;
mod client;
mod connections;
mod facts;
mod figure;
mod gem;
mod lists;
mod memory;
mod pushes;
mod request;
mod server;
mod sign_in;
mod slow;
mod witness;
mod yaml;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::machine;
use crate::report::Report;
use crate::step::Step;
use campaign::Campaign;
use figure::Row;

/// Stands before the file of an executable: attack that one, in this process.
pub(crate) const ON: &str = "attack-on";

/// As many files and connections as the system lets us have: the attacker holds more of them than the server may.
const RAISED: &str = r#"ulimit -S -n "$(ulimit -H -n)"; exec "$0" "$@""#;

/// Builds the executable and attacks it, with all attacks or those whose name contains one of the filters.
pub(crate) fn run(words: &[String], report: &mut Report) -> Result<()> {
    let (options, filters): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| *word == "--release");
    let release = !options.is_empty();
    let mut build = vec!["build", "--package", "cli"];
    build.extend(release.then_some("--release"));
    report.run(Step::cargo("build the executable", &build));
    let executable = machine::target().join(if release { "release" } else { "debug" }).join("keyward");
    step(&executable, filters.into_iter().map(String::as_str), report)
}

/// Adds the step that attacks this executable, in a process that may open enough connections.
pub(crate) fn step<'a>(
    executable: &Path,
    filters: impl IntoIterator<Item = &'a str>,
    report: &mut Report,
) -> Result<()> {
    let this = std::env::current_exe().context("cannot find our own executable")?;
    let mut command = Command::new("sh");
    command.args(["-c", RAISED]).arg(this).arg(ON).arg(executable).args(filters);
    report.run(Step::new("attacks", command));
    Ok(())
}

/// Attacks an executable and returns whether every bound held.
pub(crate) fn on(executable: &str, filters: &[String]) -> Result<bool> {
    let executable = PathBuf::from(executable);
    anyhow::ensure!(executable.is_file(), "there is no executable {}", executable.display());
    let wanted =
        |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    // Waiting for slow connections to be closed takes a minute or more and no processor time: the others run meanwhile.
    let slow = chosen(vec![slow::campaign()], &wanted);
    let others = chosen(
        vec![
            yaml::campaign()?,
            gem::campaign()?,
            facts::campaign(),
            sign_in::campaign(),
            sign_in::guessing_campaign(),
            pushes::campaign(),
            connections::campaign(server::Handles::Soft),
            connections::campaign(server::Handles::Hard),
            lists::campaign(),
        ],
        &wanted,
    );
    let run_all = |campaigns: Vec<Campaign>| -> Vec<Row> {
        campaigns.into_iter().flat_map(|campaign| campaign.run(&executable)).collect()
    };
    let rows = std::thread::scope(|scope| {
        let aside = scope.spawn(|| run_all(slow));
        let mut rows = run_all(others);
        rows.extend(aside.join().expect("an attack does not panic"));
        rows
    });
    for line in figure::table(&rows) {
        machine::say(&line);
    }
    Ok(rows.iter().all(Row::holds))
}

/// The campaigns with the attacks that are wanted, without those that have none.
fn chosen(campaigns: Vec<Campaign>, wanted: &impl Fn(&str) -> bool) -> Vec<Campaign> {
    let mut campaigns = campaigns;
    for campaign in &mut campaigns {
        campaign.attacks.retain(|attack| wanted(&attack.name));
    }
    campaigns.retain(|campaign| !campaign.attacks.is_empty());
    campaigns
}
