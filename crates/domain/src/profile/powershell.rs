//! Keys of `Publish-PSResource` and `Publish-Module`: the scopes of the PowerShell Gallery and its rules.

use super::{
    Editable, ExpiredListing, ExpiryRule, LegacyRule, Profile, ScopeWord, SelectionRule, ValueDelivery,
};
use crate::{Action, Ecosystem};

/// The rules for keys of PowerShell packages.
pub(super) static PROFILE: Profile = Profile {
    ecosystem: Ecosystem::PowerShell,
    words: &WORDS,
    name_limit: 256,
    selection: SelectionRule::Patterns,
    expiry: ExpiryRule::Choice { offered: &[1, 90, 180, 270, 365], default: 365 },
    editable: Editable { words: false, selection: true, second_factor: false },
    regenerates: true,
    resets: false,
    second_factor: false,
    delivery: ValueDelivery::CopyOnly,
    expired: ExpiredListing::WithWarning,
    legacy: LegacyRule { name: "Full access API key", retired_after_idle_days: None, editable: false },
};

/// The scope words: the gallery's wire names, and one of ours for its "push new" alone, which has none.
static WORDS: [ScopeWord; 4] = [
    ScopeWord {
        word: "package:pushnew",
        plain: "Push only new items",
        actions: &[Action::PublishNew],
        package_bound: true,
        exclusive: false,
        served: true,
    },
    ScopeWord {
        word: "package:push",
        plain: "Push new items and new versions",
        actions: &[Action::PublishNew, Action::PublishVersion],
        package_bound: true,
        exclusive: false,
        served: true,
    },
    ScopeWord {
        word: "package:pushversion",
        plain: "Push only new versions of existing items",
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
