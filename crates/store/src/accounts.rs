use domain::{AccountId, EmailAddress, Handle, SecondFactor, Timestamp};

use crate::{
    Db, Result,
    sql::{Row, sql},
};

/// What an account stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person or a machine with a password.
    User,
    /// A group of users that owns packages.
    Organization,
}

impl AccountKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Organization => "organization",
        }
    }
}

impl std::str::FromStr for AccountKind {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::User, Self::Organization].into_iter().find(|kind| kind.as_str() == word).ok_or(())
    }
}

/// A record of an account.
#[derive(Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// A small number for the clients that expect one.
    pub number: i64,
    /// What it stands for.
    pub kind: AccountKind,
    /// The name that people type and see.
    pub handle: String,
    /// The email address; accounts that have not confirmed one yet have none.
    pub email: Option<String>,
    /// When the address was confirmed.
    pub email_confirmed_at: Option<Timestamp>,
    /// PHC string of the password.
    pub password_hash: Option<String>,
    /// Grows with each new password.
    pub password_epoch: i64,
    /// Whether it may administer the server.
    pub is_admin: bool,
    /// What it asks for besides the password.
    pub second_factor: SecondFactor,
    /// When it was locked by an administrator.
    pub locked_at: Option<Timestamp>,
    /// When it was deleted. Its name stays taken.
    pub deleted_at: Option<Timestamp>,
    /// Whether it hears of versions of its packages.
    pub package_mails: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Account {
    /// Without the password hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// What is needed to make a user account.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// Its id.
    pub id: AccountId,
    /// Name.
    pub handle: &'a Handle,
    /// Email address, known to be the account's; none until it is confirmed.
    pub email: Option<&'a EmailAddress>,
    /// PHC string.
    pub password_hash: &'a str,
    /// Administrator?
    pub is_admin: bool,
    /// Now.
    pub created_at: Timestamp,
}

/// The accounts.
#[derive(Debug)]
pub struct Accounts<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, kind, handle, email, email_confirmed_at, password_hash, password_epoch, is_admin, \
             second_factor, locked_at, deleted_at, package_mails, created_at FROM accounts ",
            $rest
        )
    };
}

impl Accounts<'_> {
    /// Adds a user account. [`crate::Error::Taken`] when the handle or the address is another account's.
    pub async fn add(&mut self, account: &NewAccount<'_>) -> Result<()> {
        // One after the other, so that each gets a number of its own. SQLite's write transaction sees to that.
        sql!(sqlite: "SELECT 1", postgres: "SELECT pg_advisory_xact_lock(7562839463)")
            .execute(self.db.on())
            .await?;
        sql!(
            "INSERT INTO accounts (id, number, kind, handle, handle_key, email, email_key, email_confirmed_at, \
             password_hash, is_admin, second_factor, created_at) \
             VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM accounts), 'user', $2, $3, $4, $5, $6, $7, $8, \
             'disabled', $9)"
        )
        .bind(account.id)
        .bind(account.handle.as_str())
        .bind(account.handle.key())
        .bind(account.email.map(EmailAddress::as_str))
        .bind(account.email.map(EmailAddress::key))
        .bind(account.email.map(|_| account.created_at))
        .bind(account.password_hash)
        .bind(account.is_admin)
        .bind(account.created_at)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The account with this id.
    pub async fn get(&mut self, id: AccountId) -> Result<Option<Account>> {
        self.first(sql!(select!("WHERE id = $1")).bind(id)).await
    }

    /// The same, and no other transaction changes the account before this one ends.
    pub async fn get_locked(&mut self, id: AccountId) -> Result<Option<Account>> {
        let query =
            sql!(sqlite: select!("WHERE id = $1"), postgres: select!("WHERE id = $1 FOR NO KEY UPDATE"));
        self.first(query.bind(id)).await
    }

    /// The same, and no other transaction changes the account before this one ends; others may hold it like this too.
    pub async fn get_shared(&mut self, id: AccountId) -> Result<Option<Account>> {
        let query = sql!(sqlite: select!("WHERE id = $1"), postgres: select!("WHERE id = $1 FOR SHARE"));
        self.first(query.bind(id)).await
    }

    /// The account with this handle or mail address, ignoring letter case. Deleted ones are not found.
    pub async fn find_by_login(&mut self, login: &str) -> Result<Option<Account>> {
        let key = login.trim().to_ascii_lowercase();
        let query = if key.contains('@') {
            sql!(select!("WHERE email_key = $1 AND deleted_at IS NULL"))
        } else {
            sql!(select!("WHERE handle_key = $1 AND deleted_at IS NULL"))
        };
        self.first(query.bind(key)).await
    }

    /// The account with this small number.
    pub async fn find_by_number(&mut self, number: i64) -> Result<Option<Account>> {
        self.first(sql!(select!("WHERE number = $1 AND deleted_at IS NULL")).bind(number)).await
    }

    /// Accounts that are not deleted, by handle, at most `limit` of those that come after the folded handle `after`.
    pub async fn page(&mut self, after: &str, limit: i64) -> Result<Vec<Account>> {
        sql!(select!("WHERE deleted_at IS NULL AND handle_key > $1 ORDER BY handle_key LIMIT $2"))
            .bind(after)
            .bind(limit)
            .all(self.db.on())
            .await?
            .iter()
            .map(account)
            .collect()
    }

    /// Gives an account this mail address, confirmed now. [`crate::Error::Taken`] when it is another account's.
    pub async fn set_email(&mut self, id: AccountId, email: &EmailAddress, now: Timestamp) -> Result<()> {
        sql!("UPDATE accounts SET email = $2, email_key = $3, email_confirmed_at = $4 WHERE id = $1")
            .bind(id)
            .bind(email.as_str())
            .bind(email.key())
            .bind(now)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Gives an account another password.
    pub async fn set_password(&mut self, id: AccountId, password_hash: &str) -> Result<()> {
        sql!("UPDATE accounts SET password_hash = $2, password_epoch = password_epoch + 1 WHERE id = $1")
            .bind(id)
            .bind(password_hash)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Locks an account, or unlocks it with `None`. Returns whether that is new.
    pub async fn set_locked(&mut self, id: AccountId, at: Option<Timestamp>) -> Result<bool> {
        let rows = sql!(
            "UPDATE accounts SET locked_at = $2 \
             WHERE id = $1 AND (locked_at IS NULL) <> (CAST($2 AS BIGINT) IS NULL)"
        )
        .bind(id)
        .bind(at)
        .execute(self.db.on())
        .await?;
        Ok(rows > 0)
    }

    /// Deletes an account: what is personal goes, the name stays taken.
    pub async fn delete(&mut self, id: AccountId, now: Timestamp) -> Result<()> {
        sql!(
            "UPDATE accounts SET deleted_at = $2, email = NULL, email_key = NULL, email_confirmed_at = NULL, \
             password_hash = NULL, is_admin = FALSE WHERE id = $1"
        )
        .bind(id)
        .bind(now)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// Whether an account has this handle, or had it before it was deleted.
    pub async fn is_taken(&mut self, handle: &Handle) -> Result<bool> {
        let found = sql!("SELECT id FROM accounts WHERE handle_key = $1").bind(handle.key());
        Ok(found.optional(self.db.on()).await?.is_some())
    }

    /// The administrators. They stay so until this transaction ends.
    pub async fn lock_administrators(&mut self) -> Result<Vec<AccountId>> {
        macro_rules! administrators {
            ($lock:literal) => {
                concat!("SELECT id FROM accounts WHERE is_admin AND locked_at IS NULL ORDER BY id", $lock)
            };
        }
        let query = sql!(sqlite: administrators!(""), postgres: administrators!(" FOR UPDATE"));
        query.all(self.db.on()).await?.iter().map(|row| row.id("id")).collect()
    }

    /// Says whether the account hears of versions of its packages. Returns whether that is new.
    pub async fn set_package_mails(&mut self, id: AccountId, wanted: bool) -> Result<bool> {
        let rows = sql!("UPDATE accounts SET package_mails = $2 WHERE id = $1 AND package_mails <> $2")
            .bind(id)
            .bind(wanted)
            .execute(self.db.on())
            .await?;
        Ok(rows > 0)
    }

    /// Whether there is any account at all.
    pub async fn any(&mut self) -> Result<bool> {
        Ok(sql!("SELECT id FROM accounts LIMIT 1").optional(self.db.on()).await?.is_some())
    }

    async fn first(&mut self, statement: crate::sql::Statement) -> Result<Option<Account>> {
        statement.optional(self.db.on()).await?.as_ref().map(account).transpose()
    }
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.id("id")?,
        number: row.get("number")?,
        kind: row.word("kind")?,
        handle: row.get("handle")?,
        email: row.get("email")?,
        email_confirmed_at: row.optional_time("email_confirmed_at")?,
        password_hash: row.get("password_hash")?,
        password_epoch: row.get("password_epoch")?,
        is_admin: row.get("is_admin")?,
        second_factor: row.word("second_factor")?,
        locked_at: row.optional_time("locked_at")?,
        deleted_at: row.optional_time("deleted_at")?,
        package_mails: row.get("package_mails")?,
        created_at: row.time("created_at")?,
    })
}
