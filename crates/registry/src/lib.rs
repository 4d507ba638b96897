#![doc = include_str!("../README.md")]

mod accounts;
mod authenticate;
mod authorize;
mod caller;
mod change;
mod credentials;
mod delete_account;
mod download;
mod email;
mod error;
mod events;
mod expiry;
mod follow;
mod gem_index;
mod invitations;
mod issue_key;
mod jobs;
mod keys;
mod legacy;
mod links;
mod lock_account;
mod new_password;
mod owners;
mod package_news;
mod packages;
mod password;
mod passwords;
mod preview;
mod publish;
mod rate_limiter;
mod sessions;
mod setup;
mod sign_up;
mod sweep;
mod takeover;
mod usage;
mod verify;
mod withdraw;
mod workers;

use std::{path::PathBuf, sync::Arc};

use blobs::{BlobStore, UploadError};
use bytes::Bytes;
use domain::{Clock, Timestamp};
use futures_util::Stream;
use store::Store;
use uuid::Uuid;

pub use accounts::NewUser;
pub use authenticate::{ClientAddress, LimitKey};
pub use blobs::Upload;
pub use caller::{AccountFacts, Caller, WarmKey};
pub use change::Author;
pub use delete_account::Consequences;
pub use domain::Reason;
pub use download::Download;
pub use email::Confirmer;
pub use error::{Conflict, Error, Limited, Missing, Result, UserProblems};
pub use expiry::Addressee;
pub use gem_index::{IndexChange, PackageIndex};
pub use invitations::{Membership, RollEntry};
pub use issue_key::{IssuedKey, KeySelection, NewKey};
pub use jobs::{AccountNews, Event, Job, KeyNews};
pub use keys::{KeyFilter, MOST_KEYS, MOST_PATTERNS_IN_ALL};
pub use legacy::LegacyValue;
pub use links::MailLink;
pub use lock_account::AccountsPage;
pub use owners::{AddressInvitation, Invitation, OwnerEntry};
pub use package_news::{PackageChange, PackageNews, PackageReport, full_number};
pub use packages::{Listing, OwnPackage, Page};
pub use preview::Preview;
pub use publish::{Publication, Published};
pub use sessions::{Browser, SessionToken, SignedIn};
pub use setup::SetupToken;
pub use sign_up::SignUp;
pub use store::{
    Account, Artifact, GemIndexState, GemVersion, IndexLine, IndexedRelease, LinkPurpose, Listed, Package,
    PackageSummary, PageStart, Recorded, RecordedEvent, Release, Session,
};
pub use workers::Workers;

/// What an operator may choose.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Largest package in bytes.
    pub largest_package: u64,
    /// Gem names, folded, that nobody may publish.
    pub reserved_gem_names: Vec<String>,
    /// Whether somebody else may publish under the name of a gem that has had no versions for long, as on the public gallery.
    pub reclaim_gem_names: bool,
    /// Whether a new gem name may differ from a live one in separators only.
    pub refuse_similar_gem_names: bool,
    /// A gem release older than this many days cannot be yanked.
    pub yank_days: Option<u32>,
    /// A gem release with more downloads than this cannot be yanked.
    pub yank_downloads: Option<i64>,
    /// Whether sign-in and key guessing are limited.
    pub limit_guessing: bool,
    /// How many warm keys are kept in memory.
    pub warm_keys: u64,
    /// Who may make an account.
    pub sign_up: SignUp,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            largest_package: 500 * 1024 * 1024,
            reserved_gem_names: Vec::new(),
            reclaim_gem_names: false,
            refuse_similar_gem_names: true,
            yank_days: None,
            yank_downloads: None,
            limit_guessing: true,
            warm_keys: 200_000,
            sign_up: SignUp::Invitation,
        }
    }
}

/// What a registry is made of.
#[derive(Debug)]
pub struct Parts {
    /// The records.
    pub store: Store,
    /// The artifacts.
    pub blobs: BlobStore,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// A folder for uploads on their way in.
    pub uploads: PathBuf,
    /// What the operator chose.
    pub policy: Policy,
    /// What the gem index says of a change.
    pub gem_index: Arc<dyn PackageIndex>,
}

/// The registry: its methods are the use cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    /// This process among those that keep keys in memory.
    node: Uuid,
    credentials: credentials::Credentials,
    usage: usage::Usage,
    limits: rate_limiter::RateLimiter,
    passwords: passwords::Passwords,
}

impl Registry {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let node = domain::EventId::new(parts.clock.now()).as_uuid();
        let credentials = credentials::Credentials::new(parts.policy.warm_keys);
        let limits = rate_limiter::RateLimiter::new(parts.policy.limit_guessing);
        let usage = usage::Usage::default();
        let passwords = passwords::Passwords::default();
        Self { inner: Arc::new(Inner { parts, node, credentials, usage, limits, passwords }) }
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    fn store(&self) -> &Store {
        &self.inner.parts.store
    }

    fn blobs(&self) -> &BlobStore {
        &self.inner.parts.blobs
    }

    fn policy(&self) -> &Policy {
        &self.inner.parts.policy
    }

    /// Receives an upload into a temporary file: bounded and hashed, not yet part of anything.
    pub async fn receive<E: std::fmt::Display>(
        &self,
        stream: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Upload> {
        Upload::receive(&self.inner.parts.uploads, stream, self.policy().largest_package).await.map_err(
            |error| match error {
                UploadError::TooLarge { limit } => Error::TooLarge { limit },
                UploadError::Interrupted(_) => Error::Interrupted,
                UploadError::Io(error) => Error::internal(error),
            },
        )
    }

    /// Whether database and blob store answer.
    pub async fn check(&self) -> Result<()> {
        self.store().read().await?.accounts().any().await?;
        self.blobs().check().await?;
        Ok(())
    }
}
