//! What a caller may ask for.

use crate::named::named;

named! {
    /// One thing that a caller may be allowed to do. Scope words of an ecosystem stand for one or more of
    /// these.
    pub enum Action is "an action" {
        /// List the packages that the account owns.
        ListOwn => "list_own",
        /// Publish the first version of a name that nobody holds.
        PublishNew => "publish_new",
        /// Publish a further version of a package.
        PublishVersion => "publish_version",
        /// Take a version out of the indexes: yank, unlist.
        Withdraw => "withdraw",
        /// Put a withdrawn version back: relist, unyank.
        Restore => "restore",
        /// Invite an owner.
        AddOwner => "add_owner",
        /// Change the role of an owner.
        UpdateOwner => "update_owner",
        /// Remove an owner.
        RemoveOwner => "remove_owner",
        /// List, add, fire and remove webhooks.
        ManageWebhooks => "manage_webhooks",
        /// Read the account's feed of news about its packages.
        ReadDashboard => "read_dashboard",
        /// Add and remove trusted publishers.
        ManagePublishers => "manage_publishers",
        /// Read packages where reading is not open to everybody.
        Read => "read",
    }
}

impl Action {
    /// Whether this publishes bytes under a name.
    pub const fn publishes(self) -> bool {
        matches!(self, Self::PublishNew | Self::PublishVersion)
    }

    /// Whether a second factor can be wanted for this action.
    ///
    /// `RubyGems` asks at push, yank, owner and trusted publisher calls, and never at lists, webhooks and the
    /// feed.
    pub const fn is_guarded_by_second_factor(self) -> bool {
        match self {
            Self::PublishNew
            | Self::PublishVersion
            | Self::Withdraw
            | Self::Restore
            | Self::AddOwner
            | Self::UpdateOwner
            | Self::RemoveOwner
            | Self::ManagePublishers => true,
            Self::ListOwn | Self::ManageWebhooks | Self::ReadDashboard | Self::Read => false,
        }
    }
}
