//! What this machine is and has: its terminal, its programs, the user we are.

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Writes a line for the person who watches, on standard output.
///
/// A closed standard output (`| head`) is no reason to stop the run, so failures are ignored.
pub(crate) fn say(line: &str) {
    _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes a line on standard error.
pub(crate) fn complain(line: &str) {
    _ = writeln!(std::io::stderr(), "{line}");
}

/// Returns whether the run is a continuous integration job, where nothing may be missing: `CI` is set, and not to `false` or `0`.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// Returns whether somebody can answer a question, such as the one for the password of `sudo`.
pub(crate) fn is_interactive() -> bool {
    !is_ci() && std::io::stdin().is_terminal()
}

/// Returns whether output goes to a terminal, which can show colours.
pub(crate) fn has_colours() -> bool {
    std::io::stdout().is_terminal() && std::io::stderr().is_terminal()
}

/// Returns the root folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package lies one level below the workspace root")
}

/// Returns the folder for what is built.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace().join("target"), |folder| workspace().join(folder))
}

/// Returns where `program` lies on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Returns whether we run as root.
pub(crate) fn is_root() -> bool {
    answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Returns what a command prints, without the white space around it, or nothing if it cannot be run or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns a command that runs the cargo that runs us, in the workspace root.
///
/// `cargo run` describes this package to us in variables that some build scripts watch; handed on, they would make every
/// dependency look changed to the next cargo that is called without them.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(describes_this_package) {
            command.env_remove(name);
        }
    }
    command
}

/// Returns whether a variable is one that `cargo run` sets to describe the package that it runs.
fn describes_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_about_this_package_are_not_handed_on_to_another_cargo() {
        let command = cargo(["test"]);
        let removed: Vec<_> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!(removed.contains(&OsStr::new("CARGO_PKG_NAME")), "removed: {removed:?}");
        assert!(!describes_this_package("CARGO_TARGET_DIR"));
        assert!(!describes_this_package("CARGO_TERM_COLOR"));
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_found() {
        assert_eq!(find("no-such-program-here"), None);
        assert!(find("sh").is_some_and(|file| file.is_absolute()));
    }

    #[test]
    fn the_answer_of_a_failing_command_is_nothing() {
        assert_eq!(answer(&mut Command::new("false")), None);
        assert_eq!(answer(Command::new("echo").arg("15.3")).as_deref(), Some("15.3"));
    }
}
