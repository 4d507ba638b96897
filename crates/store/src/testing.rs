//! A database of its own for each test.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::Result;

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
