//! Work that follows a change: taken from the outbox, tried until it is done.

use domain::{AccountId, EventId, KeyId, LinkId, OwnershipId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::Db;

use crate::{Error, PackageNews, Registry, Result};

/// While a process works on a job no other takes it; if the process dies, another takes it after this long.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);
/// The longest pause between two tries.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(6);

/// What has happened and asks for work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Somebody was invited to own a package: the invitation has to be sent.
    OwnerInvited {
        /// The ownership that waits to be confirmed.
        ownership: OwnershipId,
    },
    /// An address that no account has was invited to own a package: it has to be told.
    AddressInvited {
        /// The invitation.
        invitation: OwnershipId,
    },
    /// Something happened to a key that its owner should hear of.
    KeyNews {
        /// The key.
        key: KeyId,
        /// What happened.
        news: KeyNews,
    },
    /// Something happened to a package that its owners should hear of.
    PackageNews {
        /// What.
        news: PackageNews,
        /// Who is told; nobody in particular as long as it is not known who is to hear.
        to: Option<AccountId>,
    },
    /// A link to somebody's mail address was asked for: a confirmation, or an invitation to make an account.
    LinkWanted {
        /// The link.
        link: LinkId,
    },
    /// Somebody forgot the password of the account with this name or mail address, or says so. There may be no such account:
    /// whoever asked is not told.
    PasswordForgotten {
        /// What was typed.
        login: String,
    },
    /// Somebody wanted to use the mail address of an account for another one.
    AddressInUse {
        /// The account that has it.
        account: AccountId,
    },
    /// Something happened to an account that its owner should hear of.
    AccountNews {
        /// The name of the account.
        handle: String,
        /// Where the news go: the address that the account had when it happened.
        email: String,
        /// When.
        at: Timestamp,
        /// What happened.
        news: AccountNews,
    },
}

/// What the owner of an account is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum AccountNews {
    /// It has another password.
    PasswordChanged,
    /// It has another mail address.
    EmailChanged {
        /// The new one.
        to: String,
    },
    /// Somebody signed in with a browser that was not seen before.
    NewDevice {
        /// What the browser calls itself.
        agent: String,
        /// Where it came from.
        address: String,
    },
    /// An administrator locked it.
    Locked,
    /// An administrator unlocked it.
    Unlocked,
    /// It was deleted.
    Deleted,
}

/// What the owner of a key is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyNews {
    /// It was made.
    Created,
    /// It was taken over from another server, with the value that was in use there.
    Imported,
    /// Its scopes, packages or second factor were changed.
    Changed,
    /// It was replaced by one with the same settings and another value.
    Regenerated,
    /// It was deleted.
    Deleted,
    /// It ends within ten days.
    ExpiresSoon,
    /// It has ended.
    Expired,
    /// It is a legacy key that nothing was published with for too long.
    Retired,
}

/// A piece of work.
#[derive(Debug)]
pub struct Job {
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub event: Event,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

impl Registry {
    /// Puts work into the outbox, in the transaction of the change.
    pub(crate) async fn announce(&self, db: &mut Db, event: Event) -> Result<()> {
        let text = serde_json::to_string(&event).map_err(Error::internal)?;
        Ok(db.outbox().add(&text, self.now()).await?)
    }

    /// Takes the next piece of work that is due, and notes in the same transaction that the one before is done.
    pub async fn next_job(&self, done: Option<Job>) -> Result<Option<Job>> {
        let now = self.now();
        let mut db = self.bookkeeping().await?;
        if let Some(done) = done {
            db.outbox().done(done.id).await?;
        }
        let entry = db.outbox().claim(now, now + CLAIM).await?;
        db.commit().await?;
        let Some(entry) = entry else { return Ok(None) };
        let event = serde_json::from_str(&entry.event).map_err(Error::internal)?;
        Ok(Some(Job { id: entry.id, event, attempts: entry.attempts }))
    }

    /// The work is done.
    pub async fn job_done(&self, job: &Job) -> Result<()> {
        let mut db = self.bookkeeping().await?;
        db.outbox().done(job.id).await?;
        Ok(db.commit().await?)
    }

    /// Replaces a piece of work by others, all at once: what it found out is to be done piece by piece.
    pub async fn split_job(&self, job: &Job, into: Vec<Event>) -> Result<()> {
        let mut db = self.bookkeeping().await?;
        for event in into {
            self.announce(&mut db, event).await?;
        }
        db.outbox().done(job.id).await?;
        Ok(db.commit().await?)
    }

    /// The work failed: it is tried again after a pause that doubles each time.
    pub async fn job_failed(&self, job: &Job, error: &str) -> Result<()> {
        let doublings = u32::try_from(job.attempts.clamp(1, 16)).expect("clamped to a small number");
        let pause = SignedDuration::from_secs(5 << doublings).min(LONGEST_PAUSE);
        let mut db = self.bookkeeping().await?;
        db.outbox().failed(job.id, error, self.now() + pause).await?;
        Ok(db.commit().await?)
    }

    /// How much work waits.
    pub async fn jobs_waiting(&self) -> Result<i64> {
        Ok(self.store().read().await?.outbox().len().await?)
    }

    /// Whether there is work that is due.
    pub async fn job_is_due(&self) -> Result<bool> {
        Ok(self.store().read().await?.outbox().is_due(self.now()).await?)
    }
}
