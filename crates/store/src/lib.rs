#![doc = include_str!("../README.md")]

mod accounts;
mod audit;
mod authorization;
mod blobs;
#[cfg(feature = "testing")]
pub mod bulk;
mod database;
mod error;
mod gems;
mod keys;
mod links;
mod migrate;
mod outbox;
mod ownerships;
mod packages;
mod releases;
mod sessions;
mod setup;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod unmatched_invitations;

pub use accounts::{Account, AccountKind, Accounts, NewAccount};
pub use audit::{AuditEvent, AuditLog, RecordedEvent};
pub use authorization::{Authorization, AuthorizationView};
pub use blobs::PendingBlobs;
pub use database::{Address, Db, Engine, Store};
pub use error::{Error, Result};
pub use gems::{GemIndex, GemIndexState, GemVersion, Gems, IndexLine, IndexedRelease};
pub use keys::{Keys, NewKey};
pub use links::{Link, LinkPurpose, Links};
pub use migrate::SCHEMA_VERSION;
pub use outbox::{Outbox, OutboxEntry};
pub use ownerships::{NewOwnership, Owner, Ownership, Ownerships};
pub use packages::{Listed, Package, PackageSummary, Packages};
pub use releases::{Artifact, NewRelease, PageStart, Recorded, Release, Releases};
pub use sessions::{NewSession, Session, Sessions};
pub use setup::SetupTokens;
pub use unmatched_invitations::{UnmatchedInvitation, UnmatchedInvitations};
