use std::ops::Range;

use blobs::{BlobName, BlobRead};
use bytes::Bytes;
use domain::{ReleaseId, Timestamp};
use store::Artifact;

use crate::{Missing, Registry, Result};

/// A file of a live release, ready to be read.
#[derive(Debug, Clone)]
pub struct Download {
    /// Its release.
    pub release: ReleaseId,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
    /// When it was published.
    pub published_at: Timestamp,
    blob: String,
}

impl Registry {
    /// The file of a live gem release by its full name (`NAME-VERSION[-PLATFORM]`, letter for letter).
    pub async fn find_gem_file(&self, full_name: &str, kind: &str) -> Result<Download> {
        let found = self.store().read().await?.gems().find_artifact(full_name, kind).await?;
        let (release, published_at, artifact) = found.ok_or(Missing::Release)?;
        Ok(Download {
            release,
            sha256: artifact.sha256,
            size: artifact.size,
            published_at,
            blob: artifact.blob,
        })
    }

    /// Opens a file, or a part of it.
    pub async fn open(&self, download: &Download, range: Option<Range<u64>>) -> Result<BlobRead> {
        Ok(self.blobs().get(&BlobName::stored(download.blob.clone()), range).await?)
    }

    /// Reads a small file whole.
    pub async fn read_whole(&self, download: &Download) -> Result<Bytes> {
        Ok(self.blobs().get_bytes(&BlobName::stored(download.blob.clone())).await?)
    }

    /// Reads a small file of a release whole.
    pub async fn read_artifact(&self, artifact: &Artifact) -> Result<Bytes> {
        Ok(self.blobs().get_bytes(&BlobName::stored(artifact.blob.clone())).await?)
    }

    /// Counts a download of a release.
    pub fn count_download(&self, download: &Download) {
        self.inner.usage.downloaded(download.release);
    }
}
