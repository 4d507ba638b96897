use std::sync::Arc;

use domain::{AccountId, AccountStanding, Credential, Key, KeyId, Scope, SecondFactor};
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

/// Who asks: an account, and the key it came with. Without a key the account proved itself with its password.
#[derive(Debug, Clone)]
pub struct Caller {
    proof: Proof,
    otp_proven: bool,
}

#[derive(Debug, Clone)]
enum Proof {
    Key(Arc<WarmKey>),
    Password(Arc<AccountFacts>),
}

impl Caller {
    pub(crate) fn with_key(key: Arc<WarmKey>) -> Self {
        Self { proof: Proof::Key(key), otp_proven: false }
    }

    pub(crate) fn with_password(account: AccountFacts) -> Self {
        Self { proof: Proof::Password(Arc::new(account)), otp_proven: false }
    }

    /// Whose rights are used.
    pub fn account(&self) -> &AccountFacts {
        match &self.proof {
            Proof::Key(warm) => &warm.account,
            Proof::Password(account) => account,
        }
    }

    /// The key that was presented.
    pub fn key(&self) -> Option<&Key> {
        match &self.proof {
            Proof::Key(warm) => Some(&warm.key),
            Proof::Password(_) => None,
        }
    }

    /// The same caller with its key as it is now.
    pub(crate) fn refreshed(&self, key: Arc<WarmKey>) -> Self {
        Self { proof: Proof::Key(key), otp_proven: self.otp_proven }
    }

    pub(crate) fn credential(&self) -> Credential<'_> {
        match &self.proof {
            Proof::Key(warm) => Credential::Key { key: &warm.key, scope: &warm.scope },
            Proof::Password(_) => Credential::Session,
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

    /// This caller for the audit log.
    pub fn actor(&self) -> Actor {
        Actor { account: Some(self.account().id), key: self.key().map(|key| key.id) }
    }
}

/// Who did something, for the audit log.
#[derive(Debug, Clone, Copy)]
pub struct Actor {
    /// The account; none for the operator at the command line.
    pub account: Option<AccountId>,
    /// The key.
    pub key: Option<KeyId>,
}

impl Actor {
    /// The operator at the command line.
    pub const OPERATOR: Self = Self { account: None, key: None };

    /// The account itself, without a key.
    pub(crate) fn of(account: &Account) -> Self {
        Self { account: Some(account.id), key: None }
    }
}
