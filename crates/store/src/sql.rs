//! One statement text for two engines: bind, run, read rows.

use domain::Timestamp;
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{Error, Result};

/// A connection of either engine, borrowed for one statement.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut sqlx::SqliteConnection),
    Postgres(&'c mut sqlx::PgConnection),
}

/// A statement and its arguments.
pub(crate) struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
    arguments: Vec<Argument>,
}

/// A value that both engines store.
pub(crate) enum Argument {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Bool(bool),
    Id(Option<Uuid>),
}

/// Builds a [`Statement`]: one text for both engines, or `sqlite:` and `postgres:` side by side.
macro_rules! sql {
    ($text:expr $(,)?) => {
        $crate::sql::Statement::new($text, $text)
    };
    (sqlite: $sqlite:expr, postgres: $postgres:expr $(,)?) => {
        $crate::sql::Statement::new($sqlite, $postgres)
    };
}
pub(crate) use sql;

/// Binds the arguments of a statement to a query of either engine.
macro_rules! bind_all {
    ($query:expr, $arguments:expr) => {{
        let mut query = $query;
        for argument in $arguments {
            query = match argument {
                Argument::Integer(value) => query.bind(value),
                Argument::Text(value) => query.bind(value),
                Argument::Bytes(value) => query.bind(value),
                Argument::Bool(value) => query.bind(value),
                Argument::Id(value) => query.bind(value),
            };
        }
        query
    }};
}

/// Runs `$body` with `$query` bound to the arguments, for the engine of `$connection`.
macro_rules! with_query {
    ($statement:expr, $connection:expr, |$query:ident, $on:ident| $body:expr) => {{
        let statement = $statement;
        match $connection {
            Connection::Sqlite($on) => {
                let $query = bind_all!(sqlx::query(statement.sqlite), statement.arguments);
                $body
            }
            Connection::Postgres($on) => {
                let $query = bind_all!(sqlx::query(statement.postgres), statement.arguments);
                $body
            }
        }
    }};
}

impl Statement {
    pub(crate) fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres, arguments: Vec::new() }
    }

    pub(crate) fn bind(mut self, value: impl Into<Argument>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// Runs the statement; returns the number of rows it touched.
    pub(crate) async fn execute(self, connection: Connection<'_>) -> Result<u64> {
        with_query!(self, connection, |query, on| Ok(query.execute(on).await?.rows_affected()))
    }

    /// The first row, if there is one.
    pub(crate) async fn optional(self, connection: Connection<'_>) -> Result<Option<Row>> {
        with_query!(self, connection, |query, on| Ok(query.fetch_optional(on).await?.map(Row::from)))
    }

    /// The one row that the statement must give.
    pub(crate) async fn one(self, connection: Connection<'_>) -> Result<Row> {
        with_query!(self, connection, |query, on| Ok(Row::from(query.fetch_one(on).await?)))
    }

    /// All rows.
    pub(crate) async fn all(self, connection: Connection<'_>) -> Result<Vec<Row>> {
        with_query!(self, connection, |query, on| {
            Ok(query.fetch_all(on).await?.into_iter().map(Row::from).collect())
        })
    }

    /// The rows one after the other, for results too large to hold.
    pub(crate) fn stream(self, connection: Connection<'_>) -> BoxStream<'_, Result<Row>> {
        with_query!(self, connection, |query, on| rows(query.fetch(on)))
    }
}

fn rows<'c, R: Into<Row> + 'c>(
    stream: impl Stream<Item = sqlx::Result<R>> + Send + 'c,
) -> BoxStream<'c, Result<Row>> {
    stream.map(|row| row.map(Into::into).map_err(Error::from)).boxed()
}

/// A row of either engine.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

/// A type that both engines can give.
pub(crate) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}
impl<T> Column for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    pub(crate) fn get<T: Column>(&self, column: &str) -> Result<T> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn id<T: From<Uuid>>(&self, column: &str) -> Result<T> {
        self.get::<Uuid>(column).map(T::from)
    }

    pub(crate) fn optional_id<T: From<Uuid>>(&self, column: &str) -> Result<Option<T>> {
        Ok(self.get::<Option<Uuid>>(column)?.map(T::from))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp> {
        instant(self.get(column)?, column)
    }

    pub(crate) fn optional_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        self.get::<Option<i64>>(column)?.map(|micros| instant(micros, column)).transpose()
    }

    /// A word that we wrote, read back into its type.
    pub(crate) fn word<T: std::str::FromStr>(&self, column: &'static str) -> Result<T> {
        self.get::<String>(column)?.parse().map_err(|_| Error::Corrupt { column })
    }
}

fn instant(micros: i64, column: &'static str) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| Error::Corrupt { column })
}

macro_rules! arguments {
    ($($variant:ident: $($from:ty => $convert:expr),+;)+) => {$($(
        impl From<$from> for Argument {
            fn from(value: $from) -> Self {
                Self::$variant(($convert)(value))
            }
        }
    )+)+};
}

arguments! {
    Integer: i64 => Some, Option<i64> => |v| v,
        Timestamp => |t: Timestamp| Some(t.as_microsecond()),
        Option<Timestamp> => |t: Option<Timestamp>| t.map(Timestamp::as_microsecond);
    Text: &str => |v: &str| Some(v.to_owned()), Option<&str> => |v: Option<&str>| v.map(str::to_owned),
        String => Some, Option<String> => |v| v;
    Bytes: Vec<u8> => Some, Option<Vec<u8>> => |v| v, &[u8] => |v: &[u8]| Some(v.to_vec());
    Bool: bool => |v| v;
    Id: Uuid => Some, Option<Uuid> => |v| v;
}

macro_rules! id_arguments {
    ($($id:ty),+) => {$(
        impl From<$id> for Argument {
            fn from(id: $id) -> Self {
                Self::Id(Some(id.as_uuid()))
            }
        }
        impl From<Option<$id>> for Argument {
            fn from(id: Option<$id>) -> Self {
                Self::Id(id.map(|id| id.as_uuid()))
            }
        }
    )+};
}
id_arguments!(
    domain::AccountId,
    domain::KeyId,
    domain::PackageId,
    domain::ReleaseId,
    domain::OwnershipId,
    domain::LinkId,
    domain::EventId
);
