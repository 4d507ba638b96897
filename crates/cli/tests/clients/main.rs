//! The registry as its users meet it: the executable is started, and Debian's `gem` and `bundle` are run against it, each
//! test in a fresh home folder, at a pseudo-terminal where the client asks questions.
//!
//! With `DATABASE_URL` set, each server works in a database of its own there, else on `SQLite`.

mod harness;

mod bundle;
mod crash;
mod install;
mod owners;
mod push;
mod sign_in;
mod yank;
