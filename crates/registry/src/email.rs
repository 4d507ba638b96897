//! Whose a mail address is: confirming it, and changing it.

use domain::{AccountId, EmailAddress, Reason};
use serde_json::json;
use store::{Account, AuditEvent, Db, Link, LinkPurpose};

use crate::{
    AccountNews, Caller, ClientAddress, Conflict, Error, Event, Missing, Registry, Result, SignedIn,
    UserProblems, change::Change,
};

/// Who shows that a mail address belongs to an account, besides having the link.
#[derive(Clone, Copy)]
pub enum Confirmer<'a> {
    /// Somebody who is signed in.
    SignedIn(&'a SignedIn),
    /// Somebody who gives the password of the account.
    Password(&'a str, ClientAddress),
}

impl std::fmt::Debug for Confirmer<'_> {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Confirmer")
    }
}

impl Registry {
    /// The account and the address that a link of a mail confirms.
    pub async fn find_confirmation(&self, token: &str) -> Result<(AccountId, String, String)> {
        let mut db = self.store().read().await?;
        let (link, account) = self.open_confirmation(&mut db, token).await?;
        Ok((account.id, account.handle, link.email))
    }

    /// Confirms the address of an account. The link alone is not enough: whoever reads the mail of an address must not complete
    /// an account that somebody else made with it.
    pub async fn confirm_email(&self, token: &str, confirmer: Confirmer<'_>) -> Result<String> {
        let (id, handle, _) = self.find_confirmation(token).await?;
        let caller = match confirmer {
            Confirmer::SignedIn(signed_in) => signed_in.caller.clone(),
            Confirmer::Password(password, from) => self.sign_in(&handle, password, from).await?,
        };
        if caller.account().id != id {
            return Err(Error::Denied(Reason::NotOwner));
        }
        let mut change = self.begin(&caller).await?;
        let (link, account) = self.open_confirmation(&mut change, token).await?;
        let email = EmailAddress::parse(&link.email).map_err(|_| Missing::Link)?;
        if account.id != id || !change.links().take(link.id).await? {
            return Err(Missing::Link.into());
        }
        self.set_email(&mut change, &account, &email).await?;
        // Only the rights of an account can grow here: nothing that is in memory is too generous.
        let epoch = change.authorization().changed(id).await?;
        change.commit().await?;
        self.enforce(id, epoch).await?;
        Ok(account.handle)
    }

    async fn open_confirmation(&self, db: &mut Db, token: &str) -> Result<(Link, Account)> {
        let link = self.open_link(db, LinkPurpose::Confirm, token).await?;
        let account = db.accounts().get_locked(link.account.ok_or(Missing::Link)?).await?;
        let account = account.filter(|account| account.deleted_at.is_none()).ok_or(Missing::Link)?;
        Ok((link, account))
    }

    /// Gives the account a confirmed address, records it, and tells the address before it.
    pub(crate) async fn set_email(
        &self,
        change: &mut Change,
        account: &Account,
        email: &EmailAddress,
    ) -> Result<()> {
        let now = change.now();
        change.accounts().set_email(account.id, email, now).await.map_err(|error| match error {
            store::Error::Taken => Error::Conflict(Conflict::AccountExists),
            other => other.into(),
        })?;
        let old = account.email.as_deref().filter(|old| !old.eq_ignore_ascii_case(email.as_str()));
        let action = if old.is_some() { "account.email_changed" } else { "account.email_confirmed" };
        change.record_account(account.id, action, json!({ "email": email.as_str() })).await?;
        if old.is_some() && account.email_confirmed_at.is_some() {
            let to = email.as_str().to_owned();
            self.announce_account(change, account, AccountNews::EmailChanged { to }).await?;
        }
        Ok(())
    }

    /// Tells the owner of an account what happened to it.
    pub(crate) async fn announce_account(
        &self,
        db: &mut Db,
        account: &Account,
        news: AccountNews,
    ) -> Result<()> {
        let Some(email) = account.email.clone() else { return Ok(()) };
        let event = Event::AccountNews { handle: account.handle.clone(), email, at: self.now(), news };
        self.announce(db, event).await
    }

    /// Sends the link that confirms the address of the account, or the new one that it asked for, once more.
    pub async fn resend_confirmation(&self, caller: &Caller, from: ClientAddress) -> Result<()> {
        let mut change = self.begin(caller).await?;
        let account = change.account(caller.account().id).await?;
        let asked = change.links().newest(account.id, LinkPurpose::Confirm).await?.map(|link| link.email);
        let unconfirmed = account.email.filter(|_| account.email_confirmed_at.is_none());
        let Some(email) = asked.or(unconfirmed) else { return Ok(()) };
        let email = EmailAddress::parse(&email).map_err(UserProblems::of_email)?;
        self.inner.limits.email(email.key(), from.limit_key(), self.now())?;
        self.want_confirmation(&mut change, account.id, &email).await?;
        change
            .record_account(account.id, "account.confirmation_requested", json!({ "email": email.as_str() }))
            .await?;
        change.commit().await
    }

    /// The new address that an account asked for and did not confirm yet.
    pub async fn pending_email(&self, id: AccountId) -> Result<Option<String>> {
        let mut db = self.store().read().await?;
        let Some(link) = db.links().newest(id, LinkPurpose::Confirm).await? else { return Ok(None) };
        Ok(self.is_open(&link).then_some(link.email))
    }

    /// Asks to change the address of an account. The present one stays until the new one is confirmed. Whether the new one has
    /// an account already is told to it alone.
    pub async fn change_email(&self, caller: &Caller, email: &str, from: ClientAddress) -> Result<()> {
        let email = EmailAddress::parse(email).map_err(UserProblems::of_email)?;
        self.inner.limits.email(email.key(), from.limit_key(), self.now())?;
        let mut change = self.begin(caller).await?;
        let account = change.account(caller.account().id).await?;
        self.want_confirmation(&mut change, account.id, &email).await?;
        change
            .record_account(account.id, "account.confirmation_requested", json!({ "email": email.as_str() }))
            .await?;
        change.commit().await
    }
}

impl Change {
    /// Writes the audit event of a change of an account.
    pub(crate) async fn record_account(
        &mut self,
        account: AccountId,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let account = Some(account);
        self.record(AuditEvent { action, account, details, ..AuditEvent::default() }).await
    }
}
