//! Names of packages.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use thiserror::Error;

use crate::Ecosystem;

/// The longest gem name, in bytes (`RubyGems` model validations).
const GEM_LIMIT: usize = 255;
/// The longest package id, in bytes (`NuGet` rule for new ids, shared by the PowerShell Gallery).
const NUGET_LIMIT: usize = 100;
/// Endings that would make the address of a gem look like another resource.
const COMMON_EXTENSIONS: [&str; 4] = [".gem", ".json", ".html", ".gemspec"];

/// A rule that the name of a package breaks. The text continues a sentence that begins with the name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidName {
    /// There is no name.
    #[error("can't be blank")]
    Empty,
    /// More than the ecosystem allows.
    #[error("is too long (maximum is {limit} characters)")]
    TooLong {
        /// The most characters that are allowed.
        limit: usize,
    },
    /// `RubyGems`: a name of digits and marks only could be taken for a version.
    #[error("must include at least one letter")]
    NoLetter,
    /// `RubyGems`: a character outside the set.
    #[error("can only include letters, numbers, periods, dashes, and underscores")]
    ForbiddenCharacter,
    /// `RubyGems`: a mark at the start.
    #[error("can not begin with a period, dash, or underscore")]
    BeginsWithMark,
    /// `RubyGems`: a mark at the end.
    #[error("can not end with a period, dash, or underscore")]
    EndsWithMark,
    /// `RubyGems`: an ending that belongs to a file.
    #[error("can not end with a common file extension")]
    EndsWithExtension,
    /// `NuGet` and PowerShell: words of letters, digits and underscores, joined by single dots or dashes.
    #[error("must be words of letters, digits and underscores, joined by single dots or dashes")]
    NotJoinedWords,
}

/// The name of a package: as its owner writes it, and folded for comparing.
///
/// Two names are equal when they are of one ecosystem and differ at most in the case of ASCII letters.
#[derive(Clone)]
pub struct PackageName {
    ecosystem: Ecosystem,
    // Shared, as names stand in many grants.
    text: Arc<str>,
    key: Arc<str>,
}

impl PackageName {
    /// Checks a name from outside by the rules for new packages of the ecosystem.
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Result<Self, InvalidName> {
        match ecosystem {
            Ecosystem::RubyGems => check_gem(text)?,
            Ecosystem::NuGet | Ecosystem::PowerShell => check_nuget(text)?,
        }
        Ok(Self::stored(ecosystem, text.to_owned()))
    }

    /// Takes a name back from our own records, without checking: rules for new names may since have changed.
    pub fn stored(ecosystem: Ecosystem, text: String) -> Self {
        let key = text.to_ascii_lowercase().into();
        Self { ecosystem, text: text.into(), key }
    }

    /// Returns the name as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the name with ASCII letters in lower case: what records compare, sort and search by.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the ecosystem of the name.
    pub fn ecosystem(&self) -> Ecosystem {
        self.ecosystem
    }
}

/// Checks a gem name (`RubyGems` model validations, for new names).
fn check_gem(text: &str) -> Result<(), InvalidName> {
    let mark = |byte: &u8| matches!(byte, b'.' | b'-' | b'_');
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return Err(InvalidName::Empty);
    };
    if bytes.len() > GEM_LIMIT {
        Err(InvalidName::TooLong { limit: GEM_LIMIT })
    } else if !bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || mark(byte)) {
        Err(InvalidName::ForbiddenCharacter)
    } else if !bytes.iter().any(u8::is_ascii_alphabetic) {
        Err(InvalidName::NoLetter)
    } else if mark(first) {
        Err(InvalidName::BeginsWithMark)
    } else if mark(last) {
        Err(InvalidName::EndsWithMark)
    } else if COMMON_EXTENSIONS.iter().any(|extension| ends_with(bytes, extension.as_bytes())) {
        Err(InvalidName::EndsWithExtension)
    } else {
        Ok(())
    }
}

/// Whether the bytes end with those, whatever the case of ASCII letters.
fn ends_with(bytes: &[u8], ending: &[u8]) -> bool {
    bytes.len().checked_sub(ending.len()).is_some_and(|start| bytes[start..].eq_ignore_ascii_case(ending))
}

/// Checks a package id (`NuGet`: `[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*`, at most 100 characters, for new ids).
fn check_nuget(text: &str) -> Result<(), InvalidName> {
    if text.is_empty() {
        return Err(InvalidName::Empty);
    }
    // Counted in characters: a name in another script is refused for its letters, not for its length.
    if text.chars().count() > NUGET_LIMIT {
        return Err(InvalidName::TooLong { limit: NUGET_LIMIT });
    }
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if text.split(['.', '-']).all(word) { Ok(()) } else { Err(InvalidName::NotJoinedWords) }
}

impl PartialEq for PackageName {
    fn eq(&self, other: &Self) -> bool {
        self.ecosystem == other.ecosystem && self.key == other.key
    }
}

impl Eq for PackageName {}

impl PartialOrd for PackageName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PackageName {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.ecosystem, &self.key).cmp(&(other.ecosystem, &other.key))
    }
}

impl Hash for PackageName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.ecosystem, &self.key).hash(state);
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackageName({}:{})", self.ecosystem, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gem(text: &str) -> Result<PackageName, InvalidName> {
        PackageName::parse(Ecosystem::RubyGems, text)
    }

    fn nuget(text: &str) -> Result<PackageName, InvalidName> {
        PackageName::parse(Ecosystem::NuGet, text)
    }

    #[test]
    fn gem_names_follow_the_rules_of_rubygems() {
        let long = "a".repeat(256);
        let cases = [
            ("rack", Ok(())),
            ("Rack-test_2.x1", Ok(())),
            ("3d", Ok(())),
            ("gem", Ok(())),
            ("json", Ok(())),
            (&long[1..], Ok(())),
            (&long, Err(InvalidName::TooLong { limit: 255 })),
            ("", Err(InvalidName::Empty)),
            ("1.2", Err(InvalidName::NoLetter)),
            ("a b", Err(InvalidName::ForbiddenCharacter)),
            ("a\n", Err(InvalidName::ForbiddenCharacter)),
            ("ä", Err(InvalidName::ForbiddenCharacter)),
            ("a/b", Err(InvalidName::ForbiddenCharacter)),
            (".a", Err(InvalidName::BeginsWithMark)),
            ("-a", Err(InvalidName::BeginsWithMark)),
            ("_a", Err(InvalidName::BeginsWithMark)),
            ("a.", Err(InvalidName::EndsWithMark)),
            ("a-", Err(InvalidName::EndsWithMark)),
            ("a_", Err(InvalidName::EndsWithMark)),
            ("a.gem", Err(InvalidName::EndsWithExtension)),
            ("a.JSON", Err(InvalidName::EndsWithExtension)),
            ("a.html", Err(InvalidName::EndsWithExtension)),
            ("a.gemspec", Err(InvalidName::EndsWithExtension)),
        ];
        for (text, expected) in cases {
            assert_eq!(gem(text).map(|_| ()), expected, "{text:?}");
        }
    }

    #[test]
    fn refusals_of_gem_names_read_as_on_rubygems() {
        let text = |name| gem(name).unwrap_err().to_string();
        assert_eq!(text("1"), "must include at least one letter");
        assert_eq!(text("a b"), "can only include letters, numbers, periods, dashes, and underscores");
        assert_eq!(text("-a"), "can not begin with a period, dash, or underscore");
        assert_eq!(text("a-"), "can not end with a period, dash, or underscore");
        assert_eq!(text("a.gem"), "can not end with a common file extension");
    }

    #[test]
    fn package_ids_are_words_joined_by_single_marks() {
        for good in ["A", "_", "1", "con", "Fabrikam.Service-2.x_y", &"a".repeat(100)] {
            assert!(nuget(good).is_ok(), "{good}");
            assert!(PackageName::parse(Ecosystem::PowerShell, good).is_ok(), "{good}");
        }
        for bad in [".a", "a.", "a..b", "a.-b", "-a", "a b", "a*", "$id$", "a\n", "ä", "a/b"] {
            assert_eq!(nuget(bad), Err(InvalidName::NotJoinedWords), "{bad:?}");
        }
        assert_eq!(nuget(""), Err(InvalidName::Empty));
        assert_eq!(nuget(&"a".repeat(101)), Err(InvalidName::TooLong { limit: 100 }));
    }

    #[test]
    fn names_are_equal_whatever_their_case_but_not_across_ecosystems() {
        assert_eq!(nuget("Newtonsoft.Json"), nuget("newtonsoft.JSON"));
        assert_ne!(gem("rack"), nuget("rack"));
        let name = nuget("Newtonsoft.Json").unwrap();
        assert_eq!((name.as_str(), name.key()), ("Newtonsoft.Json", "newtonsoft.json"));
        assert_eq!(format!("{name:?}"), "PackageName(nuget:Newtonsoft.Json)");
    }

    #[test]
    fn a_stored_name_is_taken_as_it_is() {
        let name = PackageName::stored(Ecosystem::NuGet, "Grün.Paket".to_owned());
        assert_eq!(name.key(), "grün.paket");
    }
}
