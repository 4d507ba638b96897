use domain::Timestamp;

use crate::{Db, Result, sql::sql};

/// Blobs that lie in the blob store but are not (yet) part of a release. A push notes its blobs here before it stores them and
/// strikes them out in the transaction that records the release, so whatever a crash leaves behind can be found and deleted.
#[derive(Debug)]
pub struct PendingBlobs<'db> {
    pub(crate) db: &'db mut Db,
}

impl PendingBlobs<'_> {
    /// Notes a blob that is about to be stored.
    pub async fn add(&mut self, blob: &str, now: Timestamp) -> Result<()> {
        sql!("INSERT INTO pending_blobs (blob, created_at) VALUES ($1, $2)")
            .bind(blob)
            .bind(now)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Strikes a blob out: it belongs to a release now, or it was deleted. Returns whether it was noted.
    pub async fn remove(&mut self, blob: &str) -> Result<bool> {
        Ok(sql!("DELETE FROM pending_blobs WHERE blob = $1").bind(blob).execute(self.db.on()).await? > 0)
    }

    /// Blobs noted before `then`.
    pub async fn older_than(&mut self, then: Timestamp) -> Result<Vec<String>> {
        sql!("SELECT blob FROM pending_blobs WHERE created_at < $1 LIMIT 1000")
            .bind(then)
            .all(self.db.on())
            .await?
            .iter()
            .map(|row| row.get("blob"))
            .collect()
    }
}
