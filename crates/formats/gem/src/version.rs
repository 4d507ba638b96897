//! Version numbers and their order, as `Gem::Version` defines them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// A version number such as `1.0.0` or `2.0.0.rc1`.
///
/// The text is kept as written (without the white space around it); comparison is by segments, so `1.0` equals `1.0.0`.
/// Comparing takes time linear in the texts and needs no big numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    text: String,
}

/// The text is not a version number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Malformed version number string {0}")]
pub struct InvalidVersion(
    /// The text that was refused.
    pub String,
);

impl Version {
    /// Parses digits, then parts of letters and digits after dots, then perhaps a dash and more of the same.
    ///
    /// The empty text is a version for `Gem::Version.new`, but not here: nothing can be published under it.
    pub fn parse(text: &str) -> Result<Self, InvalidVersion> {
        let trimmed = trim(text);
        if is_well_formed(trimmed) {
            Ok(Self { text: trimmed.to_owned() })
        } else {
            Err(InvalidVersion(text.to_owned()))
        }
    }

    /// The version `0`, which stands for any version in `>= 0`.
    pub fn zero() -> Self {
        Self { text: "0".to_owned() }
    }

    /// The number as its author wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the number contains a letter (a dash counts, being short for `.pre.`).
    pub fn is_prerelease(&self) -> bool {
        self.text.bytes().any(|byte| byte.is_ascii_alphabetic() || byte == b'-')
    }

    /// The segments without the zeros that do not matter, joined with dots: equal for equal versions.
    ///
    /// This is `Gem::Version#canonical_segments`, except that versions made of zeros give `0` instead of nothing.
    pub fn canonical(&self) -> String {
        let expanded = self.expanded();
        let segments = canonical_segments(&expanded);
        if segments.is_empty() {
            return "0".to_owned();
        }
        segments.iter().map(Segment::as_str).collect::<Vec<_>>().join(".")
    }

    /// The text in which a dash is spelled `.pre.`, as `Gem::Version.new` does.
    fn expanded(&self) -> Cow<'_, str> {
        if self.text.contains('-') {
            Cow::Owned(self.text.replace('-', ".pre."))
        } else {
            Cow::Borrowed(&self.text)
        }
    }
}

/// One part of a number. A run of letters stands before any digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Segment<'a> {
    Letters(&'a str),
    /// Digits without leading zeros; zero itself is empty.
    Digits(&'a str),
}

impl<'a> Segment<'a> {
    const ZERO: Self = Self::Digits("");

    fn new(run: &'a str) -> Self {
        if run.starts_with(|first: char| first.is_ascii_digit()) {
            Self::Digits(run.trim_start_matches('0'))
        } else {
            Self::Letters(run)
        }
    }

    fn as_str(&self) -> &'a str {
        match *self {
            Self::Digits("") => "0",
            Self::Digits(text) | Self::Letters(text) => text,
        }
    }
}

impl Ord for Segment<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            // Without leading zeros, the longer number is the greater one.
            (Self::Digits(a), Self::Digits(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Self::Letters(a), Self::Letters(b)) => a.cmp(b),
            (Self::Letters(_), Self::Digits(_)) => Ordering::Less,
            (Self::Digits(_), Self::Letters(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Segment<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Cuts a number into runs of digits and runs of letters.
fn segments(text: &str) -> Vec<Segment<'_>> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|part| part.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()))
        .filter_map(|run| std::str::from_utf8(run).ok())
        .map(Segment::new)
        .collect()
}

/// The segments without trailing zeros, neither in the release part nor at the very end.
fn canonical_segments(text: &str) -> Vec<Segment<'_>> {
    let all = segments(text);
    let release_length =
        all.iter().position(|segment| matches!(segment, Segment::Letters(_))).unwrap_or(all.len());
    let (release, prerelease) = all.split_at(release_length);
    [without_trailing_zeros(release), without_trailing_zeros(prerelease)].concat()
}

fn without_trailing_zeros<'a, 'b>(segments: &'b [Segment<'a>]) -> &'b [Segment<'a>] {
    let length = segments.iter().rposition(|segment| *segment != Segment::ZERO).map_or(0, |last| last + 1);
    &segments[..length]
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.text == other.text {
            return Ordering::Equal;
        }
        let (left_text, right_text) = (self.expanded(), other.expanded());
        let (left, right) = (canonical_segments(&left_text), canonical_segments(&right_text));
        let length = left.len().max(right.len());
        let padded = |segments: Vec<_>| segments.into_iter().chain(std::iter::repeat(Segment::ZERO));
        padded(left).take(length).cmp(padded(right).take(length))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        canonical_segments(&self.expanded()).hash(state);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.text
    }
}

/// Cuts off what Ruby's `\s` and `strip` both regard as white space.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}'])
}

/// `[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?`
fn is_well_formed(text: &str) -> bool {
    let (release, suffix) = match text.split_once('-') {
        Some((release, suffix)) => (release, Some(suffix)),
        None => (text, None),
    };
    let filled = |part: &str, allowed: fn(u8) -> bool| !part.is_empty() && part.bytes().all(allowed);
    let mut release_parts = release.split('.');
    let starts_with_digits =
        release_parts.next().is_some_and(|part| filled(part, |byte| byte.is_ascii_digit()));
    starts_with_digits
        && release_parts.all(|part| filled(part, |byte| byte.is_ascii_alphanumeric()))
        && suffix.is_none_or(|suffix| {
            suffix.split('.').all(|part| filled(part, |byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        })
}
