#![doc = include_str!("../README.md")]
#![expect(clippy::missing_panics_doc, reason = "in a test every failure is a panic")]

mod app;
mod clock;
mod database;
mod person;
mod raw;
mod records;
mod smtp;

pub use app::{Answer, OPERATOR, PASSWORD, TestApp, send};
pub use clock::TestClock;
pub use database::TestDatabase;
pub use gem_format::build::GemBuilder;
pub use person::{KeyHolder, Person};
pub use raw::RawConnection;
pub use smtp::{ArrivedMail, Seen, SmtpServer};
