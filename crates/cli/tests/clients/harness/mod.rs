//! What the stories are told with: a server, a home folder, gems, mails.

mod database;
mod gem;
mod home;
mod http;
mod mail;
mod printed;
mod server;
mod terminal;

pub(crate) use gem::Gem;
pub(crate) use home::Home;
pub(crate) use http::{Answer, get, post};
pub(crate) use printed::Printed;
pub(crate) use server::{Keyward, PASSWORD, email};
pub(crate) use terminal::Answers;

use std::ffi::OsStr;
use std::process::Command;

/// How long one command may run: many times what a slow machine needs.
const SECONDS: u64 = 90;

/// Returns a command that is killed when it runs for too long; its exit status is then 124.
fn limited(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command.arg("--kill-after=5").arg(SECONDS.to_string()).arg(program);
    command
}
