use std::path::Path;

/// A database for one test: a SQLite file in the test's folder, or a schema of its own in the PostgreSQL of `DATABASE_URL`.
#[derive(Debug)]
pub struct TestDatabase {
    /// What `--database-url` gets; nothing for SQLite in the data folder.
    pub url: Option<String>,
    schema: Option<(String, String)>,
}

impl TestDatabase {
    /// Makes the database.
    pub async fn create() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the test command says here which engine to use")]
        let Ok(server) = std::env::var("DATABASE_URL") else { return Self { url: None, schema: None } };
        let name = format!(
            "test_{}",
            uuid::Uuid::as_simple(&domain::EventId::new(domain::Clock::now(&domain::SystemClock)).as_uuid())
        );
        let url = store::testing::create_schema(&server, &name)
            .await
            .expect("the PostgreSQL of DATABASE_URL answers");
        Self { url: Some(url), schema: Some((server, name)) }
    }

    /// The address for the store; the SQLite file lies in `data`.
    pub fn address(&self, data: &Path) -> store::Address {
        match &self.url {
            Some(url) => store::Address::Postgres(url.clone()),
            None => store::Address::Sqlite(data.join("keyward.sqlite")),
        }
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.url.is_some()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((server, name)) = self.schema.take() else { return };
        // A runtime of its own: the test's may be ending.
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(store::testing::drop_schema(&server, &name))
        });
        if !std::thread::panicking() {
            dropped.join().expect("the thread ends").expect("the schema can be dropped");
        }
    }
}
