#![doc = include_str!("../README.md")]

mod account;
mod action;
mod clock;
mod decision;
mod draft;
mod ecosystem;
mod glob;
mod id;
mod key;
mod name;
mod named;
mod problem;
mod profile;
mod scope;
mod selection;
mod value;

pub use account::{EmailAddress, Handle, InvalidEmailAddress, InvalidHandle, Role, SecondFactor};
pub use action::Action;
pub use clock::{Clock, SystemClock, to_microseconds};
pub use decision::{
    AccountStanding, Authority, Credential, Decision, PackageStanding, Reason, Standing, decide,
};
pub use draft::{Expiry, KeyDraft, KeyEdit, KeyRequest};
pub use ecosystem::Ecosystem;
pub use glob::{Glob, InvalidGlob};
pub use id::{AccountId, EventId, KeyId, LinkId, OwnershipId, PackageId, ReleaseId};
pub use jiff::Timestamp;
pub use key::{EXPIRY_WARNING_DAYS, Key, KeyKind, KeyState};
pub use name::{InvalidName, PackageName};
pub use named::UnknownWord;
pub use problem::{KeyField, KeyPart, KeyProblem, KeyProblems};
pub use profile::{
    Editable, ExpiredListing, ExpiryRule, LegacyRule, Profile, ScopeWord, SelectionRule, ValueDelivery,
};
pub use scope::{Grant, Scope};
pub use selection::{InvalidPattern, MOST_PATTERNS, NamePattern, Selection, Selector};
pub use value::{InvalidDigest, KeyDigest, PlainKey, Presented, Token, contains_key};
