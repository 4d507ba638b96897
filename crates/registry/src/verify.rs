//! Comparing what is recorded with what is stored.

use blobs::BlobName;
use futures_util::TryStreamExt as _;
use store::Artifact;

use crate::{Registry, Result};

/// Artifacts read from the database at a time.
const PAGE: i64 = 500;

impl Registry {
    /// Reads every artifact and compares it with its digest. Hands each problem to `report`; returns how many were read.
    pub async fn verify_artifacts(&self, mut report: impl FnMut(String)) -> Result<u64> {
        let (mut after, mut checked) = (String::new(), 0);
        loop {
            let page = self.store().read().await?.releases().artifacts_page(&after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(checked) };
            after.clone_from(&last.blob);
            for artifact in &page {
                checked += 1;
                if let Some(problem) = self.artifact_problem(artifact).await? {
                    report(problem);
                }
            }
        }
    }

    async fn artifact_problem(&self, artifact: &Artifact) -> Result<Option<String>> {
        let name = BlobName::stored(artifact.blob.clone());
        let read = match self.blobs().get(&name, None).await {
            Ok(read) => read,
            Err(blobs::Error::Missing(_)) => {
                return Ok(Some(format!("the blob `{}` is missing", artifact.blob)));
            }
            Err(error) => return Err(error.into()),
        };
        let mut hasher = blobs::Sha256::default();
        let mut bytes = read.bytes;
        while let Some(chunk) = bytes.try_next().await? {
            hasher.update(&chunk);
        }
        let right = hasher.finish() == artifact.sha256;
        Ok((!right)
            .then(|| format!("the blob `{}` does not have the bytes that were published", artifact.blob)))
    }
}
