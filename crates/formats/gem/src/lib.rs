#![doc = include_str!("../README.md")]

#[cfg(feature = "build")]
pub mod build;
pub mod index;
mod limits;
mod marshal;
mod model;
mod platform;
mod quick;
mod read;
mod refusal;
mod requirement;
mod specification;
mod version;

pub use limits::Limits;
pub use model::check_model;
pub use platform::Platform;
pub use quick::quick_spec;
pub use read::{Gem, read};
pub use refusal::{ArchiveFault, ContentsFault, GzipFault, Refusal, SignatureFault};
pub use requirement::{Clause, InvalidRequirement, Operator, Requirement};
pub use specification::{Dependency, DependencyKind, Specification};
pub use version::{InvalidVersion, Version};
