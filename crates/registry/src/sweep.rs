//! Cleaning up after pushes that a crash cut short.

use blobs::BlobName;
use jiff::SignedDuration;

use crate::{Registry, Result};

/// No push takes this long: blobs that were noted earlier and belong to no release are left over.
const LEFT_OVER_AFTER: SignedDuration = SignedDuration::from_hours(24);

impl Registry {
    /// Deletes blobs that belong to no release, and forgets idle sessions, old links and addresses. Returns how many blobs went.
    pub async fn sweep(&self) -> Result<usize> {
        self.inner.limits.forget(self.now());
        self.sweep_sessions().await?;
        self.sweep_links().await?;
        let left_over =
            self.store().read().await?.pending_blobs().older_than(self.now() - LEFT_OVER_AFTER).await?;
        for blob in &left_over {
            self.drop_pending(blob).await?;
        }
        Ok(left_over.len())
    }

    /// Deletes a blob and then strikes it out, so that a crash in between leaves it noted.
    pub(crate) async fn drop_pending(&self, blob: &str) -> Result<()> {
        self.blobs().delete(&BlobName::stored(blob.to_owned())).await?;
        let mut db = self.bookkeeping().await?;
        db.pending_blobs().remove(blob).await?;
        Ok(db.commit().await?)
    }
}
