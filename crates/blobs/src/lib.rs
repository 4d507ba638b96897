#![doc = include_str!("../README.md")]

mod name;
mod store;
mod upload;

pub use name::BlobName;
pub use store::{BlobRead, BlobStore, Error, S3};
pub use upload::{Upload, UploadError};

/// SHA-256 of bytes in memory.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
