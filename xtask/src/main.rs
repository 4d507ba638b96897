#![doc = include_str!("../README.md")]

mod attack;
mod axe;
mod bench;
mod guard;
mod install;
mod lint;
mod machine;
mod postgres;
mod report;
mod screenshots;
mod step;
mod tally;
mod test;

use std::process::ExitCode;

use anyhow::Result;

use crate::report::Report;

/// The text of `cargo xtask help`.
const HELP: &str = "\
Usage: cargo xtask COMMAND

Commands:
  test [FILTER...]  Install what the machine lacks, then run lint, the suite on SQLite, the suite on
                    PostgreSQL and the doc tests. With FILTERs: only the tests whose name contains
                    one of them, on both databases, without lint and doc tests
  lint              Formatting, clippy, documentation, dependencies (cargo deny)
  attack [--release] [FILTER...]
                    Builds the executable and runs resource attacks against it: memory and the waits of others, each beside its
                    bound. With FILTERs: only the attacks whose name contains one of them
  screenshots [FOLDER]
                    Pictures of each page at 360 and 1440 pixels, light and dark: into FOLDER,
                    target/screenshots if none is given
  bench [OPTION...] Benchmarks of the decision, then of a server under load: an authorized no-op beside a bare
                    handler of the web framework, cold keys, pushes and the documents after them.
                    OPTIONs, with their defaults: --keys 1000000 --gems 100000 --rounds 7 --seconds 3
                    --connections 16 --pushes 300 --log-level info
  help              This text

Environment:
  CI=true           A missing client or tool is a failure, and cargo-deny is installed if need be
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            machine::complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs one command and returns whether all of it passed.
fn run(arguments: &[String]) -> Result<bool> {
    let mut report = Report::default();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test", ..] => test::run(&arguments[1..], &mut report),
        ["lint"] => lint::run(&mut report),
        ["screenshots"] => screenshots::run(None, &mut report)?,
        ["screenshots", folder] => screenshots::run(Some(folder), &mut report)?,
        ["attack", ..] => attack::run(&arguments[1..], &mut report)?,
        [attack::ON, executable, ..] => return attack::on(executable, &arguments[2..]),
        ["bench", ..] => bench::run(&arguments[1..], &mut report),
        [] | ["help" | "--help" | "-h"] => {
            machine::say(HELP);
            return Ok(true);
        }
        _ => anyhow::bail!(
            "unknown command `{}`\nhint: `cargo xtask help` lists the commands",
            words.join(" ")
        ),
    }
    Ok(report.close(machine::is_ci()))
}
