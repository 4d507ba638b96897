//! The rules that a request about a key can break.

use std::fmt;

use thiserror::Error;

use crate::{Ecosystem, ExpiryRule, InvalidGlob, InvalidName};

/// A part of a key that an ecosystem may lock after the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// The scope words.
    Words,
    /// What the key is bound to.
    Selection,
    /// Whether the key wants a second factor.
    SecondFactor,
}

impl fmt::Display for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Words => "scopes",
            Self::Selection => "packages",
            Self::SecondFactor => "second factor",
        })
    }
}

/// The part of a request about a key that a problem is about: where people look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyField {
    /// What the key is called.
    Name,
    /// The scope words.
    Scopes,
    /// The packages.
    Packages,
    /// The globs among them.
    Globs,
    /// When it ends.
    Expiry,
    /// The second factor.
    SecondFactor,
    /// None of them: the key as a whole.
    Key,
}

/// One rule that a request about a key breaks. `Display` is a plain sentence for people; see
/// [`KeyProblem::wire`] for what clients of `RubyGems` print.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyProblem {
    /// The name is empty or blank.
    #[error("The key needs a name.")]
    NameBlank,
    /// The name has too many characters.
    #[error("The name of the key has at most {limit} characters.")]
    NameTooLong {
        /// The most characters that are allowed.
        limit: usize,
    },
    /// The name has line breaks or other control characters, which would garble lists, logs and mails.
    #[error("The name of the key cannot have line breaks or other control characters.")]
    NameHasControlCharacters,
    /// No scope word.
    #[error("Choose at least one scope.")]
    NoScope,
    /// Words that the ecosystem does not know.
    #[error("There is no scope `{}`. The scopes are `{}`.", missing(.got, .known), .known.join("`, `"))]
    UnknownScopes {
        /// Every word that was asked for.
        got: Vec<String>,
        /// The words that there are.
        known: Vec<&'static str>,
    },
    /// An exclusive word together with others.
    #[error("The scope `{word}` cannot be combined with others.")]
    ExclusiveScope {
        /// The exclusive word.
        word: &'static str,
    },
    /// An empty list of packages, which would cover nothing.
    #[error("Choose the packages of the key. For all packages, say so.")]
    NothingSelected,
    /// More names and globs than a key can have.
    #[error(
        "A key can have at most {limit} packages and patterns together. Use patterns that match several packages, or create \
         several keys."
    )]
    TooManyPatterns {
        /// The most that are allowed.
        limit: usize,
    },
    /// Packages were chosen, but no word is about packages.
    #[error("Packages can be chosen only for scopes that are about packages.")]
    NoScopeForSelection,
    /// One owned package was chosen where keys are bound to names and patterns.
    #[error("Keys of this kind are bound to names and patterns, not to an ownership.")]
    OwnershipNotOffered,
    /// A package of another ecosystem was chosen.
    #[error("A key is good in one ecosystem only; a chosen package is of another.")]
    OtherEcosystem,
    /// Text that is no name of a package.
    #[error("The package name `{text}` {reason}.")]
    BadName {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: InvalidName,
    },
    /// Text that is no glob.
    #[error("The glob `{text}` cannot be used. {reason}")]
    BadGlob {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: InvalidGlob,
    },
    /// The chosen package does not exist. Found by the use case, which knows the records.
    #[error("The chosen package does not exist.")]
    PackageNotFound,
    /// The chosen package is not the account's own. Found by the use case, which knows the records.
    #[error("The chosen package is not one that you own.")]
    PackageNotOwned,
    /// The expiry is not at least a minute ahead, or too far ahead to be written down.
    #[error("The expiry must lie at least a minute in the future.")]
    ExpiryNotInFuture,
    /// Without expiry, where every key must have one.
    #[error("A key must expire. {}", offered(*.rule))]
    MustExpire {
        /// What can be chosen.
        rule: ExpiryRule,
    },
    /// A lifetime that is not offered.
    #[error("A key cannot be made for that time. {}", offered(*.rule))]
    LifetimeNotOffered {
        /// What can be chosen.
        rule: ExpiryRule,
    },
    /// A second factor on a key whose clients cannot send one.
    #[error("Keys of this kind cannot ask for a second factor.")]
    SecondFactorNotOffered,
    /// A second factor on a key, before this server can ask for one.
    #[error("Two-factor authentication is not available on this server yet, so a key cannot require it.")]
    SecondFactorNotAvailable,
    /// A part that cannot be changed after the making.
    #[error("The {part} of this key cannot be changed. Make a new key.")]
    Locked {
        /// The part that was to change.
        part: KeyPart,
    },
    /// The account has as many working keys as it can have. Found by the use case, which knows the records.
    #[error("An account can have at most {limit} API keys that work. Delete keys that are no longer needed.")]
    TooManyKeys {
        /// The most that are allowed.
        limit: usize,
    },
    /// All working keys of the account together would have more names and globs than they can have. Found by the use case.
    #[error(
        "The API keys of an account can have at most {limit} packages and patterns in all. Use patterns that match several \
         packages, or delete keys that are no longer needed."
    )]
    TooManyPatternsInAll {
        /// The most that are allowed.
        limit: usize,
    },
    /// A legacy key that can only be deleted.
    #[error("A full access key from before there were scopes can only be deleted.")]
    LegacyLocked,
    /// The ecosystem does not regenerate keys, or this key was not made for a number of days.
    #[error("This key cannot be regenerated. Make a new key.")]
    NotRegenerable,
    /// The key is expired.
    #[error("The key is expired. Make a new key.")]
    Expired,
    /// The key was deleted, reset or replaced.
    #[error("The key was deleted. Make a new key.")]
    Revoked,
    /// The owner lost the package that the key was bound to.
    #[error("You no longer own the package that this key was bound to. Delete the key and make a new one.")]
    OwnershipLost,
}

impl KeyProblem {
    /// Returns the part of a request that the problem is about.
    pub fn field(&self) -> KeyField {
        match self {
            Self::NameBlank | Self::NameTooLong { .. } | Self::NameHasControlCharacters => KeyField::Name,
            Self::NoScope
            | Self::UnknownScopes { .. }
            | Self::ExclusiveScope { .. }
            | Self::Locked { part: KeyPart::Words } => KeyField::Scopes,
            Self::NothingSelected
            | Self::TooManyPatterns { .. }
            | Self::TooManyPatternsInAll { .. }
            | Self::NoScopeForSelection
            | Self::OwnershipNotOffered
            | Self::OtherEcosystem
            | Self::BadName { .. }
            | Self::PackageNotFound
            | Self::PackageNotOwned
            | Self::Locked { part: KeyPart::Selection } => KeyField::Packages,
            Self::BadGlob { .. } => KeyField::Globs,
            Self::ExpiryNotInFuture | Self::MustExpire { .. } | Self::LifetimeNotOffered { .. } => {
                KeyField::Expiry
            }
            Self::SecondFactorNotOffered
            | Self::SecondFactorNotAvailable
            | Self::Locked { part: KeyPart::SecondFactor } => KeyField::SecondFactor,
            Self::TooManyKeys { .. }
            | Self::LegacyLocked
            | Self::NotRegenerable
            | Self::Expired
            | Self::Revoked
            | Self::OwnershipLost => KeyField::Key,
        }
    }

    /// Returns the text that `RubyGems` has for this problem, without the full stop where it has none;
    /// clients print it as it is. Problems that are ours alone keep their plain sentence.
    pub fn wire(&self) -> String {
        match self {
            Self::NameBlank => "Name can't be blank".to_owned(),
            Self::NameTooLong { limit } => format!("Name is too long (maximum is {limit} characters)"),
            Self::NoScope => "Please enable at least one scope".to_owned(),
            Self::UnknownScopes { got, known } => {
                format!("Scopes scopes must be from {known:?}, got: {got:?}")
            }
            Self::ExclusiveScope { word } => {
                format!("{} scope must be enabled exclusively", humanized(word))
            }
            Self::NoScopeForSelection => {
                "Rubygem scope can only be set for push/yank rubygem, and add/remove owner scopes".to_owned()
            }
            Self::PackageNotFound => "Rubygem could not be found".to_owned(),
            Self::PackageNotOwned => "Rubygem must be a gem that you are an owner of".to_owned(),
            Self::ExpiryNotInFuture => "Expires at must be in the future".to_owned(),
            Self::Expired | Self::Revoked => {
                "An expired API key cannot be used. Please create a new one.".to_owned()
            }
            Self::OwnershipLost => {
                "An invalid API key cannot be used. Please delete it and create a new one.".to_owned()
            }
            _ => self.to_string(),
        }
    }

    /// Returns the text for clients of that ecosystem.
    pub fn text_for(&self, ecosystem: Ecosystem) -> String {
        match ecosystem {
            Ecosystem::RubyGems => self.wire(),
            Ecosystem::NuGet | Ecosystem::PowerShell => self.to_string(),
        }
    }
}

/// Returns `show_dashboard` as `Show dashboard`.
fn humanized(word: &str) -> String {
    let mut text = word.replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Joins the words that were asked for but do not exist.
fn missing(got: &[String], known: &[&str]) -> String {
    let missing: Vec<_> = got.iter().map(String::as_str).filter(|word| !known.contains(word)).collect();
    missing.join("`, `")
}

/// Says what lifetimes there are.
fn offered(rule: ExpiryRule) -> String {
    match rule {
        ExpiryRule::OptionalInstant => "Choose an instant in the future, or none.".to_owned(),
        ExpiryRule::Days { min, max, .. } => format!("Choose {min} to {max} days."),
        ExpiryRule::Choice { offered, .. } => {
            let days: Vec<_> = offered.iter().map(u16::to_string).collect();
            let (last, rest) = days.split_last().expect("a choice of lifetimes is never empty");
            format!("Choose {} or {last} days.", rest.join(", "))
        }
    }
}

/// Every rule that a request breaks: at least one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
pub struct KeyProblems(Vec<KeyProblem>);

impl KeyProblems {
    /// Returns the value if there are no problems, else the problems.
    pub(crate) fn none_or<T>(problems: Vec<KeyProblem>, value: impl FnOnce() -> T) -> Result<T, Self> {
        Self::of(problems).map_or_else(|| Ok(value()), Err)
    }

    /// Returns the problems, or nothing when there are none.
    pub fn of(problems: Vec<KeyProblem>) -> Option<Self> {
        if problems.is_empty() { None } else { Some(Self(problems)) }
    }

    /// Adds problems that only the records can tell, to be reported with the others.
    #[must_use]
    pub fn with(mut self, problems: Self) -> Self {
        self.0.extend(problems);
        self
    }

    /// Returns the problems one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, KeyProblem> {
        self.0.iter()
    }

    /// Joins the texts of [`KeyProblem::wire`] as `RubyGems` does: `A`, `A and B`, `A, B, and C`.
    pub fn sentence(&self) -> String {
        let texts: Vec<_> = self.iter().map(KeyProblem::wire).collect();
        match texts.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [first @ .., last] => format!("{}, and {last}", first.join(", ")),
        }
    }
}

impl From<KeyProblem> for KeyProblems {
    fn from(problem: KeyProblem) -> Self {
        Self(vec![problem])
    }
}

impl IntoIterator for KeyProblems {
    type Item = KeyProblem;
    type IntoIter = std::vec::IntoIter<KeyProblem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a KeyProblems {
    type Item = &'a KeyProblem;
    type IntoIter = std::slice::Iter<'a, KeyProblem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
