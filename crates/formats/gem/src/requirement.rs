//! Requirements on versions, as `Gem::Requirement` defines them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::version::{Version, trim};

/// What a clause asks of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`: this version.
    Equal,
    /// `!=`: any version but this.
    NotEqual,
    /// `>`: newer than this.
    Greater,
    /// `<`: older than this.
    Less,
    /// `>=`: this or newer.
    GreaterOrEqual,
    /// `<=`: this or older.
    LessOrEqual,
    /// `~>`: this or newer, up to the next step of the last segment but one.
    Pessimistic,
}

impl Operator {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
            Self::Pessimistic => "~>",
        }
    }

    /// Reads `=`, `!=`, `>`, `<`, `>=`, `<=` or `~>`.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Equal,
            Self::NotEqual,
            Self::Greater,
            Self::Less,
            Self::GreaterOrEqual,
            Self::LessOrEqual,
            Self::Pessimistic,
        ]
        .into_iter()
        .find(|operator| operator.as_str() == text)
    }
}

/// One condition, such as `>= 1.2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Clause {
    /// What is asked.
    pub operator: Operator,
    /// Of which version.
    pub version: Version,
}

/// The conditions that a version must all meet; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Requirement {
    clauses: Vec<Clause>,
}

/// The text is not a requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Illformed requirement [{0:?}]")]
pub struct InvalidRequirement(
    /// The clause that was refused.
    pub String,
);

impl Clause {
    /// Parses `[operator] version`; no operator means `=`.
    pub fn parse(text: &str) -> Result<Self, InvalidRequirement> {
        let invalid = || InvalidRequirement(text.to_owned());
        let trimmed = trim(text);
        let length = trimmed.bytes().take_while(|byte| b"=!<>~".contains(byte)).count();
        let (operator, version) = trimmed.split_at(length);
        let operator = if operator.is_empty() { "=" } else { operator };
        Ok(Self {
            operator: Operator::parse(operator).ok_or_else(invalid)?,
            version: Version::parse(version).map_err(|_| invalid())?,
        })
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator.as_str(), self.version)
    }
}

impl Requirement {
    /// Parses a list of clauses such as `[">= 1", "< 3"]`; the empty list asks nothing (`>= 0`).
    pub fn parse<T: AsRef<str>>(clauses: &[T]) -> Result<Self, InvalidRequirement> {
        let clauses =
            clauses.iter().map(|clause| Clause::parse(clause.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self::from_clauses(clauses))
    }

    /// The requirement of these clauses; none at all asks nothing (`>= 0`).
    pub fn from_clauses(clauses: Vec<Clause>) -> Self {
        if clauses.is_empty() { Self::default() } else { Self { clauses } }
    }

    /// Whether every version meets it, prereleases aside: the one clause `>= 0`.
    pub fn is_default(&self) -> bool {
        matches!(self.clauses.as_slice(), [only] if only.operator == Operator::GreaterOrEqual
            && only.version == Version::zero())
    }

    /// The clauses in the author's order.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The clauses as the compact index writes them: sorted as texts and joined with `&`.
    pub fn compact(&self) -> String {
        let mut texts = self.texts();
        texts.sort();
        texts.join("&")
    }

    fn texts(&self) -> Vec<String> {
        self.clauses.iter().map(Clause::to_string).collect()
    }
}

impl Default for Requirement {
    fn default() -> Self {
        Self { clauses: vec![Clause { operator: Operator::GreaterOrEqual, version: Version::zero() }] }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().join(", "))
    }
}

impl FromStr for Requirement {
    type Err = InvalidRequirement;

    /// Reads what [`Display`](fmt::Display) writes: clauses separated by commas.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(&text.split(',').collect::<Vec<_>>())
    }
}

impl TryFrom<Vec<String>> for Requirement {
    type Error = InvalidRequirement;

    fn try_from(clauses: Vec<String>) -> Result<Self, Self::Error> {
        Self::parse(&clauses)
    }
}

impl From<Requirement> for Vec<String> {
    fn from(requirement: Requirement) -> Self {
        requirement.texts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_sorted_as_texts_for_the_compact_index_only() {
        let requirement = Requirement::parse(&[">= 2.0.3", "~> 2.0", "!= 2.5"]).expect("valid");
        assert_eq!(requirement.compact(), "!= 2.5&>= 2.0.3&~> 2.0");
        assert_eq!(requirement.to_string(), ">= 2.0.3, ~> 2.0, != 2.5");
    }

    #[test]
    fn a_version_without_an_operator_is_asked_for_exactly() {
        assert_eq!(Clause::parse(" 1.0 ").expect("valid").to_string(), "= 1.0");
        assert_eq!(Clause::parse(">=1").expect("valid").to_string(), ">= 1");
    }

    #[test]
    fn only_any_version_is_the_default() {
        assert!(Requirement::default().is_default());
        assert!(Requirement::parse::<&str>(&[]).expect("nothing asked").is_default());
        for other in ["> 0", ">= 0.a", ">= 1", ">= 0, < 2"] {
            assert!(!other.parse::<Requirement>().expect("valid").is_default(), "{other}");
        }
    }

    #[test]
    fn what_is_no_clause_is_refused() {
        for text in ["", ">=", "=> 1", "~ 1", ">= 1 2", "> = 1", "latest", ">= 1,"] {
            assert!(text.parse::<Requirement>().is_err(), "{text:?}");
        }
    }
}
