//! What is wrong with the form of a key: each sentence with the field that it is about.

use domain::{KeyPart, KeyProblem};
use registry::Error;

/// A part of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Scopes,
    Packages,
    Expiry,
    SecondFactor,
    /// The key as it is: no field can make it right.
    Whole,
}

/// Something that is wrong, in a sentence.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) field: Field,
    pub(crate) text: String,
}

/// The problems that an error tells of. Gives the error back when it is not about what was typed.
pub(crate) fn problems(error: Error) -> Result<Vec<Problem>, Error> {
    match error {
        // Names and globs are read before the rules of keys are asked.
        Error::Invalid(texts) => {
            Ok(texts.into_iter().map(|text| Problem { field: Field::Packages, text }).collect())
        }
        Error::InvalidKey(problems) => {
            let of = |problem: &KeyProblem| Problem { field: field(problem), text: problem.to_string() };
            Ok(problems.iter().map(of).collect())
        }
        other => Err(other),
    }
}

fn field(problem: &KeyProblem) -> Field {
    match problem {
        KeyProblem::NameBlank | KeyProblem::NameTooLong { .. } | KeyProblem::NameHasControlCharacters => {
            Field::Name
        }
        KeyProblem::NoScope
        | KeyProblem::UnknownScopes { .. }
        | KeyProblem::ExclusiveScope { .. }
        | KeyProblem::Locked { part: KeyPart::Words } => Field::Scopes,
        KeyProblem::NothingSelected
        | KeyProblem::NoScopeForSelection
        | KeyProblem::OwnershipNotOffered
        | KeyProblem::OtherEcosystem
        | KeyProblem::PackageNotFound
        | KeyProblem::PackageNotOwned
        | KeyProblem::Locked { part: KeyPart::Selection } => Field::Packages,
        KeyProblem::ExpiryNotInFuture
        | KeyProblem::MustExpire { .. }
        | KeyProblem::LifetimeNotOffered { .. } => Field::Expiry,
        KeyProblem::SecondFactorNotOffered | KeyProblem::Locked { part: KeyPart::SecondFactor } => {
            Field::SecondFactor
        }
        KeyProblem::LegacyLocked
        | KeyProblem::NotRegenerable
        | KeyProblem::Expired
        | KeyProblem::Revoked
        | KeyProblem::OwnershipLost => Field::Whole,
    }
}
