//! Accounts that people make themselves.

use domain::{AccountId, EmailAddress};
use serde_json::json;
use store::{Account, AuditEvent, Db, Link, LinkPurpose};

use crate::{
    Author, ClientAddress, Conflict, Error, Missing, NewUser, Registry, Result, UserProblems,
    accounts::CheckedUser, change::Change,
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

    /// Creates an account that waits for its email address to be confirmed. Whether the address has an account already is told to
    /// the address alone: to whoever asks, and to everybody who looks at the account later, both cases are the same.
    pub async fn sign_up(&self, user: &NewUser<'_>, from: ClientAddress) -> Result<()> {
        if self.policy().sign_up != SignUp::Open {
            return Err(Conflict::SignUpClosed.into());
        }
        // Before the password is hashed: that is what visitors could keep us busy with.
        self.inner.limits.attempt(from.limit_key(), self.now())?;
        let mut checked = self.check_user(&NewUser { is_admin: false, ..*user }).await?;
        checked.confirmed = false;
        self.inner.limits.email(checked.email.key(), from.limit_key(), self.now())?;
        let mut change = self.begin_unproved().await?;
        let account = self.record_new_user(&mut change, &checked).await?;
        self.want_confirmation(&mut change, account, &checked.email).await?;
        change.commit().await
    }

    /// Invites whoever has this email address to create an account. Only administrators and the operator may.
    pub async fn invite_user(&self, author: impl Into<Author<'_>>, email: &str) -> Result<()> {
        if self.policy().sign_up == SignUp::Closed {
            return Err(Conflict::SignUpClosed.into());
        }
        let email = EmailAddress::parse(email).map_err(UserProblems::of_email)?;
        let mut change = self.begin(author).await?;
        change.administers()?;
        if change.accounts().find_by_login(email.as_str()).await?.is_some() {
            return Err(Conflict::AccountExists.into());
        }
        let invited_by = change.actor().account;
        self.want_invitation(&mut change, invited_by, &email).await?;
        let (action, details) = ("account.invited", json!({ "email": email.as_str() }));
        change.record(AuditEvent { action, details, ..AuditEvent::default() }).await?;
        change.commit().await
    }

    /// The mail address that an invitation to make an account went to. None is good once the operator has closed the server.
    pub async fn find_user_invitation(&self, token: &str) -> Result<String> {
        if self.policy().sign_up == SignUp::Closed {
            return Err(Conflict::SignUpClosed.into());
        }
        let mut db = self.store().read().await?;
        Ok(self.open_user_invitation(&mut db, token).await?.email)
    }

    /// An invitation is as good as whoever gave it: none once its administrator was deleted, locked, or administers no longer.
    async fn open_user_invitation(&self, db: &mut Db, token: &str) -> Result<Link> {
        let link = self.open_link(db, LinkPurpose::Invite, token).await?;
        if let Some(giver) = link.invited_by {
            let giver = db.accounts().get_shared(giver).await?;
            let stands = |giver: &Account| giver.is_admin && giver.locked_at.is_none();
            giver.filter(stands).ok_or(Missing::Link)?;
        }
        Ok(link)
    }

    /// Makes the account of somebody who was invited. The address is confirmed: the invitation reached it.
    pub async fn accept_user_invitation(&self, token: &str, handle: &str, password: &str) -> Result<()> {
        let email = self.find_user_invitation(token).await?;
        let user = NewUser { handle, email: &email, password, is_admin: false };
        let checked = self.check_user(&user).await?;
        let mut change = self.begin_unproved().await?;
        let link = self.open_user_invitation(&mut change, token).await?;
        if !change.links().take(link.id).await? {
            return Err(Missing::Link.into());
        }
        if let Some(giver) = link.invited_by {
            change.proved_by(giver);
        }
        self.record_new_user(&mut change, &checked).await?;
        change.commit().await
    }

    /// Records a user whose email address has no account. If anything is taken it is the name.
    async fn record_new_user(&self, change: &mut Change, user: &CheckedUser) -> Result<AccountId> {
        self.record_user(change, user).await.map_err(|error| match error {
            Error::Conflict(Conflict::AccountExists) => UserProblems::taken().into(),
            other => other,
        })
    }
}
