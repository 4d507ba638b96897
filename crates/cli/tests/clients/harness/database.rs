//! A database of a test's own in the `PostgreSQL` server of `DATABASE_URL`.

use std::hash::{BuildHasher, RandomState};

use super::{Printed, limited};

/// A database that lives as long as this value.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Makes a fresh database, or returns nothing where `DATABASE_URL` is not set and the test works on `SQLite`.
    pub(crate) fn create() -> Option<Self> {
        let server = std::env::var_os("DATABASE_URL")?.into_string().expect("DATABASE_URL is plain text");
        let name = format!("clients_{:016x}", RandomState::new().hash_one("database"));
        let database = Self { server, name };
        database.tell(&format!("CREATE DATABASE {}", database.name)).succeeded();
        Some(database)
    }

    /// Returns the address of this database: that of the server with another name at the end of its path.
    pub(crate) fn url(&self) -> String {
        let (address, options) = match self.server.split_once('?') {
            Some((address, options)) => (address, format!("?{options}")),
            None => (self.server.as_str(), String::new()),
        };
        let (server, _) = address.rsplit_once('/').expect("DATABASE_URL names a database");
        format!("{server}/{}{options}", self.name)
    }

    fn tell(&self, statement: &str) -> Printed {
        let arguments = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement];
        let output = limited("psql").arg(&self.server).args(arguments).output();
        Printed::from_output(&output.expect("`timeout` of coreutils is installed"))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server that used it is dead, but its connections may not be.
        self.tell(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}
