//! The schema: embedded, forward only. An applied migration is never edited.

use crate::{
    Db, Engine, Error, Result, Store,
    sql::{Connection, sql},
};

struct Migration {
    name: &'static str,
    text: &'static str,
}

/// In order; the position (from 1) is the version.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_registry", text: include_str!("../migrations/0001_registry.sql") },
    Migration { name: "0002_sessions", text: include_str!("../migrations/0002_sessions.sql") },
    Migration { name: "0003_accounts", text: include_str!("../migrations/0003_accounts.sql") },
    Migration { name: "0004_changes", text: include_str!("../migrations/0004_changes.sql") },
    Migration { name: "0005_invitations", text: include_str!("../migrations/0005_invitations.sql") },
    Migration { name: "0006_facts", text: include_str!("../migrations/0006_facts.sql") },
];

/// The newest schema version that this program knows.
pub const SCHEMA_VERSION: i64 = 6;

// The number stands here for readers, and cannot differ from the list.
const _: () = assert!(MIGRATIONS.len() == 6);

/// Applies what is missing, in one transaction, while no other process does the same.
pub(crate) async fn run(store: &Store) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the records themselves, not a change that somebody makes")]
    let mut db = store.begin().await?;
    lock(&mut db, store.engine()).await?;
    sql!("CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        .execute(db.on())
        .await?;
    let found: i64 = sql!("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations")
        .one(db.on())
        .await?
        .get("version")?;
    if found > SCHEMA_VERSION {
        return Err(Error::NewerSchema { found, known: SCHEMA_VERSION });
    }
    for (version, migration) in (1..).zip(MIGRATIONS) {
        if version > found {
            apply(&mut db, store.engine(), version, migration).await?;
        }
    }
    db.commit().await
}

async fn lock(db: &mut Db, engine: Engine) -> Result<()> {
    // SQLite's write transaction is the lock.
    if engine == Engine::Postgres {
        sql!("SELECT pg_advisory_xact_lock(7562839462)").execute(db.on()).await?;
    }
    Ok(())
}

async fn apply(db: &mut Db, engine: Engine, version: i64, migration: &'static Migration) -> Result<()> {
    db.run_script(for_engine(migration.text, engine)).await?;
    sql!("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)")
        .bind(version)
        .bind(migration.name)
        .execute(db.on())
        .await?;
    Ok(())
}

/// Both engines read the same text but for the byte-wise collation, which is SQLite's default and has no name there.
fn for_engine(text: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => text.replace(" COLLATE \"C\"", ""),
        Engine::Postgres => text.to_owned(),
    }
}

impl Db {
    async fn run_script(&mut self, script: String) -> Result<()> {
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(script));
        match self.on() {
            Connection::Sqlite(on) => script.execute(on).await.map(drop)?,
            Connection::Postgres(on) => script.execute(on).await.map(drop)?,
        }
        Ok(())
    }
}
