//! Puts onto a Debian machine what the suite needs besides Rust: the real clients, a browser and `PostgreSQL`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::axe;
use crate::machine;
use crate::postgres;
use crate::report::{Missing, Report};
use crate::step::Step;

/// What the machine has, after all that could be installed is.
pub(crate) struct Equipment {
    /// `gem` and `bundle` are there, new enough.
    pub(crate) real_clients: bool,
    /// A `PostgreSQL` server can be started.
    pub(crate) postgres: bool,
    /// The script of axe-core, if there is a browser to run it in.
    pub(crate) axe: Option<PathBuf>,
}

/// A program that the suite drives.
#[derive(Clone, Copy)]
struct Tool {
    name: &'static str,
    /// The Debian package that holds it.
    package: &'static str,
    /// The oldest version that the suite is written for.
    oldest: &'static [u32],
    /// Asks for the version; nothing if the program is not there.
    version: fn() -> Option<String>,
    /// What is left out without it.
    serves: &'static str,
}

/// What the real clients and the databases are.
const SERVERS_AND_CLIENTS: [Tool; 3] = [
    Tool {
        name: "gem",
        package: "ruby",
        oldest: &[3, 3],
        version: || machine::answer(Command::new("gem").arg("--version")),
        serves: "the tests with real clients",
    },
    Tool {
        name: "bundle",
        package: "bundler",
        oldest: &[2, 3],
        version: || machine::answer(Command::new("bundle").arg("--version")),
        serves: "the tests with real clients",
    },
    Tool {
        name: "PostgreSQL",
        package: "postgresql",
        oldest: &[15],
        version: || machine::answer(Command::new(postgres::find("initdb")?).arg("--version")),
        serves: "the suite on PostgreSQL",
    },
];

/// What the tests in a browser need.
const BROWSER: [Tool; 3] = [
    Tool {
        name: "Chromium",
        package: "chromium",
        // Since then it is the same browser with and without a screen.
        oldest: &[112],
        version: || machine::answer(Command::new("chromium").arg("--version")),
        serves: "the tests in a browser",
    },
    Tool {
        name: "ChromeDriver",
        package: "chromium-driver",
        oldest: &[112],
        version: || machine::answer(Command::new("chromedriver").arg("--version")),
        serves: "the tests in a browser",
    },
    Tool {
        name: "npm",
        package: "npm",
        oldest: &[7],
        version: || machine::answer(Command::new("npm").arg("--version")),
        serves: "the tests in a browser",
    },
];

/// Installs what is missing, says what is there, and reports what still is not.
pub(crate) fn run(report: &mut Report) -> Equipment {
    let tools = [SERVERS_AND_CLIENTS, BROWSER].concat();
    install_absent(&tools, report);
    machine::say("\n==> clients, servers, browser");
    let [gem, bundle, postgres] = SERVERS_AND_CLIENTS.map(|tool| tool.check(report));
    Equipment { real_clients: gem && bundle, postgres, axe: check_browser(report) }
}

/// Installs what the tests in a browser need; gives the script of axe-core if all of it is there.
pub(crate) fn browser(report: &mut Report) -> Option<PathBuf> {
    install_absent(&BROWSER, report);
    machine::say("\n==> browser");
    check_browser(report)
}

fn check_browser(report: &mut Report) -> Option<PathBuf> {
    let [browser, driver, npm] = BROWSER.map(|tool| tool.check(report));
    if browser && driver && npm { axe::install(report) } else { None }
}

fn install_absent(tools: &[Tool], report: &mut Report) {
    let absent: Vec<&str> =
        tools.iter().filter(|tool| (tool.version)().is_none()).map(|tool| tool.package).collect();
    if !absent.is_empty() {
        install(&absent, report);
    }
}

impl Tool {
    /// Returns whether the tool can be used, and reports it as missing if it cannot.
    fn check(&self, report: &mut Report) -> bool {
        let version = (self.version)();
        machine::say(&format!("{:<12} {}", self.name, version.as_deref().unwrap_or("not installed")));
        let lack = match version.as_deref().map(numbers) {
            Some(found) if found.as_slice() >= self.oldest => return true,
            Some(_) => "too old",
            None => "not installed",
        };
        let what = format!("{}: {lack}, {} did not run", self.name, self.serves);
        let hint = format!("apt-get install {} ({} or later)", self.package, dotted(self.oldest));
        report.lacks(Missing::new(what, hint));
        false
    }
}

/// Installs Debian packages, where we may.
fn install(packages: &[&str], report: &mut Report) {
    if !Path::new("/usr/bin/apt-get").exists() {
        report.note("this machine has no apt-get, so nothing was installed");
        return;
    }
    let Some(prefix) = privilege() else {
        report.note("neither root nor sudo, so nothing was installed");
        return;
    };
    report.run(Step::new("apt-get update", apt(&prefix, &["update", "--quiet"])));
    let mut arguments = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    report.run(Step::new(&format!("apt-get install {}", packages.join(" ")), apt(&prefix, &arguments)));
}

/// Returns the words to put before a command that needs root: none, or `sudo`, which may only ask where somebody can answer.
fn privilege() -> Option<Vec<&'static str>> {
    if machine::is_root() {
        return Some(vec![]);
    }
    machine::find("sudo")?;
    Some(if machine::is_interactive() { vec!["sudo"] } else { vec!["sudo", "--non-interactive"] })
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// Reads the first dotted number of a line: `initdb (PostgreSQL) 15.14` gives 15 and 14.
fn numbers(line: &str) -> Vec<u32> {
    let word = line.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    word.unwrap_or_default().split('.').map_while(|part| part.parse().ok()).collect()
}

fn dotted(version: &[u32]) -> String {
    version.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_programs_print() {
        assert_eq!(numbers("initdb (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), [15, 14]);
        assert_eq!(numbers("Bundler version 2.3.15"), [2, 3, 15]);
        assert_eq!(numbers("3.3.15"), [3, 3, 15]);
        assert_eq!(numbers("ChromeDriver 145.0.7632.45 (0d0)"), [145, 0, 7632, 45]);
        assert_eq!(numbers("initdb (PostgreSQL) 17beta1"), Vec::<u32>::new());
    }

    #[test]
    fn a_version_is_compared_number_by_number() {
        assert!(numbers("3.10.0").as_slice() >= [3, 3].as_slice());
        assert!(numbers("3.2.33").as_slice() < [3, 3].as_slice());
        assert!(numbers("unknown").as_slice() < [15].as_slice());
    }

    #[test]
    fn a_tool_that_is_not_there_is_reported_with_its_package() {
        let tool = Tool { version: || None, ..BROWSER[1] };
        let mut report = Report::default();
        assert!(!tool.check(&mut report));
        assert!(!report.close(true), "under CI a missing client fails the run");
    }

    #[test]
    fn packages_are_installed_through_sudo_where_we_are_not_root() {
        let command = apt(&["sudo", "--non-interactive"], &["update"]);
        assert_eq!(command.get_program(), "sudo");
        assert!(command.get_args().any(|word| word == "apt-get"));
    }
}
