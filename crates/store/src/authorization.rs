//! How every process learns that a key, an account or an ownership changed.
//!
//! Each narrowing change takes the next number (the *epoch*) in its own transaction. A process that keeps credentials in memory
//! is registered as a *node*, and notes the last epoch it has applied. Whoever makes a change waits until every node has noted it.

use domain::AccountId;
use uuid::Uuid;

use crate::{Db, Result, sql::sql};

/// PostgreSQL's channel for the news; it only wakes the nodes up, the table tells what changed.
pub(crate) const CHANNEL: &str = "keyward_authorization";

/// What a node sees when it looks.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationView {
    /// The newest committed change.
    pub epoch: i64,
    /// Whether this node is still registered: others forget a node that does not answer.
    pub registered: bool,
}

/// The numbered changes and the nodes that follow them.
#[derive(Debug)]
pub struct Authorization<'db> {
    pub(crate) db: &'db mut Db,
}

impl Authorization<'_> {
    /// Records, in the transaction of the change, that the rights of `account` changed. Returns the number of the change.
    pub async fn changed(&mut self, account: AccountId) -> Result<i64> {
        let epoch = sql!("UPDATE authorization_epoch SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch")
            .one(self.db.on())
            .await?
            .get("epoch")?;
        sql!("INSERT INTO authorization_changes (epoch, account_id) VALUES ($1, $2)")
            .bind(epoch)
            .bind(account)
            .execute(self.db.on())
            .await?;
        sql!(sqlite: "SELECT 1", postgres: "SELECT pg_notify('keyward_authorization', '')")
            .execute(self.db.on())
            .await?;
        Ok(epoch)
    }

    /// What `node` has to know: one cheap look.
    pub async fn view(&mut self, node: Uuid) -> Result<AuthorizationView> {
        let row = sql!(
            "SELECT epoch, (SELECT COUNT(*) FROM nodes WHERE nodes.id = $1) AS registered \
             FROM authorization_epoch WHERE authorization_epoch.id = 1"
        )
        .bind(node)
        .one(self.db.on())
        .await?;
        Ok(AuthorizationView { epoch: row.get("epoch")?, registered: row.get::<i64>("registered")? > 0 })
    }

    /// The accounts concerned by the changes after `epoch`, with the number of each change.
    pub async fn since(&mut self, epoch: i64) -> Result<Vec<(i64, AccountId)>> {
        sql!("SELECT epoch, account_id FROM authorization_changes WHERE epoch > $1 ORDER BY epoch")
            .bind(epoch)
            .all(self.db.on())
            .await?
            .iter()
            .map(|row| Ok((row.get("epoch")?, row.id("account_id")?)))
            .collect()
    }

    /// Registers `node`, or notes that it has applied all changes up to `epoch`.
    pub async fn acknowledge(&mut self, node: Uuid, epoch: i64) -> Result<()> {
        sql!(
            "INSERT INTO nodes (id, seen_epoch) VALUES ($1, $2) \
             ON CONFLICT (id) DO UPDATE SET seen_epoch = excluded.seen_epoch"
        )
        .bind(node)
        .bind(epoch)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The nodes, but for `except`, that have not yet applied the change `epoch`.
    pub async fn behind(&mut self, epoch: i64, except: Uuid) -> Result<Vec<Uuid>> {
        sql!("SELECT id FROM nodes WHERE seen_epoch < $1 AND id <> $2")
            .bind(epoch)
            .bind(except)
            .all(self.db.on())
            .await?
            .iter()
            .map(|row| row.get("id"))
            .collect()
    }

    /// Forgets a node that stopped, or that did not answer in time.
    pub async fn forget(&mut self, node: Uuid) -> Result<()> {
        sql!("DELETE FROM nodes WHERE id = $1").bind(node).execute(self.db.on()).await.map(drop)
    }

    /// Drops changes that every node has applied, but for the newest thousand. Returns how many went.
    pub async fn prune(&mut self) -> Result<u64> {
        sql!(
            "DELETE FROM authorization_changes WHERE epoch < (SELECT epoch FROM authorization_epoch WHERE id = 1) - 1000 \
             AND epoch <= COALESCE((SELECT MIN(seen_epoch) FROM nodes), 0)"
        )
        .execute(self.db.on())
        .await
    }
}
