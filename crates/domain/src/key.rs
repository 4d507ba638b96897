//! A key as it is on record.

use jiff::{SignedDuration, Timestamp};

use crate::named::named;
use crate::{
    AccountId, Action, Ecosystem, Grant, KeyId, Profile, Scope, ScopeWord, SecondFactor, Selection, Selector,
};

/// How many days before its expiry an owner is warned.
pub const EXPIRY_WARNING_DAYS: u16 = 10;

/// A key that lives shorter than this never asks for a second factor (`RubyGems`): it was made moments ago by
/// somebody who has just proven who they are.
const SHORT_LIFE: SignedDuration = SignedDuration::from_mins(15);

named! {
    /// How a key came to be.
    pub enum KeyKind is "a kind of key" {
        /// Made here, with scopes of its owner's choice.
        Scoped => "scoped",
        /// Taken over from before there were scopes.
        Legacy => "legacy",
    }
}

named! {
    /// Whether a key can be used, and if not, why.
    pub enum KeyState is "a state of a key" {
        /// It can be used.
        Active => "active",
        /// Its time is over.
        Expired => "expired",
        /// It was deleted, reset or replaced.
        Revoked => "revoked",
        /// Its owner lost the package that it was bound to.
        OwnershipLost => "ownership_lost",
        /// A legacy key that nothing was pushed with for longer than its ecosystem allows (`NuGet`: 365
        /// days).
        Retired => "retired",
    }
}

/// A key: whose it is, what it may do, until when. Never its value.
#[derive(Clone, Debug)]
pub struct Key {
    /// The record's id.
    pub id: KeyId,
    /// The account that the key acts for.
    pub owner: AccountId,
    /// The one ecosystem that the key is good in.
    pub ecosystem: Ecosystem,
    /// How it came to be.
    pub kind: KeyKind,
    /// What its owner calls it. Not unique.
    pub name: String,
    /// What it may do, in the words of its ecosystem.
    pub words: Vec<&'static ScopeWord>,
    /// On which packages.
    pub selection: Selection,
    /// The first instant at which it cannot be used, or `None` when it never expires.
    pub expires_at: Option<Timestamp>,
    /// The number of days it was made for, where a key can be made anew for as many.
    pub lifetime_days: Option<u16>,
    /// Whether it wants a second factor although the account's level would not.
    pub otp_required: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last permitted something.
    pub last_used_at: Option<Timestamp>,
    /// When something was last published with it.
    pub last_push_at: Option<Timestamp>,
    /// When it was deleted, reset or replaced.
    pub revoked_at: Option<Timestamp>,
    /// The name of the package that it was bound to, once its owner has lost that package. Owning the package
    /// again does not revive the key.
    pub ownership_lost: Option<String>,
}

impl Key {
    /// Returns the rules that the key lives by.
    pub fn profile(&self) -> &'static Profile {
        Profile::of(self.ecosystem)
    }

    /// Tells whether the key can be used at that instant. Of several reasons against it, the first counts in
    /// the order revoked, expired, retired, ownership lost.
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|end| now >= end) {
            KeyState::Expired
        } else if self.is_retired(now) {
            KeyState::Retired
        } else if self.ownership_lost.is_some() {
            KeyState::OwnershipLost
        } else {
            KeyState::Active
        }
    }

    /// Whether a legacy key has gone without a push for as long as its ecosystem allows. A key that nothing
    /// was ever pushed with counts from its making.
    fn is_retired(&self, now: Timestamp) -> bool {
        let idle_limit = match self.kind {
            KeyKind::Legacy => self.profile().legacy().retired_after_idle_days,
            KeyKind::Scoped => None,
        };
        let idle = now.duration_since(self.last_push_at.unwrap_or(self.created_at));
        idle_limit.is_some_and(|days| idle >= days_long(days))
    }

    /// Returns what the key may do: each action of each word, on each part of the selection. Words that are
    /// not about packages keep [`Selector::Any`], whatever the key is bound to.
    ///
    /// Compute it once when the key is loaded and keep it beside the key.
    pub fn scope(&self) -> Scope {
        let selectors = self.selection.selectors();
        let any = [Selector::Any];
        let grants = self.words.iter().flat_map(|word| {
            let selectors = if word.package_bound { selectors.as_slice() } else { &any };
            word.actions.iter().flat_map(|&action| grants_of(action, selectors))
        });
        grants.collect()
    }

    /// Whether an active key will expire within ten days.
    pub fn expires_soon(&self, now: Timestamp) -> bool {
        self.state(now) == KeyState::Active
            && self.expires_at.is_some_and(|end| end.duration_since(now) <= days_long(EXPIRY_WARNING_DAYS))
    }

    /// Whether guarded calls with this key want a second factor, for an owner of that level.
    ///
    /// Only where the ecosystem's clients can send one (`RubyGems`), and not for a key made for less than 15
    /// minutes. The owner must have a device; then the level decides, or the key's own wish.
    pub fn asks_for_otp(&self, level: SecondFactor) -> bool {
        let short = self.expires_at.is_some_and(|end| end.duration_since(self.created_at) < SHORT_LIFE);
        let wanted = match level {
            SecondFactor::Disabled => false,
            SecondFactor::UiOnly | SecondFactor::UiAndGemSignin => self.otp_required,
            SecondFactor::UiAndApi => true,
        };
        self.profile().has_second_factor() && !short && wanted
    }
}

/// Returns one grant of that action for each selector.
fn grants_of(action: Action, selectors: &[Selector]) -> impl Iterator<Item = Grant> {
    selectors.iter().map(move |selector| Grant { action, selector: selector.clone() })
}

/// Returns how long so many days of 24 hours are: keys count days in UTC, not on a calendar.
pub(crate) fn days_long(days: u16) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}
