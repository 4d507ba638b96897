//! The characters of a gem's name.

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameFault {
    NoLetter,
    BadCharacter,
    BadStart,
}

impl NameFault {
    /// The words of `gem build`.
    pub(crate) fn build_text(self) -> &'static str {
        match self {
            Self::NoLetter => "must include at least one letter",
            Self::BadCharacter => "can only include letters, numbers, dashes, and underscores",
            Self::BadStart => "cannot begin with a period, dash, or underscore",
        }
    }

    /// The words of a registry.
    pub(crate) fn registry_text(self) -> &'static str {
        match self {
            Self::NoLetter => "must include at least one letter",
            Self::BadCharacter => "can only include letters, numbers, periods, dashes, and underscores",
            Self::BadStart => "can not begin with a period, dash, or underscore",
        }
    }
}

/// Whether a character may be in names and platforms.
pub(crate) fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_separator(c)
}

/// Whether a character may be inside of a name, but not at its ends.
pub(crate) fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '_')
}

/// The first thing wrong with a name: `^(?=.*[a-zA-Z])[a-zA-Z0-9][a-zA-Z0-9._-]*$`.
pub(crate) fn fault(name: &str) -> Option<NameFault> {
    if !name.contains(|c: char| c.is_ascii_alphabetic()) {
        Some(NameFault::NoLetter)
    } else if !name.chars().all(is_allowed) {
        Some(NameFault::BadCharacter)
    } else if name.starts_with(is_separator) {
        Some(NameFault::BadStart)
    } else {
        None
    }
}
