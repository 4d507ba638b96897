//! A database of its own for each test.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{Address, Result, Store, sql::Connection};

/// Makes an empty schema in the PostgreSQL behind `url`; returns an address that leads into it.
pub async fn create_schema(url: &str, name: &str) -> Result<String> {
    run(url, format!("CREATE SCHEMA {name}")).await?;
    let separator = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{separator}options[search_path]={name}"))
}

/// Ends every connection that holds something in the schema `$1`.
const CUT_OFF: &str = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND l.pid <> pg_backend_pid()";

/// Drops a schema with all that is in it. A server that is being dropped with its test may have a transaction open in it that
/// nobody is left to end; it is cut off.
pub async fn drop_schema(url: &str, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query("SET lock_timeout = '1s'").execute(&mut connection).await?;
    let drop = format!("DROP SCHEMA IF EXISTS {name} CASCADE");
    let mut tries = 0;
    loop {
        sqlx::query(CUT_OFF).bind(name).execute(&mut connection).await?;
        tries += 1;
        match sqlx::query(AssertSqlSafe(drop.as_str())).execute(&mut connection).await {
            Err(_) if tries < 10 => {}
            ended => {
                ended?;
                return Ok(connection.close().await?);
            }
        }
    }
}

async fn run(url: &str, statement: String) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Runs a statement on a database, beside whatever server has it open: what no use case does.
pub async fn execute(address: &Address, statement: &str) -> Result<()> {
    let store = Store::open(address).await?;
    #[expect(clippy::disallowed_methods, reason = "the records themselves, not a change that somebody makes")]
    let mut db = store.begin().await?;
    let statement = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
    match db.on() {
        Connection::Sqlite(on) => statement.execute(on).await.map(drop)?,
        Connection::Postgres(on) => statement.execute(on).await.map(drop)?,
    }
    db.commit().await?;
    store.close().await;
    Ok(())
}

/// The texts in the first column of a query.
pub async fn texts(address: &Address, query: &str) -> Result<Vec<String>> {
    let store = Store::open(address).await?;
    let mut db = store.read().await?;
    let query = AssertSqlSafe(query.to_owned());
    let texts = match db.on() {
        Connection::Sqlite(on) => sqlx::query_scalar(query).fetch_all(on).await?,
        Connection::Postgres(on) => sqlx::query_scalar(query).fetch_all(on).await?,
    };
    drop(db);
    store.close().await;
    Ok(texts)
}
