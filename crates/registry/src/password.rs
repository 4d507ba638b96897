//! Changing a password, and choosing a new one when it is forgotten.

use domain::EmailAddress;
use serde_json::json;
use store::{Account, Db, LinkPurpose};

use crate::{
    AccountFacts, AccountNews, Caller, ClientAddress, Error, Event, Missing, Registry, Result, UserProblems,
    authenticate::LONGEST_LOGIN, caller::Proof, change::Change,
};

impl Registry {
    /// Notes that somebody forgot a password. What follows, follows in the outbox: this takes as long, and says the same, whether
    /// there is such an account or not.
    pub async fn forgot_password(&self, login: &str, from: ClientAddress) -> Result<()> {
        if login.len() > LONGEST_LOGIN {
            return Ok(());
        }
        let login = login.trim().to_owned();
        self.inner.limits.email(&login, from.limit_key(), self.now())?;
        let mut db = self.bookkeeping().await?;
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
        let account = self.open_reset(&mut self.store().read().await?, token).await?;
        let hash = self.hash_new(password, &account.handle, account.email.as_deref()).await?;
        let mut change = self.begin_unproved().await?;
        let account = self.open_reset(&mut change, token).await?;
        change.proved_by(account.id);
        change.forget_links(&account).await?;
        change.sessions().end_all(account.id, None).await?;
        let revoked = if revoke_keys { self.revoke_all_keys(&mut change, account.id).await? } else { 0 };
        if account.email_confirmed_at.is_none() {
            let email = account.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
            self.set_email(&mut change, &account, &email.ok_or(Missing::Link)?).await?;
        }
        let details = json!({ "by_mail": true, "keys_revoked": revoked });
        self.set_password(&mut change, &account, &hash, details).await?;
        let epoch = change.authorization().changed(account.id).await?;
        change.commit().await?;
        self.enforce(account.id, epoch).await
    }

    async fn open_reset(&self, db: &mut Db, token: &str) -> Result<Account> {
        let link = self.open_link(db, LinkPurpose::Reset, token).await?;
        let account = db.accounts().get_locked(link.account.ok_or(Missing::Link)?).await?;
        // Once more where nobody can get in between: another request may have used the link up while this one waited.
        self.open_link(db, LinkPurpose::Reset, token).await?;
        // A link that went to an address which the account gave up since is no proof any more.
        let good = |account: &Account| {
            account.locked_at.is_none()
                && account.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&link.email))
        };
        Ok(account.filter(good).ok_or(Missing::Link)?)
    }

    /// Gives the account of a session another password. All its other sessions end.
    pub async fn change_password(&self, caller: &Caller, password: &str) -> Result<()> {
        let Proof::Session(_, session) = caller.proof else { return Err(Error::SessionEnded) };
        let AccountFacts { handle, email, .. } = caller.account();
        let hash = self.hash_new(password, handle, email.as_deref()).await?;
        let mut change = self.begin(caller).await?;
        let account = change.account(caller.account().id).await?;
        change.forget_links(&account).await?;
        change.sessions().end_all(account.id, Some(session)).await?;
        self.set_password(&mut change, &account, &hash, json!({})).await?;
        change.commit().await
    }

    async fn hash_new(&self, password: &str, handle: &str, email: Option<&str>) -> Result<String> {
        match self.inner.passwords.problem(password, &[handle, email.unwrap_or_default()]).await? {
            Some(problem) => Err(UserProblems::of_password(problem).into()),
            None => self.inner.passwords.hash(password).await,
        }
    }

    async fn set_password(
        &self,
        change: &mut Change,
        account: &Account,
        hash: &str,
        details: serde_json::Value,
    ) -> Result<()> {
        change.accounts().set_password(account.id, hash).await?;
        change.record_account(account.id, "account.password_changed", details).await?;
        self.announce_account(change, account, AccountNews::PasswordChanged).await
    }
}

impl Change {
    /// Links that somebody with the password before may have asked for open nothing any more: resets, and confirmations of an
    /// address that the account does not have.
    async fn forget_links(&mut self, account: &Account) -> Result<()> {
        self.links().clear(account.id, LinkPurpose::Reset).await?;
        let pending = self.links().newest(account.id, LinkPurpose::Confirm).await?;
        let own = |email: &str| account.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email));
        if pending.is_some_and(|link| !own(&link.email)) {
            self.links().clear(account.id, LinkPurpose::Confirm).await?;
        }
        Ok(())
    }
}
