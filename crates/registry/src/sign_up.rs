//! Accounts that people make themselves.

use domain::{AccountId, EmailAddress, Reason};
use serde_json::json;
use store::{AuditEvent, Db, LinkPurpose};

use crate::{
    Actor, Caller, ClientAddress, Conflict, Error, Event, Missing, NewUser, Registry, Result, UserProblems,
    accounts::CheckedUser,
};

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody.
    Open,
    /// Whoever was invited by an administrator.
    Invitation,
    /// Nobody: the operator makes accounts at the command line.
    Closed,
}

impl Registry {
    /// Who may make an account here.
    pub fn sign_up_policy(&self) -> SignUp {
        self.policy().sign_up
    }

    /// Makes an account that waits for its mail address to be confirmed. Whether the address has an account already is told to
    /// the address alone, never to whoever asks.
    pub async fn sign_up(&self, user: &NewUser<'_>, from: ClientAddress) -> Result<()> {
        if self.policy().sign_up != SignUp::Open {
            return Err(Conflict::SignUpClosed.into());
        }
        // Before the password is hashed: that is what visitors could keep us busy with.
        self.inner.guard.attempt(from.limit_key())?;
        let mut checked = self.check_user(&NewUser { is_admin: false, ..*user }).await?;
        checked.confirmed = false;
        self.inner.guard.letter(checked.email.key(), from.limit_key())?;
        let mut db = self.store().begin().await?;
        if let Some(holder) = db.accounts().find_by_login(checked.email.as_str()).await? {
            // A name that is taken is told in both cases, or the answer would tell which one it is.
            if db.accounts().is_taken(&checked.handle).await? {
                return Err(UserProblems::taken().into());
            }
            self.announce(&mut db, Event::AddressInUse { account: holder.id }).await?;
            return Ok(db.commit().await?);
        }
        let account = self.record_new_user(&mut db, Actor::OPERATOR, &checked).await?;
        self.want_confirmation(&mut db, account, &checked.email).await?;
        Ok(db.commit().await?)
    }

    /// Invites whoever has this mail address to make an account. The caller administers the server.
    pub async fn invite_user(&self, caller: &Caller, email: &str) -> Result<()> {
        if !caller.account().is_admin {
            return Err(Error::Denied(Reason::ActionNotGranted));
        }
        self.send_invitation(caller.actor(), email).await
    }

    /// The same for the operator at the command line.
    pub async fn send_invitation(&self, actor: Actor, email: &str) -> Result<()> {
        if self.policy().sign_up == SignUp::Closed {
            return Err(Conflict::SignUpClosed.into());
        }
        let email = EmailAddress::parse(email).map_err(UserProblems::of_email)?;
        let mut db = self.store().begin().await?;
        if db.accounts().find_by_login(email.as_str()).await?.is_some() {
            return Err(Conflict::AccountExists.into());
        }
        self.want_invitation(&mut db, actor, &email).await?;
        let event = AuditEvent {
            action: "account.invited",
            actor: actor.account,
            details: json!({ "email": email.as_str() }),
            ..AuditEvent::default()
        };
        db.audit().add(&event, self.now()).await?;
        Ok(db.commit().await?)
    }

    /// The mail address that an invitation to make an account went to. None is good once the operator has closed the server.
    pub async fn find_user_invitation(&self, token: &str) -> Result<String> {
        if self.policy().sign_up == SignUp::Closed {
            return Err(Conflict::SignUpClosed.into());
        }
        let mut db = self.store().read().await?;
        Ok(self.open_link(&mut db, LinkPurpose::Invite, token).await?.email)
    }

    /// Makes the account of somebody who was invited. The address is confirmed: the invitation reached it.
    pub async fn accept_user_invitation(&self, token: &str, handle: &str, password: &str) -> Result<()> {
        let email = self.find_user_invitation(token).await?;
        let user = NewUser { handle, email: &email, password, is_admin: false };
        let checked = self.check_user(&user).await?;
        let mut db = self.store().begin().await?;
        let link = self.open_link(&mut db, LinkPurpose::Invite, token).await?;
        if !db.links().take(link.id).await? {
            return Err(Missing::Link.into());
        }
        let invited_by = Actor { account: link.invited_by, key: None };
        self.record_new_user(&mut db, invited_by, &checked).await?;
        Ok(db.commit().await?)
    }

    /// Records a user whose mail address has no account. If anything is taken it is the name.
    async fn record_new_user(&self, db: &mut Db, actor: Actor, user: &CheckedUser) -> Result<AccountId> {
        self.record_user(db, actor, user).await.map_err(|error| match error {
            Error::Conflict(Conflict::AccountExists) => UserProblems::taken().into(),
            other => other,
        })
    }
}
