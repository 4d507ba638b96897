/// What may go wrong between us and the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique rule of the schema refused the row: somebody else has the name, number or digest.
    #[error("a record with these unique values exists already")]
    Taken,
    /// The schema was written by a newer program.
    #[error(
        "the database has schema version {found}, but this program knows versions up to {known}: use the newer program"
    )]
    NewerSchema {
        /// Version in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// The address of the database cannot be used.
    #[error("{0}")]
    Address(String),
    /// A stored value does not have the form we wrote.
    #[error("the record has an unexpected value in `{column}`")]
    Corrupt {
        /// Name of the column.
        column: &'static str,
    },
    /// Anything else the engine reports.
    #[error("database: {0}")]
    Engine(#[source] sqlx::Error),
}

/// Result of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Taken,
            _ => Self::Engine(error),
        }
    }
}
