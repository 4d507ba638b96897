#![doc = include_str!("../README.md")]
#![expect(clippy::missing_panics_doc, reason = "in a test every failure is a panic")]

mod app;
mod clock;
mod database;
mod person;

pub use app::{Answer, TestApp};
pub use clock::TestClock;
pub use database::TestDatabase;
pub use gem_format::build::GemBuilder;
pub use person::{KeyHolder, Person};
