//! The operator's commands as people type them: whole terminal sessions, kept as snapshots.
//!
//! With `DATABASE_URL` set, each session works in a schema of its own there, else on `SQLite`.

mod configuration;
#[cfg(target_os = "linux")]
mod given_up;
mod help;
mod key;
mod mail;
mod maintenance;
mod operator;
mod privacy;
mod readme;
mod redact;
mod serve;
mod server;
mod session;
mod start_errors;
mod user;

use session::Session;
