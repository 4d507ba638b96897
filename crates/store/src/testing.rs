//! A database of its own for each test.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{Address, Result, Store, sql::Connection};

/// Makes an empty schema in the PostgreSQL behind `url`; returns an address that leads into it.
pub async fn create_schema(url: &str, name: &str) -> Result<String> {
    run(url, format!("CREATE SCHEMA {name}")).await?;
    let separator = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{separator}options[search_path]={name}"))
}

/// Drops a schema with all that is in it.
pub async fn drop_schema(url: &str, name: &str) -> Result<()> {
    run(url, format!("DROP SCHEMA IF EXISTS {name} CASCADE")).await
}

async fn run(url: &str, statement: String) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Runs a statement on a database, beside whatever server has it open: what no use case does.
pub async fn execute(address: &Address, statement: &str) -> Result<()> {
    let store = Store::open(address).await?;
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
