use domain::{EventId, Timestamp};

use crate::{Db, Result, sql::sql};

/// A piece of work that follows a change.
#[derive(Debug)]
pub struct OutboxEntry {
    /// Its id.
    pub id: EventId,
    /// The event as JSON; `registry` knows its form.
    pub event: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Work that follows a change: added in the transaction of the change, kept until it is done.
#[derive(Debug)]
pub struct Outbox<'db> {
    pub(crate) db: &'db mut Db,
}

impl Outbox<'_> {
    /// Adds an event, due at once.
    pub async fn add(&mut self, event: &str, now: Timestamp) -> Result<()> {
        sql!("INSERT INTO outbox (id, event, created_at, due_at, attempts) VALUES ($1, $2, $3, $3, 0)")
            .bind(EventId::new(now))
            .bind(event)
            .bind(now)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Takes the oldest entry that is due and puts it off until `retry_at`, so that no other node takes it meanwhile.
    pub async fn claim(&mut self, now: Timestamp, retry_at: Timestamp) -> Result<Option<OutboxEntry>> {
        let row = sql!(
            sqlite: "UPDATE outbox SET due_at = $2, attempts = attempts + 1 \
                     WHERE id = (SELECT id FROM outbox WHERE due_at <= $1 ORDER BY due_at LIMIT 1) \
                     RETURNING id, event, attempts",
            postgres: "UPDATE outbox SET due_at = $2, attempts = attempts + 1 \
                       WHERE id = (SELECT id FROM outbox WHERE due_at <= $1 ORDER BY due_at LIMIT 1 \
                                   FOR UPDATE SKIP LOCKED) \
                       RETURNING id, event, attempts",
        )
        .bind(now)
        .bind(retry_at)
        .optional(self.db.on())
        .await?;
        row.map(|row| {
            Ok(OutboxEntry { id: row.id("id")?, event: row.get("event")?, attempts: row.get("attempts")? })
        })
        .transpose()
    }

    /// The entry is done.
    pub async fn done(&mut self, id: EventId) -> Result<()> {
        sql!("DELETE FROM outbox WHERE id = $1").bind(id).execute(self.db.on()).await.map(drop)
    }

    /// The entry failed: it is due again at `retry_at`.
    pub async fn failed(&mut self, id: EventId, error: &str, retry_at: Timestamp) -> Result<()> {
        sql!("UPDATE outbox SET last_error = $2, due_at = $3 WHERE id = $1")
            .bind(id)
            .bind(error)
            .bind(retry_at)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Whether an entry is due: a look that does not wait for other writers.
    pub async fn is_due(&mut self, now: Timestamp) -> Result<bool> {
        Ok(sql!("SELECT id FROM outbox WHERE due_at <= $1 LIMIT 1")
            .bind(now)
            .optional(self.db.on())
            .await?
            .is_some())
    }

    /// How many entries wait.
    pub async fn len(&mut self) -> Result<i64> {
        sql!("SELECT COUNT(*) AS n FROM outbox").one(self.db.on()).await?.get("n")
    }

    /// Whether nothing waits.
    pub async fn is_empty(&mut self) -> Result<bool> {
        Ok(self.len().await? == 0)
    }
}
