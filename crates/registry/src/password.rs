//! Changing a password, and choosing a new one when it is forgotten.

use domain::{AccountId, EmailAddress, EventId};
use serde_json::json;
use store::{Account, AuditEvent, Db, LinkPurpose};

use crate::{AccountNews, Actor, ClientAddress, Event, Missing, Registry, Result, UserProblems, passwords};

impl Registry {
    /// Notes that somebody forgot a password. What follows, follows in the outbox: this takes as long, and says the same, whether
    /// there is such an account or not.
    pub async fn forgot_password(&self, login: &str, from: ClientAddress) -> Result<()> {
        let login: String = login.trim().chars().take(254).collect();
        self.inner.guard.letter(&login, from.limit_key())?;
        let mut db = self.store().begin().await?;
        self.announce(&mut db, Event::PasswordForgotten { login }).await?;
        Ok(db.commit().await?)
    }

    /// The name of the account that a link lets choose a new password.
    pub async fn find_reset(&self, token: &str) -> Result<String> {
        let mut db = self.store().read().await?;
        Ok(self.open_reset(&mut db, token).await?.handle)
    }

    /// Gives the account of a link a new password. All its sessions end; with `revoke_keys` all its keys die too. The address is
    /// confirmed by this: the link reached it.
    pub async fn reset_password(&self, token: &str, password: &str, revoke_keys: bool) -> Result<()> {
        self.find_reset(token).await?;
        let hash = self.hash_new(password).await?;
        let mut db = self.store().begin().await?;
        let account = self.open_reset(&mut db, token).await?;
        db.links().clear(account.id, LinkPurpose::Reset).await?;
        db.sessions().end_all(account.id, None).await?;
        let revoked = if revoke_keys { self.revoke_all_keys(&mut db, Actor::of(&account)).await? } else { 0 };
        if account.email_confirmed_at.is_none() {
            let email = account.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
            self.set_email(&mut db, &account, &email.ok_or(Missing::Link)?).await?;
        }
        let details = json!({ "by_mail": true, "keys_revoked": revoked });
        self.set_password(&mut db, &account, &hash, details).await?;
        let epoch = db.authorization().changed(account.id).await?;
        db.commit().await?;
        self.enforce(account.id, epoch).await
    }

    async fn open_reset(&self, db: &mut Db, token: &str) -> Result<Account> {
        let link = self.open_link(db, LinkPurpose::Reset, token).await?;
        let account = db.accounts().get_locked(link.account.ok_or(Missing::Link)?).await?;
        // A link that went to an address which the account gave up since is no proof any more.
        let good = |account: &Account| {
            account.locked_at.is_none()
                && account.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&link.email))
        };
        Ok(account.filter(good).ok_or(Missing::Link)?)
    }

    /// Gives an account another password. All its other sessions end.
    pub async fn change_password(&self, id: AccountId, session: EventId, password: &str) -> Result<()> {
        let hash = self.hash_new(password).await?;
        let mut db = self.store().begin().await?;
        let account = db.accounts().get_locked(id).await?.ok_or(Missing::Account)?;
        db.links().clear(id, LinkPurpose::Reset).await?;
        db.sessions().end_all(id, Some(session)).await?;
        self.set_password(&mut db, &account, &hash, json!({})).await?;
        Ok(db.commit().await?)
    }

    async fn hash_new(&self, password: &str) -> Result<String> {
        match passwords::problem(password) {
            Some(problem) => Err(UserProblems::of_password(problem).into()),
            None => self.inner.passwords.hash(password).await,
        }
    }

    async fn set_password(
        &self,
        db: &mut Db,
        account: &Account,
        hash: &str,
        details: serde_json::Value,
    ) -> Result<()> {
        db.accounts().set_password(account.id, hash).await?;
        let event = AuditEvent {
            action: "account.password_changed",
            actor: Some(account.id),
            account: Some(account.id),
            details,
            ..AuditEvent::default()
        };
        db.audit().add(&event, self.now()).await?;
        self.announce_account(db, account, AccountNews::PasswordChanged).await
    }
}
