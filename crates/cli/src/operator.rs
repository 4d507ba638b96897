//! Who works at the command line, for the audit log.

use std::{env, sync::LazyLock};

use registry::Author;

/// Where the name of whoever runs the program is looked for. Behind `sudo` it is whoever called it.
const VARIABLES: [&str; 4] = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"];
/// Longest name that is recorded, in characters.
const LONGEST: usize = 64;

/// The operator, by the name of the user of this machine. A name is no proof: whoever can run this program on the data may do
/// everything with it anyway.
pub(crate) fn operator() -> Author<'static> {
    static NAME: LazyLock<String> = LazyLock::new(name);
    Author::Operator(&NAME)
}

#[expect(clippy::disallowed_methods, reason = "not a setting: who runs the program")]
fn name() -> String {
    let printable = |name: String| name.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>();
    let mut names = VARIABLES.iter().filter_map(|variable| env::var(variable).ok()).map(printable);
    names.find(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
