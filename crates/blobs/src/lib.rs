#![doc = include_str!("../README.md")]

mod name;
mod store;
mod upload;

pub use name::BlobName;
pub use store::{BlobRead, BlobStore, Error, S3};
pub use upload::{Upload, UploadError};
