#![doc = include_str!("../README.md")]

#[cfg(feature = "build")]
pub mod build;
mod checksums;
mod contents;
mod gemspec;
mod gzip;
pub mod index;
mod limits;
mod link;
mod marshal;
mod model;
mod name;
mod package;
mod path;
mod platform;
mod policy;
mod quick;
mod read;
mod readme;
mod records;
mod refusal;
mod requirement;
mod scalar;
mod signature;
mod size;
mod specification;
mod tar;
mod version;
mod yaml;

pub use limits::Limits;
pub use model::check_model;
pub use platform::Platform;
pub use quick::quick_spec;
pub use read::{Gem, read};
pub use readme::Readme;
pub use refusal::{ArchiveFault, ContentsFault, GzipFault, Refusal, SignatureFault};
pub use requirement::{Clause, InvalidRequirement, Operator, Requirement};
pub use specification::{Dependency, DependencyKind, Specification};
pub use version::{InvalidVersion, Version};
