use std::sync::Arc;

use domain::{AccountId, AccountStanding, Credential, EventId, Key, Scope, SecondFactor};
use store::Account;

/// What decisions and faces need to know of an account.
#[derive(Debug, Clone)]
pub struct AccountFacts {
    /// Its id.
    pub id: AccountId,
    /// Its small number.
    pub number: i64,
    /// Its name.
    pub handle: String,
    /// Its mail address.
    pub email: Option<String>,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// Whether an administrator locked it.
    pub locked: bool,
    /// Whether it may administer the server.
    pub is_admin: bool,
    /// What it asks for besides the password.
    pub second_factor: SecondFactor,
    /// Which of its passwords was the present one when this was read.
    pub(crate) password_epoch: i64,
}

impl From<&Account> for AccountFacts {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id,
            number: account.number,
            handle: account.handle.clone(),
            email: account.email.clone(),
            confirmed: account.email_confirmed_at.is_some(),
            locked: account.locked_at.is_some(),
            is_admin: account.is_admin,
            second_factor: account.second_factor,
            password_epoch: account.password_epoch,
        }
    }
}

/// A key in memory: what a decision needs, read once.
#[derive(Debug)]
pub struct WarmKey {
    /// The key.
    pub key: Key,
    /// What it grants.
    pub scope: Scope,
    /// Whose it is.
    pub account: AccountFacts,
}

/// Who asks: an account, and the credential that it came with.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(crate) proof: Proof,
    otp_proven: bool,
}

/// The credential of a [`Caller`], as it stood when it was presented. A change asks again whether it still stands: see `change.rs`.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// A key.
    Key(Arc<WarmKey>),
    /// Name and password, with this very request.
    Password(Arc<AccountFacts>),
    /// A session of the pages.
    Session(Arc<AccountFacts>, EventId),
}

impl Caller {
    pub(crate) fn with_key(key: Arc<WarmKey>) -> Self {
        Self { proof: Proof::Key(key), otp_proven: false }
    }

    pub(crate) fn with_password(account: AccountFacts) -> Self {
        Self { proof: Proof::Password(Arc::new(account)), otp_proven: false }
    }

    pub(crate) fn with_session(account: AccountFacts, session: EventId) -> Self {
        Self { proof: Proof::Session(Arc::new(account), session), otp_proven: false }
    }

    /// Whose rights are used.
    pub fn account(&self) -> &AccountFacts {
        match &self.proof {
            Proof::Key(warm) => &warm.account,
            Proof::Password(account) | Proof::Session(account, _) => account,
        }
    }

    /// The key that was presented.
    pub fn key(&self) -> Option<&Key> {
        match &self.proof {
            Proof::Key(warm) => Some(&warm.key),
            Proof::Password(_) | Proof::Session(..) => None,
        }
    }

    /// The same caller with its credential as it stands now.
    pub(crate) fn refreshed(&self, proof: Proof) -> Self {
        Self { proof, otp_proven: self.otp_proven }
    }

    pub(crate) fn credential(&self) -> Credential<'_> {
        match &self.proof {
            Proof::Key(warm) => Credential::Key { key: &warm.key, scope: &warm.scope },
            Proof::Password(_) | Proof::Session(..) => Credential::Session,
        }
    }

    pub(crate) fn account_standing(&self) -> AccountStanding {
        let account = self.account();
        AccountStanding {
            confirmed: account.confirmed,
            locked: account.locked,
            second_factor: account.second_factor,
            otp_proven: self.otp_proven,
        }
    }
}
