//! Which packages a grant, or a whole key, is good for.

use thiserror::Error;

use crate::{Ecosystem, Glob, InvalidGlob, InvalidName, OwnershipId, PackageName};

/// The most names and globs that a key can have together. Each of them costs something in every list, in memory, and at each
/// decision.
pub const MOST_PATTERNS: usize = 500;

/// The packages that one grant is good for. The owner's standing on the package is wanted besides, always.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// Any package that the owner may act on, now or later.
    Any,
    /// One package, through the owner's ownership of it. It dies with that ownership and never publishes a
    /// new name.
    Owned {
        /// The ownership that the grant hangs on.
        ownership: OwnershipId,
        /// The package that is owned.
        package: PackageName,
    },
    /// One name, whether the package exists or not.
    Name(PackageName),
    /// All names that match, whether the packages exist or not.
    Glob(Glob),
}

impl Selector {
    /// Whether the package is among those selected.
    pub fn covers(&self, name: &PackageName) -> bool {
        match self {
            Self::Any => true,
            Self::Owned { package, .. } | Self::Name(package) => package == name,
            Self::Glob(glob) => glob.matches(name.key()),
        }
    }
}

/// Text that is neither a name nor a glob.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidPattern {
    /// Without a star it must be a name.
    #[error("The name of a package {0}.")]
    Name(#[from] InvalidName),
    /// With a star it must be a glob.
    #[error(transparent)]
    Glob(#[from] InvalidGlob),
}

/// A name or a glob over names, as people list them for a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NamePattern {
    /// One name.
    Name(PackageName),
    /// All names that match.
    Glob(Glob),
}

impl NamePattern {
    /// Reads what somebody typed: with a `*` a glob, else a name.
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Result<Self, InvalidPattern> {
        if text.contains('*') {
            Ok(Self::Glob(Glob::parse(text)?))
        } else {
            Ok(Self::Name(PackageName::parse(ecosystem, text)?))
        }
    }

    /// Returns the name or the glob as its owner wrote it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Name(name) => name.as_str(),
            Self::Glob(glob) => glob.as_str(),
        }
    }
}

impl From<&NamePattern> for Selector {
    fn from(pattern: &NamePattern) -> Self {
        match pattern {
            NamePattern::Name(name) => Self::Name(name.clone()),
            NamePattern::Glob(glob) => Self::Glob(glob.clone()),
        }
    }
}

/// What a whole key covers, wherever its words are about packages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Any package that the owner may act on, now or later.
    Any,
    /// One package, through the owner's ownership of it.
    Owned {
        /// The ownership that the key hangs on.
        ownership: OwnershipId,
        /// The package that is owned.
        package: PackageName,
    },
    /// Names and globs. An empty list covers nothing.
    Patterns(Vec<NamePattern>),
}

impl Selection {
    /// Returns one selector for each part of the selection.
    pub fn selectors(&self) -> Vec<Selector> {
        match self {
            Self::Any => vec![Selector::Any],
            Self::Owned { ownership, package } => {
                vec![Selector::Owned { ownership: *ownership, package: package.clone() }]
            }
            Self::Patterns(patterns) => patterns.iter().map(Selector::from).collect(),
        }
    }

    /// Returns how many parts the selection has.
    pub fn len(&self) -> usize {
        match self {
            Self::Any | Self::Owned { .. } => 1,
            Self::Patterns(patterns) => patterns.len(),
        }
    }

    /// Whether it has no part, and so covers nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the package is among those selected. Allocates nothing.
    pub fn covers(&self, name: &PackageName) -> bool {
        match self {
            Self::Any => true,
            Self::Owned { package, .. } => package == name,
            Self::Patterns(patterns) => patterns.iter().any(|pattern| match pattern {
                NamePattern::Name(listed) => listed == name,
                NamePattern::Glob(glob) => glob.matches(name.key()),
            }),
        }
    }

    /// Whether all packages that are named are of that ecosystem. Globs and [`Selection::Any`] name none.
    pub(crate) fn is_of(&self, ecosystem: Ecosystem) -> bool {
        match self {
            Self::Any => true,
            Self::Owned { package, .. } => package.ecosystem() == ecosystem,
            Self::Patterns(patterns) => patterns.iter().all(|pattern| match pattern {
                NamePattern::Name(name) => name.ecosystem() == ecosystem,
                NamePattern::Glob(_) => true,
            }),
        }
    }
}
