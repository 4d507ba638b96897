use domain::{AccountId, EventId, KeyDigest, Timestamp};

use crate::{
    Db, Result,
    sql::{Row, sql},
};

/// What is needed to record a session.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: EventId,
    /// Who signed in.
    pub account: AccountId,
    /// SHA-256 of the token in the cookie.
    pub digest: &'a KeyDigest,
    /// What the browser calls itself, for the list of sessions.
    pub user_agent: &'a str,
    /// Where it came from, for the list of sessions.
    pub address: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// A record of a session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: EventId,
    /// Who is signed in.
    pub account: AccountId,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Where it came from.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute or so.
    pub seen_at: Timestamp,
    /// When the password was last given.
    pub proved_at: Timestamp,
}

/// People who are signed in.
#[derive(Debug)]
pub struct Sessions<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, user_agent, address, created_at, seen_at, proved_at FROM sessions ",
            $rest
        )
    };
}

impl Sessions<'_> {
    /// Begins a session.
    pub async fn add(&mut self, session: &NewSession<'_>) -> Result<()> {
        sql!(
            "INSERT INTO sessions (id, account_id, digest, user_agent, address, created_at, seen_at, proved_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $6)"
        )
        .bind(session.id)
        .bind(session.account)
        .bind(session.digest.as_bytes().as_slice())
        .bind(session.user_agent)
        .bind(session.address)
        .bind(session.at)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The session with this token.
    pub async fn find(&mut self, digest: &KeyDigest) -> Result<Option<Session>> {
        let row = sql!(select!("WHERE digest = $1"))
            .bind(digest.as_bytes().as_slice())
            .optional(self.db.on())
            .await?;
        row.as_ref().map(session).transpose()
    }

    /// The session with this id, and no other transaction ends it before this one ends.
    pub async fn get_locked(&mut self, id: EventId) -> Result<Option<Session>> {
        let row =
            sql!(sqlite: select!("WHERE id = $1"), postgres: select!("WHERE id = $1 FOR NO KEY UPDATE"))
                .bind(id)
                .optional(self.db.on())
                .await?;
        row.as_ref().map(session).transpose()
    }

    /// All sessions of an account, newest first.
    pub async fn list(&mut self, account: AccountId) -> Result<Vec<Session>> {
        sql!(select!("WHERE account_id = $1 ORDER BY id DESC"))
            .bind(account)
            .all(self.db.on())
            .await?
            .iter()
            .map(session)
            .collect()
    }

    /// Notes that a session was used.
    pub async fn seen(&mut self, id: EventId, at: Timestamp) -> Result<()> {
        sql!("UPDATE sessions SET seen_at = $2 WHERE id = $1")
            .bind(id)
            .bind(at)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Notes that the password was given.
    pub async fn proved(&mut self, id: EventId, at: Timestamp) -> Result<()> {
        sql!("UPDATE sessions SET proved_at = $2 WHERE id = $1")
            .bind(id)
            .bind(at)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Ends a session of this account. Returns whether there was one.
    pub async fn end(&mut self, account: AccountId, id: EventId) -> Result<bool> {
        let rows = sql!("DELETE FROM sessions WHERE id = $1 AND account_id = $2")
            .bind(id)
            .bind(account)
            .execute(self.db.on())
            .await?;
        Ok(rows > 0)
    }

    /// Ends all sessions of an account, but for `except`. Returns how many there were.
    pub async fn end_all(&mut self, account: AccountId, except: Option<EventId>) -> Result<u64> {
        match except {
            Some(id) => {
                let query = sql!("DELETE FROM sessions WHERE account_id = $1 AND id <> $2");
                query.bind(account).bind(id).execute(self.db.on()).await
            }
            None => {
                sql!("DELETE FROM sessions WHERE account_id = $1").bind(account).execute(self.db.on()).await
            }
        }
    }

    /// Ends the sessions of an account that were used longest ago, but for `kept` of them. Returns those that were ended.
    pub async fn end_beyond(&mut self, account: AccountId, kept: i64) -> Result<Vec<EventId>> {
        sql!(
            "DELETE FROM sessions WHERE account_id = $1 AND id NOT IN \
             (SELECT id FROM sessions WHERE account_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2) RETURNING id"
        )
        .bind(account)
        .bind(kept)
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| row.id("id"))
        .collect()
    }

    /// Forgets the browsers of an account that were used longest ago, but for `kept` of them.
    pub async fn forget_devices_beyond(&mut self, account: AccountId, kept: i64) -> Result<()> {
        sql!(
            "DELETE FROM devices WHERE account_id = $1 AND digest NOT IN \
             (SELECT digest FROM devices WHERE account_id = $1 ORDER BY seen_at DESC, digest LIMIT $2)"
        )
        .bind(account)
        .bind(kept)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// Notes that an account signed in from a browser that it signed in from before. Returns whether it did.
    pub async fn device_seen(
        &mut self,
        account: AccountId,
        device: &KeyDigest,
        at: Timestamp,
    ) -> Result<bool> {
        let rows = sql!("UPDATE devices SET seen_at = $3 WHERE account_id = $1 AND digest = $2")
            .bind(account)
            .bind(device.as_bytes().as_slice())
            .bind(at)
            .execute(self.db.on())
            .await?;
        Ok(rows > 0)
    }

    /// Notes a browser of an account that was not seen before. Returns whether the account has others.
    pub async fn add_device(
        &mut self,
        account: AccountId,
        device: &KeyDigest,
        at: Timestamp,
    ) -> Result<bool> {
        let others = sql!("SELECT digest FROM devices WHERE account_id = $1 LIMIT 1")
            .bind(account)
            .optional(self.db.on())
            .await?;
        sql!("INSERT INTO devices (account_id, digest, seen_at) VALUES ($1, $2, $3)")
            .bind(account)
            .bind(device.as_bytes().as_slice())
            .bind(at)
            .execute(self.db.on())
            .await?;
        Ok(others.is_some())
    }

    /// Forgets the browsers of an account.
    pub async fn forget_devices(&mut self, account: AccountId) -> Result<()> {
        sql!("DELETE FROM devices WHERE account_id = $1").bind(account).execute(self.db.on()).await.map(drop)
    }

    /// Forgets browsers that were last used before `then`. Returns how many there were.
    pub async fn forget_old_devices(&mut self, then: Timestamp) -> Result<u64> {
        sql!("DELETE FROM devices WHERE seen_at < $1").bind(then).execute(self.db.on()).await
    }

    /// Ends all sessions that were last used before `then`. Returns how many there were.
    pub async fn end_idle(&mut self, then: Timestamp) -> Result<u64> {
        sql!("DELETE FROM sessions WHERE seen_at < $1").bind(then).execute(self.db.on()).await
    }
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        id: row.id("id")?,
        account: row.id("account_id")?,
        user_agent: row.get("user_agent")?,
        address: row.get("address")?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        proved_at: row.time("proved_at")?,
    })
}
