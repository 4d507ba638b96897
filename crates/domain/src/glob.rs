//! Globs over names of packages.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;

/// The longest glob, in bytes.
const LIMIT: usize = 256;

/// A rule that a glob breaks.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidGlob {
    /// There is nothing to match.
    #[error("A pattern cannot be empty. Use `*` for all packages.")]
    Empty,
    /// More than 256 bytes.
    #[error("A pattern has at most {LIMIT} characters.")]
    TooLong,
    /// Something that no name contains and that is not `*`.
    #[error("A pattern has only letters, digits, `.`, `-`, `_` and `*`; only `*` is special.")]
    ForbiddenCharacter,
}

/// A pattern for names: `*` stands for any characters or none, everything else for itself, whatever the case
/// of ASCII letters. The whole name must match.
///
/// Matching takes time linear in the lengths of pattern and name, and allocates nothing.
#[derive(Clone)]
pub struct Glob {
    // Shared by the grants of a key: it has one of each pattern for each of its actions.
    text: Arc<str>,
    /// The text in lower case.
    folded: Arc<[u8]>,
    /// For each place in a piece (the bytes between two stars): how many of the piece's first bytes the bytes
    /// up to and including this place end with, other than all of them. Knuth, Morris and Pratt's table, made
    /// once.
    borders: Arc<[u8]>,
    /// What lies between the first and the last star, or `None` without a star.
    inner: Option<Range<usize>>,
}

impl Glob {
    /// Checks a pattern from outside: 1 to 256 characters of names and `*`.
    pub fn parse(text: &str) -> Result<Self, InvalidGlob> {
        if text.is_empty() {
            return Err(InvalidGlob::Empty);
        }
        if text.len() > LIMIT {
            return Err(InvalidGlob::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_*".contains(&byte)) {
            return Err(InvalidGlob::ForbiddenCharacter);
        }
        let folded = Arc::<[u8]>::from(text.to_ascii_lowercase().into_bytes());
        let first = folded.iter().position(|&byte| byte == b'*');
        let last = folded.iter().rposition(|&byte| byte == b'*');
        // One lone star is both the first and the last: nothing lies between.
        let inner = first.zip(last).map(|(first, last)| (first + 1).min(last)..last);
        Ok(Self { text: text.into(), borders: borders(&folded), folded, inner })
    }

    /// Returns the pattern as its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns what every name that matches begins with, in lower case: the text before the first star.
    pub fn prefix(&self) -> &str {
        std::str::from_utf8(self.head()).expect("a glob is ASCII")
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        let name = name.as_bytes();
        let Some(inner) = &self.inner else {
            return name.eq_ignore_ascii_case(&self.folded);
        };
        let head = self.head();
        let tail = &self.folded[inner.end + 1..];
        let Some(middle_len) = name.len().checked_sub(head.len() + tail.len()) else {
            return false;
        };
        let (start, rest) = name.split_at(head.len());
        let (middle, end) = rest.split_at(middle_len);
        start.eq_ignore_ascii_case(head)
            && end.eq_ignore_ascii_case(tail)
            && self.has_pieces_in_order(inner.clone(), middle)
    }

    /// Returns what stands before the first star.
    fn head(&self) -> &[u8] {
        self.folded.split(|&byte| byte == b'*').next().unwrap_or_default()
    }

    /// Whether the pieces of that part of the pattern occur in the text one after another. To take the first
    /// place where a piece occurs is always right: it leaves the most for the pieces after it.
    fn has_pieces_in_order(&self, part: Range<usize>, text: &[u8]) -> bool {
        let mut rest = text;
        let mut start = part.start;
        for piece in self.folded[part].split(|&byte| byte == b'*') {
            let Some(end) = end_of_first(piece, &self.borders[start..], rest) else {
                return false;
            };
            rest = &rest[end..];
            start += piece.len() + 1;
        }
        true
    }
}

/// Returns where the first occurrence of the piece in the text ends.
fn end_of_first(piece: &[u8], borders: &[u8], text: &[u8]) -> Option<usize> {
    if piece.is_empty() {
        return Some(0);
    }
    let mut matched = 0;
    for (at, byte) in text.iter().enumerate() {
        let byte = byte.to_ascii_lowercase();
        while matched > 0 && piece[matched] != byte {
            matched = usize::from(borders[matched - 1]);
        }
        if piece[matched] == byte {
            matched += 1;
        }
        if matched == piece.len() {
            return Some(at + 1);
        }
    }
    None
}

/// Makes the table that [`end_of_first`] falls back by, for all pieces of a pattern at once.
fn borders(folded: &[u8]) -> Arc<[u8]> {
    let mut table = Vec::with_capacity(folded.len());
    for piece in folded.split(|&byte| byte == b'*') {
        push_borders(piece, &mut table);
        // The place of the star itself, so that places in the table and in the pattern agree.
        table.push(0);
    }
    table.into()
}

/// Appends the borders of one piece.
fn push_borders(piece: &[u8], table: &mut Vec<u8>) {
    let start = table.len();
    let mut border: u8 = 0;
    for (at, byte) in piece.iter().enumerate() {
        if at > 0 {
            while border > 0 && piece[usize::from(border)] != *byte {
                border = table[start + usize::from(border) - 1];
            }
            if piece[usize::from(border)] == *byte {
                border += 1;
            }
        }
        table.push(border);
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Glob {}

impl Hash for Glob {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::parse(text).unwrap()
    }

    #[test]
    fn a_glob_matches_the_whole_name_and_only_the_star_is_special() {
        let cases = [
            ("*", "anything", true),
            ("*", "", true),
            ("**", "a", true),
            ("somepackage", "SomePackage", true),
            ("some", "SomePackage", false),
            ("Fabrikam.Service.*", "fabrikam.service.framework", true),
            ("Fabrikam.Service.*", "Fabrikam.Service", false),
            ("Fabrikam.Service.*", "Fabrikam.Service.", true),
            ("Fabrikam.*", "Fabrikam.A.B.C", true),
            ("Fabrikam.*", "FabrikamXA", false),
            ("Fabrikam*", "FabrikamX", true),
            ("Fabrikam*", "Fabrikam", true),
            ("*.Tests", "A.B.Tests", true),
            ("*.Tests", "A.B.Tests.C", false),
            ("Microsoft.*.Abstract", "microsoft.aspnet.mvc.abstract", true),
            ("Microsoft.*.Abstract", "Microsoft.Abstract", false),
            ("*Test*", "MyTestKit", true),
            ("*Test*", "MyTeKit", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*aab*aab*", "aaab", false),
            ("*aab*aab*", "xaaabaaaby", true),
            ("*abab*c", "abaababac", true),
            ("*a*b*c*", "cba", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(glob(pattern).matches(name), expected, "{pattern} on {name}");
        }
    }

    #[test]
    fn a_glob_is_refused_for_characters_that_no_name_has() {
        for bad in ["a?c", "[a]", "a b", "a/b", "^a", "a+", "a\\*", "a*\n", "ä*", "%", "a{b}"] {
            assert_eq!(Glob::parse(bad), Err(InvalidGlob::ForbiddenCharacter), "{bad:?}");
        }
        assert_eq!(Glob::parse(""), Err(InvalidGlob::Empty));
        assert_eq!(Glob::parse(&"a".repeat(257)), Err(InvalidGlob::TooLong));
        assert!(Glob::parse(&"a".repeat(256)).is_ok());
        assert!(Glob::parse(&"*".repeat(256)).is_ok());
    }

    #[test]
    fn a_glob_keeps_its_text_and_is_equal_whatever_its_case() {
        assert_eq!(glob("Fabrikam.*").as_str(), "Fabrikam.*");
        assert_eq!(glob("Fabrikam.*"), glob("fabrikam.*"));
        assert_ne!(glob("a*"), glob("*a"));
    }

    #[test]
    fn a_glob_tells_what_all_its_names_begin_with() {
        for (pattern, prefix) in
            [("Fabrikam.*", "fabrikam."), ("*", ""), ("*.Tests", ""), ("Hola", "hola"), ("a*b*", "a")]
        {
            assert_eq!(glob(pattern).prefix(), prefix, "{pattern}");
        }
    }

    #[test]
    fn the_longest_piece_has_borders_that_fit() {
        let pattern = format!("*{}*", "a".repeat(254));
        assert!(glob(&pattern).matches(&"a".repeat(300)));
        assert!(!glob(&pattern).matches(&"a".repeat(253)));
    }

    /// Every text of that many letters, each `a` or `b`.
    fn texts(len: usize) -> impl Iterator<Item = String> {
        let letter = |bits: usize, at| if bits >> at & 1 == 0 { 'a' } else { 'b' };
        (0..1 << len).map(move |bits| (0..len).map(|at| letter(bits, at)).collect())
    }

    #[test]
    fn pieces_that_repeat_themselves_are_found_wherever_they_are() {
        let names: Vec<_> = texts(11).collect();
        for piece in (1..=7).flat_map(texts) {
            let (alone, behind) = (glob(&format!("*{piece}*")), glob(&format!("*b*{piece}*")));
            for name in &names {
                assert_eq!(alone.matches(name), name.contains(&piece), "{piece} in {name}");
                let after = name.split_once('b').map_or("", |(_, rest)| rest);
                assert_eq!(behind.matches(name), after.contains(&piece), "{piece} after b in {name}");
            }
        }
    }

    /// A matcher that tries every way would never come back from the first of these.
    #[test]
    fn hostile_patterns_are_matched_a_hundred_thousand_times_in_an_instant() {
        let stars = glob(&"*".repeat(100));
        let letters = "a".repeat(100);
        let late = glob(&format!("{}*b*", "*a".repeat(50)));
        let piece = glob(&format!("*{}b*", "a".repeat(50)));
        for _ in 0..100_000 {
            assert!(stars.matches(&letters));
            assert!(!late.matches(&letters));
            assert!(!piece.matches(&letters));
        }
    }
}
