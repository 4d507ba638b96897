use domain::{KeyDigest, Timestamp};

use crate::{Db, Result, sql::sql};

/// Tokens of the first run: whoever holds one may make the first account. Several nodes may each have printed one.
#[derive(Debug)]
pub struct SetupTokens<'db> {
    pub(crate) db: &'db mut Db,
}

impl SetupTokens<'_> {
    /// Adds a token by its digest.
    pub async fn add(&mut self, digest: &KeyDigest, now: Timestamp) -> Result<()> {
        sql!("INSERT INTO setup_tokens (digest, created_at) VALUES ($1, $2)")
            .bind(digest.as_bytes().as_slice())
            .bind(now)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Whether this is the digest of a token we gave out.
    pub async fn knows(&mut self, digest: &KeyDigest) -> Result<bool> {
        let row =
            sql!("SELECT created_at FROM setup_tokens WHERE digest = $1").bind(digest.as_bytes().as_slice());
        Ok(row.optional(self.db.on()).await?.is_some())
    }

    /// Removes all tokens: the first account exists.
    pub async fn clear(&mut self) -> Result<()> {
        sql!("DELETE FROM setup_tokens").execute(self.db.on()).await.map(drop)
    }
}
