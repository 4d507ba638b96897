//! How a change begins and ends: in a transaction of its own, together with whoever makes it *as that transaction sees them*.
//!
//! A request is checked when it arrives, and may then take its time: a body that comes slowly, a password that is being hashed.
//! Meanwhile the key is revoked, the session ended, the password reset. So nothing is changed on the word of the first check:
//! [`Registry::begin`] reads the credential again, locks it until the end, and only then hands out a transaction. There is no other
//! way to get one for a caller (clippy refuses `Store::begin` elsewhere).
//!
//! Locks are taken in one order, so that no two changes wait for each other: names, packages, administrators, accounts, sessions,
//! keys. [`Opening`] takes those that come before the credential.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use domain::{AccountId, EventId, KeyId, PackageName, Reason, Timestamp};
use store::{Account, AuditEvent, Db, Package};

use crate::{
    AccountFacts, Caller, Error, Missing, Registry, Result, WarmKey, caller::Proof, sessions::is_alive,
};

/// Who asks for a change.
#[derive(Debug, Clone, Copy)]
pub enum Author<'a> {
    /// Somebody who presented a credential.
    Caller(&'a Caller),
    /// The operator at the command line, by name.
    Operator(&'a str),
}

impl<'a> From<&'a Caller> for Author<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self::Caller(caller)
    }
}

/// Who made a change, for the audit log and for emails.
#[derive(Debug, Clone, Default)]
pub(crate) struct Actor {
    /// The account; none for the operator, for a visitor and for the server itself.
    pub(crate) account: Option<AccountId>,
    /// The key.
    pub(crate) key: Option<KeyId>,
    /// The operator's name.
    pub(crate) operator: Option<String>,
}

/// A transaction in which nobody is admitted yet. It takes the locks that come before the caller's credential, and changes nothing.
pub(crate) struct Opening<'a> {
    db: Db,
    author: Author<'a>,
    now: Timestamp,
}

impl Opening<'_> {
    /// The package with this name. It stays as it is until the end.
    pub(crate) async fn package(&mut self, name: &PackageName) -> Result<Option<Package>> {
        Ok(self.db.packages().find_locked(name).await?)
    }

    /// The same for a name that may be about to be published for the first time: nobody else publishes under it meanwhile.
    pub(crate) async fn name(&mut self, name: &PackageName) -> Result<Option<Package>> {
        self.db.packages().lock_name(name).await?;
        self.package(name).await
    }

    /// All packages of an account stay as they are.
    pub(crate) async fn packages_of(&mut self, account: AccountId) -> Result<()> {
        Ok(self.db.ownerships().lock_packages_of(account).await?)
    }

    /// The administrators stay administrators.
    pub(crate) async fn administrators(&mut self) -> Result<Vec<AccountId>> {
        Ok(self.db.accounts().lock_administrators().await?)
    }

    /// The same as [`Opening::admit`], for what only callers do; the caller as this transaction sees it comes along.
    pub(crate) async fn admit_caller(self) -> Result<(Change, Caller)> {
        let change = self.admit().await?;
        match &change.by {
            Admitted::Caller(caller) => {
                let caller = caller.clone();
                Ok((change, caller))
            }
            Admitted::Operator(_) | Admitted::Unproved(_) => Err(Error::Denied(Reason::ActionNotGranted)),
        }
    }

    /// Reads the author's credential again and lets the author make changes, unless it does not stand any more.
    pub(crate) async fn admit(mut self) -> Result<Change> {
        let by = match self.author {
            Author::Caller(caller) => Admitted::Caller(refresh(&mut self.db, caller, self.now).await?),
            Author::Operator(name) => Admitted::Operator(name.to_owned()),
        };
        Ok(Change { db: self.db, by, now: self.now, events: 0 })
    }
}

/// Whom a transaction has admitted.
#[derive(Debug, Clone)]
enum Admitted {
    /// Somebody whose credential stands.
    Caller(Caller),
    /// The operator at the command line.
    Operator(String),
    /// Nobody: what is done is proved step by step. The account, once it is known.
    Unproved(Option<AccountId>),
}

/// A change: a transaction, and who makes it. Dropped without [`Change::commit`], nothing happened.
pub(crate) struct Change {
    db: Db,
    by: Admitted,
    now: Timestamp,
    events: usize,
}

impl Deref for Change {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Change {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

impl Change {
    /// The instant of the change.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Who makes the change.
    pub(crate) fn actor(&self) -> Actor {
        match &self.by {
            Admitted::Caller(caller) => {
                let (account, key) = (Some(caller.account().id), caller.key().map(|key| key.id));
                Actor { account, key, operator: None }
            }
            Admitted::Operator(name) => Actor { operator: Some(name.clone()), ..Actor::default() },
            Admitted::Unproved(account) => Actor { account: *account, ..Actor::default() },
        }
    }

    /// Who is asked whether the change may be made; nobody, where it is proved step by step.
    pub(crate) fn author(&self) -> Option<Author<'_>> {
        match &self.by {
            Admitted::Caller(caller) => Some(Author::Caller(caller)),
            Admitted::Operator(name) => Some(Author::Operator(name)),
            Admitted::Unproved(_) => None,
        }
    }

    /// Whether the operator makes the change.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self.by, Admitted::Operator(_))
    }

    /// The change is the doing of this account, which proved itself within the transaction.
    pub(crate) fn proved_by(&mut self, account: AccountId) {
        self.by = Admitted::Unproved(Some(account));
    }

    /// The account whose settings, keys or sessions are to change, locked until the end. Callers change their own alone, and never
    /// with a key; the operator changes all.
    pub(crate) async fn account(&mut self, id: AccountId) -> Result<Account> {
        match &self.by {
            Admitted::Operator(_) => {}
            Admitted::Caller(caller) if caller.key().is_none() => {
                if caller.account().id != id {
                    return Err(Missing::Account.into());
                }
            }
            Admitted::Caller(_) | Admitted::Unproved(_) => {
                return Err(Error::Denied(Reason::ActionNotGranted));
            }
        }
        self.any_account(id).await
    }

    /// Any account, locked until the end: for those who [administer](Self::administers).
    pub(crate) async fn any_account(&mut self, id: AccountId) -> Result<Account> {
        let account = self.db.accounts().get_locked(id).await?;
        Ok(account.filter(|account| account.deleted_at.is_none()).ok_or(Missing::Account)?)
    }

    /// Refuses everybody but administrators and the operator.
    pub(crate) fn administers(&self) -> Result<()> {
        match &self.by {
            Admitted::Operator(_) => Ok(()),
            Admitted::Caller(caller) if caller.account().is_admin && caller.key().is_none() => Ok(()),
            Admitted::Caller(_) | Admitted::Unproved(_) => Err(Error::Denied(Reason::ActionNotGranted)),
        }
    }

    /// Writes the audit event of the change. Who did it is filled in.
    pub(crate) async fn record(&mut self, event: AuditEvent) -> Result<()> {
        let Actor { account, key, operator } = self.actor();
        let event = AuditEvent { actor: account, actor_key: key, operator, ..event };
        self.db.audit().add(&event, self.now).await?;
        self.events += 1;
        Ok(())
    }

    /// Whether anything was changed.
    pub(crate) fn has_events(&self) -> bool {
        self.events > 0
    }

    /// Makes the change visible, all at once.
    pub(crate) async fn commit(self) -> Result<()> {
        debug_assert!(self.events > 0, "every change leaves an audit event");
        Ok(self.db.commit().await?)
    }
}

impl Registry {
    /// Begins a change. Refused when the author's credential does not stand any more.
    pub(crate) async fn begin<'a>(&self, author: impl Into<Author<'a>>) -> Result<Change> {
        self.opening(author).await?.admit().await
    }

    /// The same in two steps, for changes that lock packages or administrators first.
    pub(crate) async fn opening<'a>(&self, author: impl Into<Author<'a>>) -> Result<Opening<'a>> {
        Ok(Opening { db: self.transaction().await?, author: author.into(), now: self.now() })
    }

    /// Begins a change by somebody who has no credential: who it is and what they may is proved within the transaction, by the
    /// token of a link or by a password. Whoever calls this says where.
    pub(crate) async fn begin_unproved(&self) -> Result<Change> {
        let (db, now) = (self.transaction().await?, self.now());
        Ok(Change { db, by: Admitted::Unproved(None), now, events: 0 })
    }

    /// A transaction for the server's own bookkeeping, which changes no right, no secret and no release.
    pub(crate) async fn bookkeeping(&self) -> Result<Db> {
        self.transaction().await
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that begins transactions")]
    async fn transaction(&self) -> Result<Db> {
        Ok(self.store().begin().await?)
    }
}

/// The caller as this transaction sees it. No other transaction takes the credential away before this one ends.
async fn refresh(db: &mut Db, caller: &Caller, now: Timestamp) -> Result<Caller> {
    let proof = match &caller.proof {
        Proof::Key(warm) => Proof::Key(refresh_key(db, warm).await?),
        Proof::Password(known) => {
            let account = standing_account(db, known).await?;
            let account = account.filter(|account| account.password_epoch == known.password_epoch);
            Proof::Password(Arc::new(account.ok_or(Error::WrongPassword)?))
        }
        Proof::Session(known, session) => {
            let account = standing_account(db, known).await?.ok_or(Error::SessionEnded)?;
            refresh_session(db, *session, now).await?;
            Proof::Session(Arc::new(account), *session)
        }
    };
    Ok(caller.refreshed(proof))
}

async fn refresh_key(db: &mut Db, known: &WarmKey) -> Result<Arc<WarmKey>> {
    let unknown = Error::Denied(Reason::Unknown);
    // Accounts are locked before keys. Several keys of one account may change things at once.
    let Some(account) = db.accounts().get_shared(known.account.id).await? else { return Err(unknown) };
    let key = db.keys().get_locked(known.key.id).await?.ok_or(unknown)?;
    Ok(Arc::new(WarmKey { scope: key.scope(), account: AccountFacts::from(&account), key }))
}

/// The account behind a password or a session, unless it was deleted or locked.
async fn standing_account(db: &mut Db, known: &AccountFacts) -> Result<Option<AccountFacts>> {
    let account = db.accounts().get_locked(known.id).await?;
    let account = account.filter(|account| account.deleted_at.is_none() && account.locked_at.is_none());
    Ok(account.as_ref().map(AccountFacts::from))
}

async fn refresh_session(db: &mut Db, session: EventId, now: Timestamp) -> Result<()> {
    let session = db.sessions().get_locked(session).await?;
    session.filter(|session| is_alive(session, now)).map(drop).ok_or(Error::SessionEnded)
}

#[cfg(test)]
mod tests;
