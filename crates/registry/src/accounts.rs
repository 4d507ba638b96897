use domain::{AccountId, EmailAddress, Handle};
use serde_json::json;
use store::{Account, NewAccount};

use crate::{Author, Conflict, Error, Missing, Registry, Result, UserProblems, change::Change};

/// What is needed to make a user account.
pub struct NewUser<'a> {
    /// The name that people type and see.
    pub handle: &'a str,
    /// The mail address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// May it administer the server?
    pub is_admin: bool,
}

impl std::fmt::Debug for NewUser<'_> {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// A user whose words were checked and whose password is hashed.
pub(crate) struct CheckedUser {
    pub(crate) handle: Handle,
    pub(crate) email: EmailAddress,
    password_hash: String,
    is_admin: bool,
    /// Whether the address is known to be the user's. The account has none until it is.
    pub(crate) confirmed: bool,
}

impl Registry {
    /// Makes a user account with a confirmed mail address.
    pub async fn add_user(&self, author: impl Into<Author<'_>>, user: &NewUser<'_>) -> Result<AccountId> {
        let user = self.check_user(user).await?;
        let mut change = self.begin(author).await?;
        change.administers()?;
        let id = self.record_user(&mut change, &user).await?;
        change.commit().await?;
        Ok(id)
    }

    /// Checks the words of a new user, all at once, and hashes the password.
    pub(crate) async fn check_user(&self, user: &NewUser<'_>) -> Result<CheckedUser> {
        let handle = Handle::parse(user.handle);
        let email = EmailAddress::parse(user.email);
        let password = self.inner.passwords.problem(user.password, &[user.handle, user.email]).await?;
        match (handle, email, password) {
            (Ok(handle), Ok(email), None) => Ok(CheckedUser {
                handle,
                email,
                password_hash: self.inner.passwords.hash(user.password).await?,
                is_admin: user.is_admin,
                confirmed: true,
            }),
            (handle, email, password) => {
                let (handle, email) =
                    (handle.err().map(|e| e.to_string()), email.err().map(|e| e.to_string()));
                Err(UserProblems { handle, email, password }.into())
            }
        }
    }

    /// Records a checked user.
    pub(crate) async fn record_user(&self, change: &mut Change, user: &CheckedUser) -> Result<AccountId> {
        let now = change.now();
        let id = AccountId::new(now);
        let account = NewAccount {
            id,
            handle: &user.handle,
            email: user.confirmed.then_some(&user.email),
            password_hash: &user.password_hash,
            is_admin: user.is_admin,
            created_at: now,
        };
        change.accounts().add(&account).await.map_err(|error| match error {
            store::Error::Taken => Error::Conflict(Conflict::AccountExists),
            other => other.into(),
        })?;
        let details = json!({ "handle": user.handle.as_str(), "admin": user.is_admin });
        change.record_account(id, "account.created", details).await?;
        Ok(id)
    }

    /// The accounts by handle, those after the handle `after`, `size` of them, and whether there are more.
    pub async fn account_page(&self, after: &str, size: usize) -> Result<(Vec<Account>, bool)> {
        let (after, limit) = (after.to_ascii_lowercase(), i64::try_from(size + 1).unwrap_or(i64::MAX));
        let mut accounts = self.store().read().await?.accounts().page(&after, limit).await?;
        let more = accounts.len() > size;
        accounts.truncate(size);
        Ok((accounts, more))
    }

    /// The account with this handle or mail address.
    pub async fn find_account(&self, login: &str) -> Result<Account> {
        Ok(self.store().read().await?.accounts().find_by_login(login).await?.ok_or(Missing::Account)?)
    }

    /// The account with this small number.
    pub async fn find_account_by_number(&self, number: i64) -> Result<Account> {
        Ok(self.store().read().await?.accounts().find_by_number(number).await?.ok_or(Missing::Account)?)
    }
}
