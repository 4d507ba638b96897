//! Following the changes of rights that other processes make, and telling them ours (see `docs/decisions/`).

use std::time::{Duration, Instant};

use domain::AccountId;
use tracing::{debug, warn};

use crate::{Registry, Result, credentials::LEASE};

/// How often a process looks for changes: several times within a lease.
const LOOK: Duration = Duration::from_millis(100);

/// How often somebody who made a change asks whether all processes have applied it.
const ASK: Duration = Duration::from_millis(5);

impl Registry {
    /// Follows the changes that other processes make, for as long as it runs. Without it every key is read from the database
    /// each time.
    pub async fn follow_changes(&self) {
        let mut listener = None;
        loop {
            if let Err(error) = self.look_for_changes().await {
                warn!(%error, "cannot look for changed rights; keys are read from the database meanwhile");
            }
            self.store().authorization_news(&mut listener, LOOK).await;
        }
    }

    /// Looks once. Afterwards the keys in memory are good for a lease.
    pub async fn look_for_changes(&self) -> Result<()> {
        let (node, credentials) = (self.inner.node, &self.inner.credentials);
        let started = Instant::now();
        let mut db = self.store().read().await?;
        let view = db.authorization().view(node).await?;
        let applied = credentials.epoch();
        if view.epoch > applied {
            let changes = db.authorization().since(applied).await?;
            let complete = i64::try_from(changes.len()).is_ok_and(|count| applied + count >= view.epoch);
            let newest = changes.last().map_or(view.epoch, |(epoch, _)| view.epoch.max(*epoch));
            credentials.apply(&changes, newest, complete);
        }
        drop(db);
        if view.epoch > applied || !view.registered {
            let mut db = self.bookkeeping().await?;
            db.authorization().acknowledge(node, credentials.epoch()).await?;
            db.commit().await?;
        }
        // A node that was not registered when it looked may have been passed over: it looks again before it trusts.
        if view.registered {
            credentials.trust_from(started);
        }
        Ok(())
    }

    /// Stops following: nobody has to wait for this process any more.
    pub async fn stop_following(&self) -> Result<()> {
        let mut db = self.bookkeeping().await?;
        db.authorization().forget(self.inner.node).await?;
        db.authorization().prune().await?;
        Ok(db.commit().await?)
    }

    /// Makes a committed change of an account's rights hold everywhere. When this returns, no process trusts what it knew before.
    pub(crate) async fn enforce(&self, account: AccountId, epoch: i64) -> Result<()> {
        self.inner.credentials.changed(account, epoch);
        let deadline = Instant::now() + LEASE;
        loop {
            let behind = self.store().read().await?.authorization().behind(epoch, self.inner.node).await?;
            if behind.is_empty() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return self.forget(&behind).await;
            }
            tokio::time::sleep(ASK).await;
        }
    }

    /// Strikes out processes whose lease ran out without an answer. One that still lives registers again.
    async fn forget(&self, nodes: &[uuid::Uuid]) -> Result<()> {
        debug!(?nodes, "processes did not answer in time and are forgotten");
        let mut db = self.bookkeeping().await?;
        for node in nodes {
            db.authorization().forget(*node).await?;
        }
        Ok(db.commit().await?)
    }
}
