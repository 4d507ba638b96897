#![doc = include_str!("../README.md")]

mod body;
mod check;
mod client;
pub mod config;
mod connections;
mod faces;
mod handles;
#[cfg(feature = "test-hooks")]
mod hooks;
mod hosts;
mod listen;
mod logging;
mod mails;
mod open;
mod pace;
mod privacy;
mod serve;
mod start_error;
mod tasks;
mod wire;

pub use check::{CheckReport, check};
pub use config::{Flags, Settings};
pub use mails::preview_mails;
pub use open::{migrate, open};
pub use privacy::keep_files_private;
pub use serve::{Announcement, Running, serve, start};
pub use start_error::StartError;
