//! The pages, through HTTP as a browser without scripts sees them.

mod accounts;
mod audit;
mod browser;
mod dead_credentials;
mod key_forms;
mod key_rules;
mod keys;
mod legacy;
mod lists;
mod mails;
mod operator;
mod owners;
mod package_mails;
mod packages;
mod passwords;
mod sessions;
mod smtp;
mod sweep;
