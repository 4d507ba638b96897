//! Opening the database, and handing out connections and transactions.

use std::{path::PathBuf, str::FromStr as _, time::Duration};

use sqlx::{
    Connection as _, PgPool, SqlitePool,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Error, Result, migrate, sql::Connection};

/// How long a writer waits for another process before it gives up.
const BUSY: Duration = Duration::from_secs(30);

/// Where the records are.
#[derive(Debug, Clone)]
pub enum Address {
    /// A SQLite file; made if it does not exist.
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/database`, PostgreSQL 15 or later.
    Postgres(String),
}

/// The database engine behind a [`Store`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite in WAL mode.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
}

#[derive(Debug, Clone)]
enum Pools {
    /// SQLite has one writer: transactions queue for one connection, readers have a pool.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

impl Store {
    /// Opens the database and brings its schema up to date. Several processes may do this at once.
    pub async fn open(address: &Address) -> Result<Self> {
        let store = Self::connect(address).await?;
        migrate::run(&store).await?;
        Ok(store)
    }

    async fn connect(address: &Address) -> Result<Self> {
        let pools = match address {
            Address::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(BUSY)
                    .pragma("cache_size", "-32768");
                let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
                let read = SqlitePoolOptions::new()
                    .max_connections(8)
                    .connect_with(options.pragma("query_only", "ON"))
                    .await?;
                Pools::Sqlite { write, read }
            }
            Address::Postgres(url) => {
                let options = PgConnectOptions::from_str(url)
                    .map_err(|_| Error::Address("the database address is not of the form postgres://user:password@host:port/database".into()))?
                    .application_name("keyward");
                // The pool would try again and again, and then not say why.
                sqlx::PgConnection::connect_with(&options).await?.close().await?;
                let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(15));
                Pools::Postgres(pool.connect_with(options).await?)
            }
        };
        Ok(Self { pools })
    }

    /// The engine in use.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Db> {
        Ok(Db(match &self.pools {
            Pools::Sqlite { read, .. } => Session::Sqlite(read.acquire().await?),
            Pools::Postgres(pool) => Session::Postgres(pool.acquire().await?),
        }))
    }

    /// A transaction for writing. Dropped without [`Db::commit`], it is rolled back.
    pub async fn begin(&self) -> Result<Db> {
        Ok(Db(match &self.pools {
            Pools::Sqlite { write, .. } => {
                Session::SqliteTransaction(write.begin_with("BEGIN IMMEDIATE").await?)
            }
            Pools::Postgres(pool) => Session::PostgresTransaction(pool.begin().await?),
        }))
    }

    /// Waits for the news that some key or ownership changed in another process, at most `limit`.
    /// PostgreSQL tells; SQLite is asked again when the time is up.
    pub async fn authorization_news(&self, listener: &mut Option<PgListener>, limit: Duration) {
        let Pools::Postgres(pool) = &self.pools else {
            return tokio::time::sleep(limit).await;
        };
        if listener.is_none() {
            *listener = subscribe(pool).await.ok();
        }
        match listener {
            Some(open) => {
                if let Ok(Err(_)) = tokio::time::timeout(limit, open.recv()).await {
                    *listener = None;
                }
            }
            None => tokio::time::sleep(limit).await,
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

async fn subscribe(pool: &PgPool) -> Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(crate::authorization::CHANNEL).await?;
    Ok(listener)
}

/// A connection or a transaction. The repositories hang from it.
pub struct Db(Session);

enum Session {
    Sqlite(PoolConnection<sqlx::Sqlite>),
    SqliteTransaction(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(PoolConnection<sqlx::Postgres>),
    PostgresTransaction(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Db")
    }
}

impl Db {
    /// Makes the transaction's changes visible, all at once. On a plain connection it does nothing.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            Session::SqliteTransaction(transaction) => transaction.commit().await?,
            Session::PostgresTransaction(transaction) => transaction.commit().await?,
            Session::Sqlite(_) | Session::Postgres(_) => {}
        }
        Ok(())
    }

    pub(crate) fn on(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Session::Sqlite(connection) => Connection::Sqlite(connection),
            Session::SqliteTransaction(transaction) => Connection::Sqlite(transaction),
            Session::Postgres(connection) => Connection::Postgres(connection),
            Session::PostgresTransaction(transaction) => Connection::Postgres(transaction),
        }
    }
}

/// Gives each repository a struct that borrows the [`Db`], and `Db` a method that makes it.
macro_rules! repositories {
    ($($(#[$doc:meta])* $method:ident: $name:ident in $module:ident;)+) => {
        impl Db {$(
            $(#[$doc])*
            pub fn $method(&mut self) -> crate::$name<'_> {
                crate::$module::$name { db: self }
            }
        )+}
    };
}

repositories! {
    /// Accounts.
    accounts: Accounts in accounts;
    /// Keys.
    keys: Keys in keys;
    /// Packages.
    packages: Packages in packages;
    /// Releases and their artifacts.
    releases: Releases in releases;
    /// Who owns what.
    ownerships: Ownerships in ownerships;
    /// Invitations to own a package that lead to no account.
    unmatched_invitations: UnmatchedInvitations in unmatched_invitations;
    /// What only gems have: info digests, full names.
    gems: Gems in gems;
    /// The append-only list behind `/versions`.
    gem_index: GemIndex in gems;
    /// The audit log.
    audit: AuditLog in audit;
    /// Work that follows a change.
    outbox: Outbox in outbox;
    /// Blobs that are stored but not yet recorded.
    pending_blobs: PendingBlobs in blobs;
    /// What tells every process that rights changed.
    authorization: Authorization in authorization;
    /// People who are signed in.
    sessions: Sessions in sessions;
    /// Links that are sent by mail.
    links: Links in links;
    /// The token of the first run.
    setup_tokens: SetupTokens in setup;
}
