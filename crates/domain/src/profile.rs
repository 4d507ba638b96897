//! The rules that each ecosystem has for its keys.

mod nuget;
mod powershell;
mod rubygems;

use crate::{Action, Ecosystem, KeyDraft, Selection};

/// A word that users of an ecosystem know for something that a key may do.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct ScopeWord {
    /// The word, as records and the wire have it.
    pub word: &'static str,
    /// One line that tells people what it allows.
    pub plain: &'static str,
    /// The actions that it stands for.
    pub actions: &'static [Action],
    /// Whether it is about packages, and so may be bound to some. Other words are about the whole account.
    pub package_bound: bool,
    /// Whether a key with this word can have no other.
    pub exclusive: bool,
    /// Whether this server serves the actions. Pages offer no other word; clients may ask for it all the same, since they
    /// know it from elsewhere, and it permits nothing yet.
    pub served: bool,
}

impl ScopeWord {
    /// The same word while nothing serves its actions.
    const fn not_served_yet(self) -> Self {
        Self { served: false, ..self }
    }
}

/// How the end of a key's life is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryRule {
    /// Never, unless an instant at least a minute ahead is given.
    OptionalInstant,
    /// A number of days.
    Days {
        /// The fewest.
        min: u16,
        /// The most.
        max: u16,
        /// What is taken when nothing is said.
        default: u16,
    },
    /// One of a few numbers of days.
    Choice {
        /// The numbers that can be chosen, rising.
        offered: &'static [u16],
        /// What is taken when nothing is said.
        default: u16,
    },
}

/// What the whole of a key may be bound to, besides any package of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionRule {
    /// One package through its ownership; or, set by the operator, names and globs.
    OneOwnedOrPatterns,
    /// Any number of names and globs.
    Patterns,
}

/// What can be changed in a key after its making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Editable {
    /// Its scope words.
    pub words: bool,
    /// What it is bound to.
    pub selection: bool,
    /// Whether it wants a second factor.
    pub second_factor: bool,
}

/// How the value of a new key reaches its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueDelivery {
    /// Shown once on the page after the making, or given in the answer to the client that made it.
    ShownOnce,
    /// Only through a button that copies it; never drawn on the screen.
    CopyOnly,
}

/// How an expired key stands in its owner's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiredListing {
    /// Among the earlier keys.
    Plain,
    /// With a warning, until it is regenerated or deleted.
    WithWarning,
}

/// What holds for keys from before there were scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyRule {
    /// What such a key is called.
    pub name: &'static str,
    /// How many days it may go without a push, or `None` for any number.
    pub retired_after_idle_days: Option<u16>,
    /// Whether it can be changed later as far as other keys can.
    pub editable: bool,
}

/// The rules of one ecosystem for its keys.
#[derive(Debug)]
pub struct Profile {
    ecosystem: Ecosystem,
    words: &'static [ScopeWord],
    name_limit: usize,
    selection: SelectionRule,
    expiry: ExpiryRule,
    editable: Editable,
    regenerates: bool,
    resets: bool,
    second_factor: bool,
    delivery: ValueDelivery,
    expired: ExpiredListing,
    legacy: LegacyRule,
}

impl Profile {
    /// Returns the rules of that ecosystem.
    pub fn of(ecosystem: Ecosystem) -> &'static Self {
        match ecosystem {
            Ecosystem::RubyGems => &rubygems::PROFILE,
            Ecosystem::NuGet => &nuget::PROFILE,
            Ecosystem::PowerShell => &powershell::PROFILE,
        }
    }

    /// Returns the ecosystem whose rules these are.
    pub fn ecosystem(&self) -> Ecosystem {
        self.ecosystem
    }

    /// Returns the scope words in the order in which they are offered.
    pub fn words(&self) -> &'static [ScopeWord] {
        self.words
    }

    /// Finds a scope word by its exact spelling.
    pub fn word(&self, word: &str) -> Option<&'static ScopeWord> {
        self.words.iter().find(|known| known.word == word)
    }

    /// Returns the most characters that the name of a key can have.
    pub fn name_limit(&self) -> usize {
        self.name_limit
    }

    /// Returns what a key may be bound to.
    pub fn selection_rule(&self) -> SelectionRule {
        self.selection
    }

    /// Returns how the end of a key's life is chosen.
    pub fn expiry_rule(&self) -> ExpiryRule {
        self.expiry
    }

    /// Returns what can be changed later.
    pub fn editable(&self) -> Editable {
        self.editable
    }

    /// Whether a key can be given a new value, for as many days again.
    pub fn can_regenerate(&self) -> bool {
        self.regenerates
    }

    /// Whether an account can end all its keys at once.
    pub fn can_reset(&self) -> bool {
        self.resets
    }

    /// Whether a key can want a second factor, which the ecosystem's clients then send.
    pub fn has_second_factor(&self) -> bool {
        self.second_factor
    }

    /// Returns how the value of a new key reaches its owner.
    pub fn value_delivery(&self) -> ValueDelivery {
        self.delivery
    }

    /// Returns how an expired key stands in the list.
    pub fn expired_listing(&self) -> ExpiredListing {
        self.expired
    }

    /// Returns what holds for keys from before there were scopes.
    pub fn legacy(&self) -> LegacyRule {
        self.legacy
    }

    /// Returns the draft that a legacy key is taken over with: every scope but an exclusive one, any package,
    /// no expiry. It is called as the ecosystem calls such keys.
    pub fn legacy_draft(&self) -> KeyDraft {
        let mut words: Vec<_> = self.words.iter().filter(|word| !word.exclusive).collect();
        words.sort_by_key(|word| word.word);
        KeyDraft {
            name: self.legacy.name.to_owned(),
            words,
            selection: Selection::Any,
            expires_at: None,
            lifetime_days: None,
            otp_required: false,
        }
    }
}
