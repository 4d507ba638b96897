//! Standard output for what was asked for, standard error for everything else.

use std::io::{self, Write as _};

use domain::{PlainKey, Timestamp};
use serde::Serialize;

use crate::Failure;

/// Prints what was asked for.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|cause| unwritable(&cause))
}

/// Prints what a script reads.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).expect("views have string keys and cannot fail");
    print(&format!("{text}\n"))
}

/// Prints the value of a key, alone on its line. This is the only place that does.
pub(crate) fn print_value(value: &PlainKey) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", value.expose()).and_then(|()| out.flush()).map_err(|cause| unwritable(&cause))
}

/// Tells people something on standard error. Nobody can be told that this failed.
pub(crate) fn tell(text: &str) {
    _ = writeln!(io::stderr().lock(), "{text}");
}

fn unwritable(cause: &io::Error) -> Failure {
    Failure::new(format!("standard output cannot be written: {cause}"))
}

/// An instant for people: to the minute, in UTC.
pub(crate) fn minute(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M").to_string()
}
