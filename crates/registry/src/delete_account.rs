//! The end of an account: its keys die, its ownerships go, its name stays taken.

use domain::{AccountId, KeyState};
use serde_json::json;
use store::{Account, AuditEvent, Db, LinkPurpose};

use crate::{AccountNews, Actor, Conflict, Missing, Registry, Result};

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
        let keys = db.keys().list(id).await?.iter().filter(|key| key.state(now) == KeyState::Active).count();
        let alone = db.ownerships().owned_alone(id).await?;
        let shared = db.ownerships().packages_of(id).await?.into_iter().filter(|name| !alone.contains(name));
        Ok(Consequences { keys, shared: shared.collect(), alone })
    }

    /// Deletes an account, all or nothing: no session and no key of it works when this returns. Refused while nobody else could
    /// manage a package of it, and for the only administrator.
    pub async fn delete_account(&self, actor: Actor, id: AccountId) -> Result<()> {
        let now = self.now();
        let mut db = self.store().begin().await?;
        // Before the account itself, so that two administrators who go at once do not wait for each other.
        let administrators = db.accounts().lock_administrators().await?;
        let account = db.accounts().get_locked(id).await?.filter(|account| account.deleted_at.is_none());
        let account = account.ok_or(Missing::Account)?;
        if administrators == [id] {
            return Err(Conflict::OnlyAdministrator.into());
        }
        db.ownerships().lock_packages_of(id).await?;
        let alone = db.ownerships().owned_alone(id).await?;
        if !alone.is_empty() {
            return Err(Conflict::OnlyOwner { packages: alone }.into());
        }
        let keys = self.revoke_all_keys(&mut db, Actor::of(&account)).await?;
        self.leave_packages(&mut db, &account).await?;
        db.sessions().end_all(id, None).await?;
        db.sessions().forget_devices(id).await?;
        db.links().clear(id, LinkPurpose::Confirm).await?;
        db.links().clear(id, LinkPurpose::Reset).await?;
        self.announce_account(&mut db, &account, AccountNews::Deleted).await?;
        db.accounts().delete(id, now).await?;
        let event = AuditEvent {
            action: "account.deleted",
            actor: actor.account,
            account: Some(id),
            details: json!({ "handle": account.handle, "keys_revoked": keys }),
            ..AuditEvent::default()
        };
        db.audit().add(&event, now).await?;
        let epoch = db.authorization().changed(id).await?;
        db.commit().await?;
        self.enforce(id, epoch).await
    }

    async fn leave_packages(&self, db: &mut Db, account: &Account) -> Result<()> {
        for ownership in db.ownerships().of_account(account.id).await? {
            let package = db.packages().get(ownership.package).await?.ok_or(Missing::Package)?;
            db.keys().lose_ownership(ownership.id, &package.name).await?;
            db.ownerships().remove(ownership.id).await?;
            let event = AuditEvent {
                action: "owner.removed",
                actor: Some(account.id),
                account: Some(account.id),
                package: Some(package.id),
                details: json!({ "owner": account.handle, "account_deleted": true }),
                ..AuditEvent::default()
            };
            db.audit().add(&event, self.now()).await?;
        }
        Ok(())
    }
}
