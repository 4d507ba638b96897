//! What people read when a command did not do what they asked.

use std::{fmt, process::ExitCode};

use registry::{Conflict, Missing};
use server::{StartError, config::ConfigError};

/// One sentence on what happened, and what to do next. Nothing in it is a secret.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    status: u8,
}

impl Failure {
    /// Something went wrong: exit status 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, status: 1 }
    }

    /// The words of the command do not make sense together: exit status 2, as for an unknown flag.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { status: 2, ..Self::new(message) }
    }

    /// Adds what to do next.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Returns the exit status of the program.
    pub(crate) fn status(&self) -> ExitCode {
        ExitCode::from(self.status)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", sentence(&self.message))?;
        self.hint.iter().try_for_each(|hint| write!(f, "\nhint: {}", sentence(hint)))
    }
}

/// Texts of the parts below begin and end in different ways; people read sentences.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let mut sentence: String = first.into_iter().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

impl From<registry::Error> for Failure {
    fn from(error: registry::Error) -> Self {
        let failure = Self::new(match &error {
            // Each of them is a full sentence.
            registry::Error::Invalid(problems) => problems.join(" "),
            registry::Error::InvalidUser(problems) => problems.to_string(),
            other => other.to_string(),
        });
        match next_step(&error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// What somebody can do at the command line after such an end.
fn next_step(error: &registry::Error) -> Option<&'static str> {
    match error {
        registry::Error::NotFound(Missing::Account) | registry::Error::Conflict(Conflict::AccountExists) => {
            Some("`keyward user list` shows the accounts")
        }
        registry::Error::NotFound(Missing::Key) => {
            Some("`keyward key list --account NAME` shows the keys of an account with their ids")
        }
        registry::Error::Conflict(Conflict::KeyRevoked) => {
            Some("a revoked key cannot come back; `keyward key create` makes a new one")
        }
        registry::Error::Conflict(Conflict::OnlyOwner { .. }) => {
            Some("`keyward owner add` gives a package another owner")
        }
        registry::Error::NotFound(Missing::Release) => {
            Some("check the number and the platform of the version")
        }
        registry::Error::Conflict(Conflict::Raced) => Some("try again"),
        registry::Error::Busy { .. } => Some("try again in a few seconds"),
        registry::Error::Internal(_) => Some("`keyward check` looks whether the data are whole"),
        _ => None,
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        let error = match error.downcast::<registry::Error>() {
            Ok(error) => return error.into(),
            Err(error) => error,
        };
        let hint = (error.downcast_ref().map(ConfigError::hint))
            .or_else(|| error.downcast_ref().map(|error: &StartError| error.hint().to_owned()));
        Self { hint, ..Self::new(story(&error)) }
    }
}

/// The error and its causes, but for those that a text before them has told already.
fn story(error: &anyhow::Error) -> String {
    let mut story = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !story.contains(&cause) {
            story = format!("{story}: {cause}");
        }
    }
    story
}

/// Names the account that was asked for.
pub(crate) fn about_account(error: registry::Error, account: &str) -> Failure {
    match error {
        registry::Error::NotFound(registry::Missing::Account) => {
            Failure::new(format!("there is no account `{account}`"))
                .hint("`keyward user list` shows the accounts")
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_a_sentence_and_the_hint_follows() {
        let failure =
            Failure::new("there is no account `bob`").hint("`keyward user list` shows the accounts");
        let expected = "error: There is no account `bob`.\nhint: `keyward user list` shows the accounts.";
        assert_eq!(failure.to_string(), expected);
        assert_eq!(Failure::new("The key needs a name.").to_string(), "error: The key needs a name.");
    }

    #[test]
    fn causes_are_told_once() {
        let cause = anyhow::anyhow!("the disk is full");
        let told =
            cause.context("writing failed: the disk is full").context("the index could not be written");
        let expected = "the index could not be written: writing failed: the disk is full";
        assert_eq!(story(&told), expected);
    }

    #[test]
    fn an_outcome_of_the_registry_keeps_its_hint_on_the_way_through_the_server() {
        let failure = Failure::from(anyhow::Error::from(registry::Error::from(Missing::Key)));
        assert!(failure.to_string().contains("\nhint: `keyward key list"), "{failure}");
    }
}
