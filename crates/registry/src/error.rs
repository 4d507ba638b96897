use std::{fmt, time::Duration};

use domain::{InvalidEmailAddress, KeyProblems, Reason};

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How a use case ended when it did not do what was asked. Each face says it in its clients' words.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thing does not exist, or the caller may not know that it does.
    #[error("{0}")]
    NotFound(Missing),
    /// The caller may not.
    #[error("{0}")]
    Denied(Reason),
    /// The caller was invited to own the package, but has not confirmed.
    #[error("the ownership is not confirmed yet")]
    InvitationPending {
        /// Where the invitation went.
        email: String,
    },
    /// The mail address or handle and the password do not belong together.
    #[error("wrong name or password")]
    WrongPassword,
    /// The session that the request came with has ended.
    #[error("you are signed out: sign in and try again")]
    SessionEnded,
    /// Values that break a rule: one full sentence each.
    #[error("{}", .0.join(", "))]
    Invalid(Vec<String>),
    /// An account that cannot be like this.
    #[error("{0}")]
    InvalidUser(UserProblems),
    /// A key that cannot be like this.
    #[error("{0}")]
    InvalidKey(KeyProblems),
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(Conflict),
    /// Too many tries.
    #[error("too many tries")]
    Limited(Limited),
    /// The server has as much work as it can bear: nothing was done.
    #[error("the server is busy")]
    Busy {
        /// When it makes sense to try again.
        retry_after: Duration,
    },
    /// The upload is larger than allowed.
    #[error("the upload is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The client stopped sending.
    #[error("the upload ended early")]
    Interrupted,
    /// Something of ours failed. The cause is for the log, never for the caller.
    #[error("internal error: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is wrong with the words of an account: one full sentence for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserProblems {
    /// With its name.
    pub handle: Option<String>,
    /// With its mail address.
    pub email: Option<String>,
    /// With its password.
    pub password: Option<String>,
}

impl UserProblems {
    /// The sentences.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        [&self.handle, &self.email, &self.password].into_iter().flatten().map(String::as_str)
    }

    /// The name belongs to somebody, or did.
    pub(crate) fn taken() -> Self {
        Self { handle: Some("This name is taken. Please choose another one.".to_owned()), ..Self::default() }
    }

    pub(crate) fn of_email(problem: InvalidEmailAddress) -> Self {
        Self { email: Some(problem.to_string()), ..Self::default() }
    }

    pub(crate) fn of_password(problem: String) -> Self {
        Self { password: Some(problem), ..Self::default() }
    }
}

impl fmt::Display for UserProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(" "))
    }
}

impl From<UserProblems> for Error {
    fn from(problems: UserProblems) -> Self {
        Self::InvalidUser(problems)
    }
}

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// No such package.
    #[error("there is no such package")]
    Package,
    /// The package has no such version.
    #[error("there is no such version")]
    Release,
    /// No such account, or it is not an owner.
    #[error("there is no such owner")]
    Owner,
    /// No such account.
    #[error("there is no such account")]
    Account,
    /// No such key.
    #[error("there is no such key")]
    Key,
    /// No such page.
    #[error("there is no page at this address")]
    Page,
    /// No such session.
    #[error("there is no such session")]
    Session,
    /// The invitation was used, withdrawn, or is too old.
    #[error("this invitation is not valid any more")]
    Invitation,
    /// The link of a mail was used, replaced by a newer one, or is too old.
    #[error("this link is not valid any more, please ask for a new one")]
    Link,
}

/// What contradicts what is there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The version is published, with other bytes or by somebody else.
    #[error("the version is published already")]
    Published,
    /// The version was withdrawn; its number is never given out again.
    #[error("the version was withdrawn")]
    Withdrawn {
        /// Whether somebody published it who does not own the package any more.
        by_previous_owner: bool,
    },
    /// The name is live in another letter case.
    #[error("the name is live in another letter case")]
    LetterCase,
    /// Withdrawn already.
    #[error("the version is withdrawn already")]
    AlreadyWithdrawn,
    /// Not withdrawn.
    #[error("the version is not yanked")]
    NotWithdrawn,
    /// The account is locked already.
    #[error("the account is already locked")]
    AlreadyLocked,
    /// The account is not locked.
    #[error("the account is not locked")]
    NotLocked,
    /// The account owns the package already.
    #[error("the account is an owner already")]
    AlreadyOwner,
    /// The account was invited already.
    #[error("the account is invited already")]
    AlreadyInvited,
    /// The package has as many owners as it can have.
    #[error(
        "a package can have at most {limit} owners, including those who are invited: remove an owner first"
    )]
    TooManyOwners {
        /// The limit.
        limit: i64,
    },
    /// The package has as many open invitations as it can have.
    #[error("a package can have at most {limit} open invitations: revoke one that is no longer needed")]
    TooManyInvitations {
        /// The limit.
        limit: i64,
    },
    /// A package has to keep an owner.
    #[error("the last owner cannot be removed")]
    LastOwner,
    /// Nobody changes their own role.
    #[error("one cannot change one's own role")]
    OwnRole,
    /// The release is too old to be withdrawn.
    #[error("the version is too old to be withdrawn")]
    TooOld {
        /// The limit in days.
        days: u32,
    },
    /// The release was downloaded too often to be withdrawn.
    #[error("the version was downloaded too often to be withdrawn")]
    TooPopular {
        /// The limit.
        downloads: i64,
    },
    /// The handle or the mail address belongs to another account.
    #[error("the name or the mail address belongs to another account")]
    AccountExists,
    /// The account is the only owner of packages: nobody could manage them any more.
    #[error("the account is the only owner of {}: invite another owner first, or withdraw all their versions", .packages.join(", "))]
    OnlyOwner {
        /// The packages by name.
        packages: Vec<String>,
    },
    /// Somebody has to administer the server.
    #[error("this is the only administrator of the server: make another one first")]
    OnlyAdministrator,
    /// Visitors cannot make accounts themselves here.
    #[error("accounts are made by the administrators of this server")]
    SignUpClosed,
    /// The key is revoked already.
    #[error("the key is revoked already")]
    KeyRevoked,
    /// Another request did the same at the same moment.
    #[error("another request did the same at the same moment")]
    Raced,
}

/// Too many tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited {
    /// How long to wait.
    pub retry_after: Duration,
}

impl Error {
    /// How long to wait before trying again, where waiting helps. At least a second: `Retry-After` counts in whole seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        match *self {
            Self::Limited(Limited { retry_after }) | Self::Busy { retry_after } => {
                let begun = u64::from(retry_after.subsec_nanos() > 0);
                Some(Duration::from_secs((retry_after.as_secs() + begun).max(1)))
            }
            _ => None,
        }
    }

    /// Wraps a cause that only the log may tell.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Taken => Self::Conflict(Conflict::Raced),
            other => Self::internal(other),
        }
    }
}

impl From<blobs::Error> for Error {
    fn from(error: blobs::Error) -> Self {
        Self::internal(error)
    }
}

impl From<KeyProblems> for Error {
    fn from(problems: KeyProblems) -> Self {
        Self::InvalidKey(problems)
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::NotFound(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_to_wait_is_told_whole_seconds_that_are_enough() {
        let seconds = |wait: Duration| {
            let busy = Error::Busy { retry_after: wait }.retry_after();
            assert_eq!(busy, Error::Limited(Limited { retry_after: wait }).retry_after());
            busy.map(|wait| wait.as_secs())
        };
        assert_eq!(seconds(Duration::ZERO), Some(1));
        assert_eq!(seconds(Duration::from_millis(1)), Some(1));
        assert_eq!(seconds(Duration::from_millis(2001)), Some(3));
        assert_eq!(Error::WrongPassword.retry_after(), None);
    }
}
