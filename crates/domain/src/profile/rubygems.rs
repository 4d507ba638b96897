//! Keys of `gem` and `bundle`: the scopes of `RubyGems` and its rules.

use super::{
    Editable, ExpiredListing, ExpiryRule, LegacyRule, Profile, ScopeWord, SelectionRule, ValueDelivery,
};
use crate::{Action, Ecosystem};

/// The rules for keys of gems.
pub(super) static PROFILE: Profile = Profile {
    ecosystem: Ecosystem::RubyGems,
    words: &WORDS,
    name_limit: 255,
    selection: SelectionRule::OneOwnedOrPatterns,
    expiry: ExpiryRule::OptionalInstant,
    editable: Editable { words: true, selection: true, second_factor: true },
    regenerates: false,
    resets: true,
    second_factor: true,
    delivery: ValueDelivery::ShownOnce,
    expired: ExpiredListing::Plain,
    legacy: LegacyRule { name: "legacy-key", retired_after_idle_days: None, editable: true },
};

/// The scope words, in the order in which `RubyGems` offers them.
static WORDS: [ScopeWord; 9] = [
    ScopeWord {
        word: "show_dashboard",
        plain: "Read the news feed of your dashboard",
        actions: &[Action::ReadDashboard],
        package_bound: false,
        exclusive: true,
        served: false,
    },
    account_wide("index_rubygems", "List your gems", &[Action::ListOwn]),
    package_bound(
        "push_rubygem",
        "Push new gems and new versions",
        &[Action::PublishNew, Action::PublishVersion],
    ),
    // Upstream has no client call to undo a yank, so the word stands for the yank alone.
    package_bound("yank_rubygem", "Yank versions", &[Action::Withdraw]),
    package_bound("add_owner", "Add owners", &[Action::AddOwner]),
    package_bound("update_owner", "Change the role of owners", &[Action::UpdateOwner]),
    package_bound("remove_owner", "Remove owners", &[Action::RemoveOwner]),
    account_wide("access_webhooks", "List, add, fire and remove webhooks", &[Action::ManageWebhooks])
        .not_served_yet(),
    package_bound(
        "configure_trusted_publishers",
        "Add and remove trusted publishers",
        &[Action::ManagePublishers],
    )
    .not_served_yet(),
];

/// A word about packages.
const fn package_bound(word: &'static str, plain: &'static str, actions: &'static [Action]) -> ScopeWord {
    ScopeWord { word, plain, actions, package_bound: true, exclusive: false, served: true }
}

/// A word about the whole account.
const fn account_wide(word: &'static str, plain: &'static str, actions: &'static [Action]) -> ScopeWord {
    ScopeWord { word, plain, actions, package_bound: false, exclusive: false, served: true }
}
