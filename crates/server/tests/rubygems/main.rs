//! The whole server over HTTP, as `gem`, `bundle` and their users meet it. The modules mirror the routes.
//!
//! The same tests run on SQLite and, with `DATABASE_URL` set, on PostgreSQL.

mod api_keys;
mod audit;
mod authorization;
mod concurrency;
mod files;
mod gems;
mod hooks;
mod hostile;
mod invitation;
mod names_versions_info;
mod operation;
mod owners;
mod profile;
mod push;
mod revocation;
mod rules;
mod search;
mod secrets;
mod setup;
mod specs;
mod support;
mod versions;
mod yank;
