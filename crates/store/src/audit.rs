use domain::{AccountId, EventId, KeyId, PackageId, ReleaseId, Timestamp};

use crate::{
    Db, Result,
    sql::{Row, Statement, sql},
};

/// What happened, to whom, by whom. Ids that do not apply stay empty.
#[derive(Debug, Clone, Default)]
pub struct AuditEvent {
    /// What was done, as `thing.verb`: `key.created`, `release.published`.
    pub action: &'static str,
    /// The account that did it; empty for the operator, for visitors and for the server itself.
    pub actor: Option<AccountId>,
    /// The operator who did it, by the name that the command line knows.
    pub operator: Option<String>,
    /// The key it was done with.
    pub actor_key: Option<KeyId>,
    /// The account it concerns.
    pub account: Option<AccountId>,
    /// The package it concerns.
    pub package: Option<PackageId>,
    /// The release it concerns.
    pub release: Option<ReleaseId>,
    /// The key it concerns.
    pub key: Option<KeyId>,
    /// More, for people: never a secret.
    pub details: serde_json::Value,
}

/// An event as it stands in the log.
#[derive(Debug)]
pub struct RecordedEvent {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// `thing.verb`.
    pub action: String,
    /// Who.
    pub actor: Option<AccountId>,
    /// With which key.
    pub actor_key: Option<KeyId>,
    /// The operator at the command line, by name.
    pub operator: Option<String>,
    /// What the doer is called.
    pub actor_handle: Option<String>,
    /// What the key is called.
    pub actor_key_name: Option<String>,
    /// The package it concerns.
    pub package: Option<String>,
    /// More.
    pub details: serde_json::Value,
}

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT e.id, e.at, e.action, e.actor_id, e.actor_key_id, e.operator, a.handle AS actor_handle, k.name AS actor_key_name, \
             p.name AS package_name, e.details FROM audit_events e \
             LEFT JOIN accounts a ON a.id = e.actor_id LEFT JOIN keys k ON k.id = e.actor_key_id \
             LEFT JOIN packages p ON p.id = e.package_id WHERE ",
            $rest
        )
    };
}

/// The audit log: written in the transaction of the change, never altered.
#[derive(Debug)]
pub struct AuditLog<'db> {
    pub(crate) db: &'db mut Db,
}

impl AuditLog<'_> {
    /// Adds an event.
    pub async fn add(&mut self, event: &AuditEvent, now: Timestamp) -> Result<()> {
        sql!(
            "INSERT INTO audit_events (id, at, action, actor_id, actor_key_id, account_id, package_id, release_id, \
             key_id, operator, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        )
        .bind(EventId::new(now))
        .bind(now)
        .bind(event.action)
        .bind(event.actor)
        .bind(event.actor_key)
        .bind(event.account)
        .bind(event.package)
        .bind(event.release)
        .bind(event.key)
        .bind(event.operator.as_deref())
        .bind(event.details.to_string())
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// Events of a package, newest first, at most `limit`: those from `from` on.
    pub async fn of_package(
        &mut self,
        package: PackageId,
        from: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<RecordedEvent>> {
        let statement = sql!(select!(
            "e.package_id = $1 AND (CAST($2 AS UUID) IS NULL OR e.id <= $2) ORDER BY e.id DESC LIMIT $3"
        ));
        self.list(statement.bind(package).bind(from).bind(limit)).await
    }

    /// Events that concern an account or were its doing, newest first, at most `limit`: those from `from` on. Reads no more than
    /// twice as many, however many there are.
    pub async fn of_account(
        &mut self,
        account: AccountId,
        from: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<RecordedEvent>> {
        macro_rules! newest {
            ($column:literal) => {
                concat!(
                    "SELECT id FROM (SELECT id FROM audit_events WHERE ",
                    $column,
                    " = $1 AND (CAST($2 AS UUID) IS NULL OR id <= $2) ORDER BY id DESC LIMIT $3) by_",
                    $column
                )
            };
        }
        let statement = sql!(select!(concat!(
            "e.id IN (",
            newest!("account_id"),
            " UNION ",
            newest!("actor_id"),
            ") ORDER BY e.id DESC LIMIT $3"
        )));
        self.list(statement.bind(account).bind(from).bind(limit)).await
    }

    async fn list(&mut self, statement: Statement) -> Result<Vec<RecordedEvent>> {
        statement.all(self.db.on()).await?.iter().map(event).collect()
    }
}

fn event(row: &Row) -> Result<RecordedEvent> {
    Ok(RecordedEvent {
        id: row.id("id")?,
        at: row.time("at")?,
        action: row.get("action")?,
        actor: row.optional_id("actor_id")?,
        actor_key: row.optional_id("actor_key_id")?,
        operator: row.get("operator")?,
        actor_handle: row.get("actor_handle")?,
        actor_key_name: row.get("actor_key_name")?,
        package: row.get("package_name")?,
        details: row.word("details")?,
    })
}
