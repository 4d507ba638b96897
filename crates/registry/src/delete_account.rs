//! The end of an account: its keys die, its ownerships go, its name stays taken.

use domain::{AccountId, KeyState};
use serde_json::json;
use store::{Account, AuditEvent, LinkPurpose};

use crate::{AccountNews, Author, Conflict, Missing, Registry, Result, change::Change, keys::MOST_KEYS_READ};

/// Packages that are named; of more it is said that there are others.
const NAMED: i64 = 20;

/// The first names, and a word for the others if there are any.
fn first(mut names: Vec<String>) -> Vec<String> {
    if names.len() > usize::try_from(NAMED).unwrap_or(usize::MAX) {
        names.pop();
        names.push("others".to_owned());
    }
    names
}

/// What the end of an account means, to be told before.
#[derive(Debug)]
pub struct Consequences {
    /// Keys that stop working.
    pub keys: usize,
    /// Packages that others go on with.
    pub shared: Vec<String>,
    /// Packages that nobody else could manage: while there are any, the account cannot be deleted.
    pub alone: Vec<String>,
}

impl Registry {
    /// What it would mean to delete an account.
    pub async fn consequences_of_deletion(&self, id: AccountId) -> Result<Consequences> {
        let now = self.now();
        let mut db = self.store().read().await?;
        let keys = db.keys().working(id, now, MOST_KEYS_READ).await?;
        let keys = keys.iter().filter(|key| key.state(now) == KeyState::Active).count();
        let alone = first(db.ownerships().owned_alone(id, NAMED + 1).await?);
        let shared = first(db.ownerships().owned_with_others(id, NAMED + 1).await?);
        Ok(Consequences { keys, shared, alone })
    }

    /// Deletes an account, all or nothing: no session and no key of it works when this returns. Refused while nobody else could
    /// manage a package of it, and for the only administrator.
    pub async fn delete_account(&self, author: impl Into<Author<'_>>, id: AccountId) -> Result<()> {
        let mut opening = self.opening(author).await?;
        opening.packages_of(id).await?;
        let administrators = opening.administrators().await?;
        let mut change = opening.admit().await?;
        let (account, now) = (change.account(id).await?, change.now());
        if administrators == [id] {
            return Err(Conflict::OnlyAdministrator.into());
        }
        let alone = change.ownerships().owned_alone(id, NAMED + 1).await?;
        if !alone.is_empty() {
            return Err(Conflict::OnlyOwner { packages: first(alone) }.into());
        }
        let keys = self.revoke_all_keys(&mut change, id).await?;
        leave_packages(&mut change, &account).await?;
        change.sessions().end_all(id, None).await?;
        change.sessions().forget_devices(id).await?;
        change.links().clear(id, LinkPurpose::Confirm).await?;
        change.links().clear(id, LinkPurpose::Reset).await?;
        self.announce_account(&mut change, &account, AccountNews::Deleted).await?;
        change.accounts().delete(id, now).await?;
        let details = json!({ "handle": account.handle, "keys_revoked": keys });
        change.record_account(id, "account.deleted", details).await?;
        let epoch = change.authorization().changed(id).await?;
        change.commit().await?;
        self.enforce(id, epoch).await
    }
}

async fn leave_packages(change: &mut Change, account: &Account) -> Result<()> {
    for ownership in change.ownerships().of_account(account.id).await? {
        let package = change.packages().get(ownership.package).await?.ok_or(Missing::Package)?;
        change.keys().lose_ownership(ownership.id, &package.name).await?;
        change.ownerships().remove(ownership.id).await?;
        let event = AuditEvent {
            action: "owner.removed",
            account: Some(account.id),
            package: Some(package.id),
            details: json!({ "owner": account.handle, "account_deleted": true }),
            ..AuditEvent::default()
        };
        change.record(event).await?;
    }
    Ok(())
}
