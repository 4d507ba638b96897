//! The one place that says yes.

use jiff::Timestamp;
use thiserror::Error;

use crate::{Action, Key, KeyState, PackageName, Role, Scope, SecondFactor, Selector};

/// How a caller proved who they are.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// With a key.
    Key {
        /// The key that was found for the presented value, in the ecosystem that was asked.
        key: &'a Key,
        /// What the key may do: [`Key::scope`], computed once when the key was loaded.
        scope: &'a Scope,
    },
    /// By signing in to the pages: may do all that the account may.
    Session,
    /// By access to the server itself: may stop and undo everything, and publish nothing.
    Operator,
    /// Not at all, or with something that no record has.
    Unknown,
}

/// What the caller's account and its hold on the package are at this moment, read anew for each decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub account: AccountStanding,
    /// Its hold on the package.
    pub package: PackageStanding,
}

impl Standing {
    /// The operator has no account and owns nothing.
    pub const OPERATOR: Self = Self {
        account: AccountStanding {
            confirmed: true,
            locked: false,
            second_factor: SecondFactor::Disabled,
            otp_proven: false,
        },
        package: PackageStanding::Stranger,
    };
}

/// The present condition of the caller's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountStanding {
    /// Whether the mail address has been confirmed.
    pub confirmed: bool,
    /// Whether an administrator has locked the account.
    pub locked: bool,
    /// Where the account is asked for its second factor.
    pub second_factor: SecondFactor,
    /// Whether this very request came with a second factor that was right.
    pub otp_proven: bool,
}

/// The caller's present hold on the package that an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageStanding {
    /// The action is not about one package, or the package is not yet known.
    None,
    /// Nobody holds the name, or it is free to be taken again.
    Unclaimed,
    /// The registry keeps the name back: nobody may publish under it, owners included. For actions other than
    /// publishing, report the membership instead.
    Reserved,
    /// The account holds the package in that role.
    Member(Role),
    /// Others hold the package.
    Stranger,
}

/// What [`decide`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Permitted(Authority),
    /// It may not.
    Denied(Reason),
}

impl Decision {
    /// Whether it may be done.
    pub fn is_permitted(self) -> bool {
        matches!(self, Self::Permitted(_))
    }

    /// Returns what permitted it, or the reason against it as an error.
    pub fn permitted(self) -> Result<Authority, Reason> {
        match self {
            Self::Permitted(authority) => Ok(authority),
            Self::Denied(reason) => Err(reason),
        }
    }
}

/// What permitted an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The grant of that number in the scope of the key.
    Grant(usize),
    /// The session of the account.
    Session,
    /// The operator's access to the server.
    Operator,
}

/// Why an action was refused. The text is for logs and our own pages; each face has its own words for its
/// clients, and tells no more than the caller may know.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No credential, or none that is on record.
    #[error("the caller is not known")]
    Unknown,
    /// The key's time is over, or it went unused for too long.
    #[error("the key is expired")]
    Expired,
    /// The key was deleted, reset or replaced. To callers this looks like [`Reason::Unknown`].
    #[error("the key was deleted")]
    Revoked,
    /// The account has not confirmed its mail address.
    #[error("the account's mail address is not confirmed")]
    AccountUnconfirmed,
    /// An administrator has locked the account.
    #[error("the account is locked")]
    AccountLocked,
    /// The key's owner lost the package that the key was bound to.
    #[error("the key was bound to a package that its owner lost")]
    OwnershipLost,
    /// The request must come with a second factor.
    #[error("a second factor is wanted")]
    SecondFactorWanted,
    /// The key has no grant of this action.
    #[error("the key does not grant this action")]
    ActionNotGranted,
    /// The key grants this action, but not on this package.
    #[error("the key does not cover this package")]
    PackageNotCovered,
    /// The registry keeps this name back.
    #[error("the name is reserved")]
    NameReserved,
    /// The account does not hold the package, or not in the role that the action needs; or, for a new name,
    /// somebody holds it.
    #[error("the account may not do this with the package")]
    NotOwner,
}

impl Reason {
    /// Returns the word for this reason in logs and audit events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::AccountUnconfirmed => "account_unconfirmed",
            Self::AccountLocked => "account_locked",
            Self::OwnershipLost => "ownership_lost",
            Self::SecondFactorWanted => "second_factor_wanted",
            Self::ActionNotGranted => "action_not_granted",
            Self::PackageNotCovered => "package_not_covered",
            Self::NameReserved => "name_reserved",
            Self::NotOwner => "not_owner",
        }
    }
}

/// Decides whether the caller may do this now: the credential must grant it *and* the account must have the
/// standing for it. Of several reasons against it, the one that [`Reason`] lists first is given.
///
/// With `package: None` for an action about a package this is the early check, before an upload is read: a
/// grant of the action on any packages suffices, and the standing on the package is not looked at. It must be
/// followed by the whole check once the package is known. A push that may turn out to be of a new name or of
/// a new version is let through by the early check when either is permitted.
///
/// The instant counts for the key's state only; the standing must be of this moment. Nothing is allocated.
pub fn decide(
    credential: Credential<'_>,
    standing: &Standing,
    action: Action,
    package: Option<&PackageName>,
    now: Timestamp,
) -> Decision {
    let authority = check_account(credential, standing.account, action, now)
        .and_then(|()| find_authority(credential, action, package))
        .and_then(|authority| {
            if authority != Authority::Operator {
                check_package(standing.package, action, package.is_some())?;
            }
            Ok(authority)
        });
    match authority {
        Ok(authority) => Decision::Permitted(authority),
        Err(reason) => Decision::Denied(reason),
    }
}

/// Checks the credential and the account behind it, whatever the package.
fn check_account(
    credential: Credential<'_>,
    account: AccountStanding,
    action: Action,
    now: Timestamp,
) -> Result<(), Reason> {
    let key = match credential {
        Credential::Key { key, .. } => Some(key),
        Credential::Session | Credential::Operator => None,
        Credential::Unknown => return Err(Reason::Unknown),
    };
    let state = key.map_or(KeyState::Active, |key| key.state(now));
    match state {
        KeyState::Revoked => return Err(Reason::Revoked),
        KeyState::Expired | KeyState::Retired => return Err(Reason::Expired),
        KeyState::Active | KeyState::OwnershipLost => {}
    }
    if !account.confirmed {
        return Err(Reason::AccountUnconfirmed);
    }
    if account.locked {
        return Err(Reason::AccountLocked);
    }
    if state == KeyState::OwnershipLost {
        return Err(Reason::OwnershipLost);
    }
    let asks = key.is_some_and(|key| key.asks_for_otp(account.second_factor));
    if asks && action.is_guarded_by_second_factor() && !account.otp_proven {
        return Err(Reason::SecondFactorWanted);
    }
    Ok(())
}

/// Finds what in the credential covers this action on this package.
fn find_authority(
    credential: Credential<'_>,
    action: Action,
    package: Option<&PackageName>,
) -> Result<Authority, Reason> {
    match credential {
        Credential::Key { key, scope } => {
            // A glob knows no ecosystem: that a key is good in its own only is seen to here.
            let elsewhere = package.is_some_and(|package| package.ecosystem() != key.ecosystem);
            find_grant(scope, action, package, elsewhere).map(Authority::Grant)
        }
        Credential::Session => Ok(Authority::Session),
        Credential::Operator if action.publishes() => Err(Reason::ActionNotGranted),
        Credential::Operator => Ok(Authority::Operator),
        Credential::Unknown => Err(Reason::Unknown),
    }
}

/// Finds the first grant that covers this action on this package. None does for a package that is
/// `elsewhere`.
fn find_grant(
    scope: &Scope,
    action: Action,
    package: Option<&PackageName>,
    elsewhere: bool,
) -> Result<usize, Reason> {
    let mut denial = Reason::ActionNotGranted;
    for (number, grant) in scope.iter().enumerate() {
        if grant.action != action {
            continue;
        }
        if !elsewhere && covers(&grant.selector, action, package) {
            return Ok(number);
        }
        denial = Reason::PackageNotCovered;
    }
    Err(denial)
}

/// Whether the selector of a grant of this action covers the package. What hangs on an ownership can never
/// publish a new name: a name that is owned is not new.
fn covers(selector: &Selector, action: Action, package: Option<&PackageName>) -> bool {
    let Some(package) = package else { return true };
    let new_name_by_ownership = action == Action::PublishNew && matches!(selector, Selector::Owned { .. });
    !new_name_by_ownership && selector.covers(package)
}

/// Checks the account's hold on the package. Without a package there is nothing to check yet.
fn check_package(standing: PackageStanding, action: Action, known: bool) -> Result<(), Reason> {
    if !known {
        return Ok(());
    }
    if action.publishes() && standing == PackageStanding::Reserved {
        return Err(Reason::NameReserved);
    }
    let suffices = match action {
        Action::PublishNew => standing == PackageStanding::Unclaimed,
        Action::PublishVersion | Action::Withdraw | Action::Restore => {
            matches!(standing, PackageStanding::Member(_))
        }
        Action::AddOwner | Action::UpdateOwner | Action::RemoveOwner | Action::ManagePublishers => {
            standing == PackageStanding::Member(Role::Owner)
        }
        Action::ListOwn | Action::ManageWebhooks | Action::ReadDashboard | Action::Read => true,
    };
    if suffices { Ok(()) } else { Err(Reason::NotOwner) }
}
