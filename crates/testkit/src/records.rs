//! What no use case does yet, or at all: written into the records directly, and read from them.

use domain::{Clock as _, KeyId};

use crate::{Person, TestApp};

impl TestApp {
    /// Runs a statement on the database.
    pub async fn db_execute(&self, statement: &str) {
        store::testing::execute(&self.settings.database, statement).await.expect("the statement runs");
    }

    /// The texts in the first column of a query.
    pub async fn db_texts(&self, query: &str) -> Vec<String> {
        store::testing::texts(&self.settings.database, query).await.expect("the query runs")
    }

    /// What the audit log has, oldest first: `thing.verb` of each event.
    pub async fn db_events(&self) -> Vec<String> {
        self.db_texts("SELECT action FROM audit_events ORDER BY id").await
    }

    /// Waits until no work of the outbox is due or under way: what is left waits for its next try. To be called before the clock is
    /// moved far while some work fails: work in progress would seem abandoned, and be done twice.
    pub async fn db_until_work_rests(&self) {
        let now = self.clock.now().as_microsecond();
        let claimed = now + 300_000_000;
        let busy = format!("SELECT event FROM outbox WHERE due_at <= {now} OR due_at = {claimed}");
        while !self.db_texts(&busy).await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// The names of blobs that belong to no release.
    pub async fn db_pending_blobs(&self) -> Vec<String> {
        self.db_texts("SELECT blob FROM pending_blobs").await
    }

    /// Adds gems without releases, whose names begin with `prefix` and end with a number.
    pub async fn db_many_packages(&self, prefix: &str, count: u32) {
        let id = if self.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
        self.db_execute(&format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
             INSERT INTO packages (id, ecosystem, name, name_key, similar_key, created_at, revision, changed_at) \
             SELECT {id}, 'rubygems', '{prefix}' || n, '{prefix}' || n, '{prefix}' || n, 0, 0, 0 FROM numbers"
        ))
        .await;
    }

    /// Adds copies of a key that cover all packages of its owner. Nobody has their values.
    pub async fn db_many_keys(&self, key: KeyId, count: u32) {
        let (id, digest) = (self.random_id(), self.random_digest());
        self.db_execute(&format!(
            "INSERT INTO keys (id, account_id, ecosystem, kind, name, digest, scopes, expires_at, otp_required, created_at, \
             revoked_at) \
             SELECT {id}, account_id, ecosystem, kind, name, {digest}, scopes, expires_at, otp_required, created_at, revoked_at \
             FROM keys, ({}) numbers WHERE keys.id = {}",
            numbers(count),
            self.literal(&key.as_uuid().simple().to_string()),
        ))
        .await;
        self.db_execute(
            "INSERT INTO grants (key_id, position, selector) SELECT id, 0, 'any' FROM keys \
             WHERE id NOT IN (SELECT key_id FROM grants)",
        )
        .await;
    }

    /// Adds owners of a package, or accounts that are invited to own it: all of them are new, and cannot sign in.
    pub async fn db_many_owners(&self, package: &str, prefix: &str, count: u32, confirmed: bool) {
        let (id, confirmed) = (self.random_id(), if confirmed { "0" } else { "NULL" });
        self.db_execute(&format!(
            "INSERT INTO accounts (id, number, kind, handle, handle_key, is_admin, second_factor, created_at) \
             SELECT {id}, (SELECT MAX(number) FROM accounts) + n, 'user', '{prefix}' || n, '{prefix}' || n, FALSE, 'disabled', 0 \
             FROM ({}) numbers",
            numbers(count),
        ))
        .await;
        self.db_execute(&format!(
            "INSERT INTO ownerships (id, package_id, account_id, role, invited_at, confirmed_at) \
             SELECT {id}, packages.id, accounts.id, 'owner', 0, {confirmed} FROM packages, accounts \
             WHERE packages.name = '{package}' AND accounts.handle LIKE '{prefix}%'"
        ))
        .await;
    }

    /// Gives a package that has one release `count` more, each a moment older than the one before, with the same facts and no files:
    /// `0.1`, `0.2` and so on.
    pub async fn db_many_releases(&self, name: &str, count: u32) {
        let id = if self.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
        self.db_execute(&format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
             INSERT INTO releases (id, package_id, number, canonical, platform, resolved_platform, prerelease, \
             downloads, published_by, published_with, published_at) \
             SELECT {id}, r.package_id, '0.' || n, '0.' || n, r.platform, r.resolved_platform, r.prerelease, \
             0, r.published_by, r.published_with, r.published_at - n \
             FROM releases r JOIN packages p ON p.id = r.package_id CROSS JOIN numbers WHERE p.name = '{name}'; \
             INSERT INTO release_facts (release_id, index_text, facts) \
             SELECT x.id, f.index_text, f.facts FROM releases x JOIN releases r ON r.package_id = x.package_id \
             JOIN release_facts f ON f.release_id = r.id WHERE x.id NOT IN (SELECT release_id FROM release_facts); \
             UPDATE packages SET revision = revision + 1 WHERE name = '{name}'"
        ))
        .await;
    }

    fn random_id(&self) -> &'static str {
        if self.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" }
    }

    fn random_digest(&self) -> &'static str {
        if self.is_postgres() { "sha256(uuid_send(gen_random_uuid()))" } else { "randomblob(32)" }
    }

    /// An id, given as its hexadecimal digits, within a statement.
    fn literal(&self, digits: &str) -> String {
        if self.is_postgres() { format!("CAST('{digits}' AS UUID)") } else { format!("x'{digits}'") }
    }

    /// The files below a folder of the data folder, as paths within it.
    pub fn files_in(&self, folder: &str) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.data().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
                let path = entry.expect("the folder can be read").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(self.data()).expect("it lies within").display().to_string());
                }
            }
        }
        files.sort();
        files
    }
}

/// A query that gives the numbers from 1.
fn numbers(count: u32) -> String {
    format!(
        "WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count}) SELECT n FROM counted"
    )
}

impl Person<'_> {
    /// Begins sessions of the account, each used a microsecond after the one before. Nobody has their tokens.
    pub async fn db_many_sessions(&self, count: u32) {
        let (id, digest) = (self.app.random_id(), self.app.random_digest());
        let begun = self.app.clock.now().as_microsecond() - 1_000_000;
        self.app
            .db_execute(&format!(
                "INSERT INTO sessions (id, account_id, digest, user_agent, address, created_at, seen_at, proved_at) \
                 SELECT {id}, accounts.id, {digest}, 'browser ' || n, '127.0.0.1', {begun} + n, {begun} + n, {begun} + n \
                 FROM accounts, ({}) numbers WHERE handle = '{}'",
                numbers(count),
                self.name
            ))
            .await;
    }

    /// Writes events into the audit log, half of them about the account and half of them its doing, all of them about a package.
    pub async fn db_many_events(&self, package: &str, count: u32) {
        let id = self.app.random_id();
        self.app
            .db_execute(&format!(
                "INSERT INTO audit_events (id, at, action, actor_id, account_id, package_id, details) \
                 SELECT {id}, n, 'test.event_' || n, CASE WHEN n % 2 = 0 THEN accounts.id END, \
                 CASE WHEN n % 2 = 1 THEN accounts.id END, packages.id, '{{}}' \
                 FROM accounts, packages, ({}) numbers WHERE handle = '{}' AND packages.name = '{package}'",
                numbers(count),
                self.name
            ))
            .await;
    }

    /// Takes the confirmation of the mail address away. Keys that are in memory stay as they are: use a new one.
    pub async fn db_unconfirm(&self) {
        self.db_set("email_confirmed_at = NULL").await;
    }

    /// Locks the account. Keys that are in memory stay as they are: use a new one.
    pub async fn db_lock(&self) {
        self.db_set("locked_at = created_at").await;
    }

    async fn db_set(&self, change: &str) {
        let statement = format!("UPDATE accounts SET {change} WHERE handle = '{}'", self.name);
        self.app.db_execute(&statement).await;
    }
}
