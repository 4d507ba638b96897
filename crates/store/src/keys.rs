use std::collections::HashMap;

use domain::{
    AccountId, Ecosystem, Glob, Key, KeyDigest, KeyDraft, KeyId, KeyKind, NamePattern, OwnershipId,
    PackageName, Profile, ScopeWord, Selection, Timestamp,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Db, Error, Result,
    sql::{Row, Statement, sql},
};

/// What is needed to record a key.
#[derive(Debug)]
pub struct NewKey<'a> {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub owner: AccountId,
    /// What it is good in.
    pub ecosystem: Ecosystem,
    /// How it came to be.
    pub kind: KeyKind,
    /// What the rules allow.
    pub draft: &'a KeyDraft,
    /// What is kept of its value.
    pub digest: &'a KeyDigest,
    /// Now.
    pub at: Timestamp,
}

/// The keys and what they grant.
#[derive(Debug)]
pub struct Keys<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT id, account_id, ecosystem, kind, name, scopes, expires_at, lifetime_days, otp_required, created_at, \
             last_used_at, last_push_at, revoked_at, ownership_lost FROM keys ",
            $rest
        )
    };
}

/// Keys of the account `$1` that have not ended at `$2`.
macro_rules! working {
    () => {
        "WHERE account_id = $1 AND revoked_at IS NULL AND ownership_lost IS NULL \
         AND (expires_at IS NULL OR expires_at > $2)"
    };
}

impl Keys<'_> {
    /// Adds a key. [`Error::Taken`] when the digest exists.
    pub async fn add(&mut self, key: &NewKey<'_>) -> Result<()> {
        let draft = key.draft;
        sql!(
            "INSERT INTO keys (id, account_id, ecosystem, kind, name, digest, scopes, expires_at, lifetime_days, \
             otp_required, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        )
        .bind(key.id)
        .bind(key.owner)
        .bind(key.ecosystem.as_str())
        .bind(key.kind.as_str())
        .bind(draft.name.as_str())
        .bind(key.digest.as_bytes().as_slice())
        .bind(join_words(&draft.words))
        .bind(draft.expires_at)
        .bind(draft.lifetime_days.map(i64::from))
        .bind(draft.otp_required)
        .bind(key.at)
        .execute(self.db.on())
        .await?;
        self.insert_grants(key.id, &draft.selection).await
    }

    /// Writes what an edit may change: scopes, packages, second factor.
    pub async fn update(&mut self, id: KeyId, draft: &KeyDraft) -> Result<()> {
        sql!("UPDATE keys SET scopes = $2, otp_required = $3 WHERE id = $1")
            .bind(id)
            .bind(join_words(&draft.words))
            .bind(draft.otp_required)
            .execute(self.db.on())
            .await?;
        sql!("DELETE FROM grants WHERE key_id = $1").bind(id).execute(self.db.on()).await?;
        self.insert_grants(id, &draft.selection).await
    }

    /// One statement, however many patterns there are.
    async fn insert_grants(&mut self, id: KeyId, selection: &Selection) -> Result<()> {
        let (rows, ownership) = grant_rows(selection);
        sql!(
            sqlite: "INSERT INTO grants (key_id, position, selector, pattern, ownership_id) \
                     SELECT $1, written.key, written.value ->> 0, written.value ->> 1, $3 FROM json_each($2) written",
            postgres: "INSERT INTO grants (key_id, position, selector, pattern, ownership_id) \
                       SELECT $1, written.place - 1, written.value ->> 0, written.value ->> 1, $3 \
                       FROM json_array_elements(CAST($2 AS JSON)) WITH ORDINALITY written (value, place)",
        )
        .bind(id)
        .bind(rows.to_string())
        .bind(ownership)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The key with this digest, whatever its state.
    pub async fn find_by_digest(&mut self, digest: &KeyDigest) -> Result<Option<Key>> {
        self.first(sql!(select!("WHERE digest = $1")).bind(digest.as_bytes().as_slice())).await
    }

    /// The key with this id.
    pub async fn get(&mut self, id: KeyId) -> Result<Option<Key>> {
        self.first(sql!(select!("WHERE id = $1")).bind(id)).await
    }

    /// The same, and no other transaction changes the key before this one ends.
    pub async fn get_locked(&mut self, id: KeyId) -> Result<Option<Key>> {
        self.first(
            sql!(sqlite: select!("WHERE id = $1"), postgres: select!("WHERE id = $1 FOR UPDATE")).bind(id),
        )
        .await
    }

    async fn first(&mut self, statement: Statement) -> Result<Option<Key>> {
        let row = statement.optional(self.db.on()).await?;
        Ok(self.with_grants(row.into_iter().collect()).await?.pop())
    }

    /// Keys of an account, newest first, at most `limit`: those from `from` on, and of one ecosystem where it is named.
    pub async fn page(
        &mut self,
        owner: AccountId,
        ecosystem: Option<Ecosystem>,
        revoked_too: bool,
        from: Option<KeyId>,
        limit: i64,
    ) -> Result<Vec<Key>> {
        macro_rules! page {
            ($which:literal) => {
                select!(concat!(
                    "WHERE account_id = $1 ",
                    $which,
                    "AND (CAST($2 AS TEXT) IS NULL OR ecosystem = $2) AND (CAST($3 AS UUID) IS NULL OR id <= $3) \
                     ORDER BY id DESC LIMIT $4"
                ))
            };
        }
        let statement = if revoked_too { sql!(page!("")) } else { sql!(page!("AND revoked_at IS NULL ")) };
        let statement = statement.bind(owner).bind(ecosystem.map(Ecosystem::as_str)).bind(from).bind(limit);
        self.list(statement).await
    }

    /// Keys of an account that have not ended, newest first, at most `limit`. Legacy keys that are retired are among them.
    pub async fn working(&mut self, owner: AccountId, now: Timestamp, limit: i64) -> Result<Vec<Key>> {
        let statement = sql!(select!(concat!(working!(), " ORDER BY id DESC LIMIT $3")));
        self.list(statement.bind(owner).bind(now).bind(limit)).await
    }

    /// How many keys of an account have not ended.
    pub async fn count_working(&mut self, owner: AccountId, now: Timestamp) -> Result<i64> {
        let statement = sql!(concat!("SELECT COUNT(*) AS count FROM keys ", working!()));
        statement.bind(owner).bind(now).one(self.db.on()).await?.get("count")
    }

    /// How many packages and patterns the keys of an account have together that have not ended.
    pub async fn count_working_grants(&mut self, owner: AccountId, now: Timestamp) -> Result<i64> {
        let statement = sql!(concat!(
            "SELECT COUNT(*) AS count FROM grants WHERE key_id IN (SELECT id FROM keys ",
            working!(),
            ")"
        ));
        statement.bind(owner).bind(now).one(self.db.on()).await?.get("count")
    }

    /// Keys of an account that end before `soon` or have ended, but were not revoked; those that end last come first, at most `limit`.
    pub async fn ending(&mut self, owner: AccountId, soon: Timestamp, limit: i64) -> Result<Vec<Key>> {
        let statement = sql!(select!(
            "WHERE account_id = $1 AND revoked_at IS NULL AND expires_at <= $2 ORDER BY expires_at DESC, id DESC LIMIT $3"
        ));
        self.list(statement.bind(owner).bind(soon).bind(limit)).await
    }

    async fn list(&mut self, statement: Statement) -> Result<Vec<Key>> {
        let rows = statement.all(self.db.on()).await?;
        self.with_grants(rows).await
    }

    /// The keys of these rows, in their order.
    async fn with_grants(&mut self, rows: Vec<Row>) -> Result<Vec<Key>> {
        macro_rules! grants {
            ($keys:literal) => {
                concat!(
                    "SELECT key_id, selector, pattern, ownership_id FROM grants WHERE key_id IN ",
                    $keys,
                    " ORDER BY key_id, position"
                )
            };
        }
        let ids = rows.iter().map(|row| Ok(json!(row.get::<Uuid>("id")?.simple().to_string())));
        let ids = ids.collect::<Result<Value>>()?;
        let grants = sql!(
            sqlite: grants!("(SELECT unhex(value) FROM json_each($1))"),
            postgres: grants!("(SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON)))"),
        );
        let mut by_key: HashMap<KeyId, Vec<Row>> = HashMap::new();
        for grant in grants.bind(ids.to_string()).all(self.db.on()).await? {
            by_key.entry(grant.id("key_id")?).or_default().push(grant);
        }
        rows.iter().map(|row| key(row, by_key.get(&row.id("id")?).map_or(&[], Vec::as_slice))).collect()
    }

    /// Revokes all keys of an account, those of one ecosystem where it is named. Returns how many were still unrevoked.
    pub async fn revoke_all(
        &mut self,
        owner: AccountId,
        ecosystem: Option<Ecosystem>,
        now: Timestamp,
    ) -> Result<u64> {
        sql!(
            "UPDATE keys SET revoked_at = $3 WHERE account_id = $1 AND revoked_at IS NULL \
             AND (CAST($2 AS TEXT) IS NULL OR ecosystem = $2)"
        )
        .bind(owner)
        .bind(ecosystem.map(Ecosystem::as_str))
        .bind(now)
        .execute(self.db.on())
        .await
    }

    /// Revokes a key. Returns whether it was still unrevoked.
    pub async fn revoke(&mut self, id: KeyId, now: Timestamp) -> Result<bool> {
        let rows = sql!("UPDATE keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(id)
            .bind(now)
            .execute(self.db.on())
            .await?;
        Ok(rows > 0)
    }

    /// Marks keys that end before `soon` and were made more than ten days before their end, at most `limit`: their owners are
    /// about to be warned. Each key is given once, whoever asks.
    pub async fn take_expiring(&mut self, now: Timestamp, soon: Timestamp, limit: i64) -> Result<Vec<KeyId>> {
        macro_rules! take {
            ($lock:literal) => {
                concat!(
                    "UPDATE keys SET warned_at = $1 WHERE id IN (SELECT id FROM keys WHERE revoked_at IS NULL \
                     AND warned_at IS NULL AND ownership_lost IS NULL AND expires_at > $1 AND expires_at <= $2 \
                     AND expires_at - created_at > $2 - $1 ORDER BY expires_at LIMIT $3",
                    $lock,
                    ") RETURNING id"
                )
            };
        }
        self.take(
            sql!(sqlite: take!(""), postgres: take!(" FOR UPDATE SKIP LOCKED"))
                .bind(now)
                .bind(soon)
                .bind(limit),
        )
        .await
    }

    /// Marks keys that have ended, at most `limit`: their owners are about to be told. Each key is given once.
    pub async fn take_expired(&mut self, now: Timestamp, limit: i64) -> Result<Vec<KeyId>> {
        macro_rules! take {
            ($lock:literal) => {
                concat!(
                    "UPDATE keys SET told_expired_at = $1 WHERE id IN (SELECT id FROM keys WHERE revoked_at IS NULL \
                     AND told_expired_at IS NULL AND ownership_lost IS NULL AND expires_at <= $1 \
                     ORDER BY expires_at LIMIT $2",
                    $lock,
                    ") RETURNING id"
                )
            };
        }
        self.take(sql!(sqlite: take!(""), postgres: take!(" FOR UPDATE SKIP LOCKED")).bind(now).bind(limit))
            .await
    }

    /// Marks legacy keys of an ecosystem that nothing was published with since `idle_since`, at most `limit`: their owners are
    /// about to be told that they are retired. Each key is given once.
    pub async fn take_retired(
        &mut self,
        ecosystem: Ecosystem,
        idle_since: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<KeyId>> {
        macro_rules! take {
            ($lock:literal) => {
                concat!(
                    "UPDATE keys SET told_retired_at = $3 WHERE id IN (SELECT id FROM keys WHERE kind = 'legacy' \
                     AND ecosystem = $1 AND revoked_at IS NULL AND told_retired_at IS NULL \
                     AND COALESCE(last_push_at, created_at) <= $2 LIMIT $4",
                    $lock,
                    ") RETURNING id"
                )
            };
        }
        self.take(
            sql!(sqlite: take!(""), postgres: take!(" FOR UPDATE SKIP LOCKED"))
                .bind(ecosystem.as_str())
                .bind(idle_since)
                .bind(now)
                .bind(limit),
        )
        .await
    }

    async fn take(&mut self, statement: Statement) -> Result<Vec<KeyId>> {
        statement.all(self.db.on()).await?.iter().map(|row| row.id("id")).collect()
    }

    /// Lets whoever holds the claim draw the value of a key, until `until`.
    pub async fn offer_value(&mut self, id: KeyId, claim: &KeyDigest, until: Timestamp) -> Result<()> {
        sql!("UPDATE keys SET claim_digest = $2, claim_until = $3 WHERE id = $1")
            .bind(id)
            .bind(claim.as_bytes().as_slice())
            .bind(until)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Gives a key its value, if the claim is right and in time. It is used up then. Returns whether it was.
    pub async fn claim_value(
        &mut self,
        id: KeyId,
        claim: &KeyDigest,
        digest: &KeyDigest,
        now: Timestamp,
    ) -> Result<bool> {
        let rows = sql!(
            "UPDATE keys SET digest = $3, claim_digest = NULL, claim_until = NULL \
             WHERE id = $1 AND claim_digest = $2 AND claim_until > $4 AND revoked_at IS NULL"
        )
        .bind(id)
        .bind(claim.as_bytes().as_slice())
        .bind(digest.as_bytes().as_slice())
        .bind(now)
        .execute(self.db.on())
        .await?;
        Ok(rows > 0)
    }

    /// Marks every key that was bound to this ownership: it covers nothing any more. Returns their ids.
    pub async fn lose_ownership(
        &mut self,
        ownership: OwnershipId,
        package: &PackageName,
    ) -> Result<Vec<KeyId>> {
        let lost = sql!(
            "UPDATE keys SET ownership_lost = $2 \
             WHERE id IN (SELECT key_id FROM grants WHERE ownership_id = $1) RETURNING id"
        )
        .bind(ownership)
        .bind(package.as_str())
        .all(self.db.on())
        .await?;
        sql!("DELETE FROM grants WHERE ownership_id = $1").bind(ownership).execute(self.db.on()).await?;
        lost.iter().map(|row| row.id("id")).collect()
    }

    /// Notes when a key was last used. An older instant than the noted one changes nothing.
    pub async fn note_use(&mut self, id: KeyId, at: Timestamp) -> Result<()> {
        sql!("UPDATE keys SET last_used_at = $2 WHERE id = $1 AND COALESCE(last_used_at, 0) < $2")
            .bind(id)
            .bind(at)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Notes when a key last published something.
    pub async fn note_push(&mut self, id: KeyId, at: Timestamp) -> Result<()> {
        sql!("UPDATE keys SET last_push_at = $2 WHERE id = $1")
            .bind(id)
            .bind(at)
            .execute(self.db.on())
            .await
            .map(drop)
    }
}

fn join_words(words: &[&'static ScopeWord]) -> String {
    words.iter().map(|word| word.word).collect::<Vec<_>>().join(" ")
}

/// A selection as rows of selector and pattern, and the ownership that it hangs on.
fn grant_rows(selection: &Selection) -> (Value, Option<OwnershipId>) {
    match selection {
        Selection::Any => (json!([["any", null]]), None),
        Selection::Owned { ownership, package } => (json!([["owned", package.as_str()]]), Some(*ownership)),
        Selection::Patterns(patterns) => (patterns.iter().map(grant_row).collect(), None),
    }
}

fn grant_row(pattern: &NamePattern) -> Value {
    let selector = match pattern {
        NamePattern::Name(_) => "name",
        NamePattern::Glob(_) => "glob",
    };
    json!([selector, pattern.as_str()])
}

fn key(row: &Row, grants: &[Row]) -> Result<Key> {
    let ecosystem: Ecosystem = row.word("ecosystem")?;
    let profile = Profile::of(ecosystem);
    let words = row
        .get::<String>("scopes")?
        .split_whitespace()
        .map(|word| profile.word(word).ok_or(Error::Corrupt { column: "scopes" }))
        .collect::<Result<_>>()?;
    Ok(Key {
        id: row.id("id")?,
        owner: row.id("account_id")?,
        ecosystem,
        kind: row.word("kind")?,
        name: row.get("name")?,
        words,
        selection: selection(ecosystem, grants)?,
        expires_at: row.optional_time("expires_at")?,
        lifetime_days: lifetime(row)?,
        otp_required: row.get("otp_required")?,
        created_at: row.time("created_at")?,
        last_used_at: row.optional_time("last_used_at")?,
        last_push_at: row.optional_time("last_push_at")?,
        revoked_at: row.optional_time("revoked_at")?,
        ownership_lost: row.get("ownership_lost")?,
    })
}

fn lifetime(row: &Row) -> Result<Option<u16>> {
    row.get::<Option<i64>>("lifetime_days")?
        .map(|days| u16::try_from(days).map_err(|_| Error::Corrupt { column: "lifetime_days" }))
        .transpose()
}

fn selection(ecosystem: Ecosystem, grants: &[Row]) -> Result<Selection> {
    let mut patterns = Vec::with_capacity(grants.len());
    for grant in grants {
        let pattern: Option<String> = grant.get("pattern")?;
        let text = || pattern.clone().ok_or(Error::Corrupt { column: "pattern" });
        match grant.get::<String>("selector")?.as_str() {
            "any" => return Ok(Selection::Any),
            "owned" => {
                let ownership =
                    grant.optional_id("ownership_id")?.ok_or(Error::Corrupt { column: "ownership_id" })?;
                return Ok(Selection::Owned { ownership, package: PackageName::stored(ecosystem, text()?) });
            }
            "name" => patterns.push(NamePattern::Name(PackageName::stored(ecosystem, text()?))),
            "glob" => patterns.push(NamePattern::Glob(
                Glob::parse(&text()?).map_err(|_| Error::Corrupt { column: "pattern" })?,
            )),
            _ => return Err(Error::Corrupt { column: "selector" }),
        }
    }
    Ok(Selection::Patterns(patterns))
}
