//! Keys of `nuget` and `dotnet`: the scopes of nuget.org and its rules.

use super::{
    Editable, ExpiredListing, ExpiryRule, LegacyRule, Profile, ScopeWord, SelectionRule, ValueDelivery,
};
use crate::{Action, Ecosystem};

/// The rules for keys of `NuGet` packages.
pub(super) static PROFILE: Profile = Profile {
    ecosystem: Ecosystem::NuGet,
    words: &WORDS,
    name_limit: 256,
    selection: SelectionRule::Patterns,
    expiry: ExpiryRule::Days { min: 1, max: 365, default: 365 },
    editable: Editable { words: false, selection: true, second_factor: false },
    regenerates: true,
    resets: false,
    second_factor: false,
    delivery: ValueDelivery::CopyOnly,
    expired: ExpiredListing::WithWarning,
    legacy: LegacyRule { name: "Full access API key", retired_after_idle_days: Some(365), editable: false },
};

/// The scope words, by their wire names.
static WORDS: [ScopeWord; 3] = [
    ScopeWord {
        word: "package:push",
        plain: "Push new packages and new versions",
        actions: &[Action::PublishNew, Action::PublishVersion],
        package_bound: true,
        exclusive: false,
        served: true,
    },
    ScopeWord {
        word: "package:pushversion",
        plain: "Push only new versions of existing packages",
        actions: &[Action::PublishVersion],
        package_bound: true,
        exclusive: false,
        served: true,
    },
    ScopeWord {
        word: "package:unlist",
        plain: "Unlist and relist versions",
        actions: &[Action::Withdraw, Action::Restore],
        package_bound: true,
        exclusive: false,
        served: true,
    },
];
