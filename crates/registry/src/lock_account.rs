//! Stopping an account at once, and undoing it. Nothing of it is deleted.

use domain::AccountId;
use serde_json::json;
use store::LinkPurpose;

use crate::{AccountFacts, AccountNews, Author, Caller, Conflict, Error, Missing, Registry, Result};

/// Accounts on a page of the list.
const PAGE: usize = 100;

/// A page of the list of accounts, for administrators.
#[derive(Debug)]
pub struct AccountsPage {
    /// The accounts, by handle.
    pub accounts: Vec<AccountFacts>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

impl Registry {
    /// The accounts that come after a handle. Only administrators see them.
    pub async fn accounts_after(&self, caller: &Caller, after: &str) -> Result<AccountsPage> {
        if !caller.account().is_admin || caller.key().is_some() {
            return Err(Missing::Page.into());
        }
        let limit = i64::try_from(PAGE + 1).map_err(Error::internal)?;
        let after = after.to_ascii_lowercase();
        let found = self.store().read().await?.accounts().page(&after, limit).await?;
        let more = found.len() > PAGE;
        let accounts: Vec<_> = found.iter().take(PAGE).map(AccountFacts::from).collect();
        let next = accounts.last().filter(|_| more).map(|last| last.handle.clone());
        Ok(AccountsPage { accounts, next })
    }

    /// Locks an account: its sessions end, and neither its password nor a key of it opens anything when this returns. Refused for
    /// the only administrator.
    pub async fn lock_account(&self, author: impl Into<Author<'_>>, id: AccountId) -> Result<()> {
        let mut opening = self.opening(author).await?;
        let administrators = opening.administrators().await?;
        let mut change = opening.admit().await?;
        change.administers()?;
        let (account, now) = (change.any_account(id).await?, change.now());
        if administrators == [id] {
            return Err(Conflict::OnlyAdministrator.into());
        }
        if !change.accounts().set_locked(id, Some(now)).await? {
            return Err(Conflict::AlreadyLocked.into());
        }
        change.sessions().end_all(id, None).await?;
        change.links().clear(id, LinkPurpose::Reset).await?;
        change.record_account(id, "account.locked", json!({ "handle": account.handle })).await?;
        self.announce_account(&mut change, &account, AccountNews::Locked).await?;
        let epoch = change.authorization().changed(id).await?;
        change.commit().await?;
        self.enforce(id, epoch).await
    }

    /// Unlocks an account: its password and its keys are good again.
    pub async fn unlock_account(&self, author: impl Into<Author<'_>>, id: AccountId) -> Result<()> {
        let mut opening = self.opening(author).await?;
        opening.administrators().await?;
        let mut change = opening.admit().await?;
        change.administers()?;
        let account = change.any_account(id).await?;
        if !change.accounts().set_locked(id, None).await? {
            return Err(Conflict::NotLocked.into());
        }
        change.record_account(id, "account.unlocked", json!({ "handle": account.handle })).await?;
        self.announce_account(&mut change, &account, AccountNews::Unlocked).await?;
        let epoch = change.authorization().changed(id).await?;
        change.commit().await?;
        self.enforce(id, epoch).await
    }
}
