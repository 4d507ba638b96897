//! A client at a pseudo-terminal, and the person who answers its questions.

use std::process::Command;

use rexpect::ReadUntil;
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use super::{PASSWORD, Printed, SECONDS, email};

/// What to answer to which question. A question that is not listed waits until the time is up, and fails the test.
pub(crate) struct Answers(Vec<(String, String)>);

impl Answers {
    /// Answers as the owner of an account: mail address and password, the default name for the key, and no to every scope.
    pub(crate) fn of(account: &str) -> Self {
        let email = email(account);
        let nothing = Self(vec![]);
        nothing
            .to("Email: ", &email)
            .to("Username/email: ", &email)
            .to("Password: ", PASSWORD)
            .to("API Key name [", "")
            .to("Do you want to customise scopes? [yN]", "y")
            .to("[yN]", "n")
    }

    /// Answers one question, told by a part of its text, in this way.
    pub(crate) fn to(mut self, question: &str, answer: &str) -> Self {
        self.0.retain(|(known, _)| known != question);
        self.0.push((question.to_owned(), answer.to_owned()));
        self
    }

    /// Says yes to the questions for these scopes.
    pub(crate) fn grant(self, scopes: &[&str]) -> Self {
        scopes.iter().fold(self, |answers, scope| answers.to(&format!("{scope} [yN]"), "y"))
    }

    fn find(&self, question: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == question).map(|(_, answer)| answer.as_str())
    }
}

/// Runs a command at a terminal until it ends, answering its questions.
pub(super) fn run(command: Command, answers: &Answers) -> Printed {
    let mut session = spawn_command(command, Some(SECONDS * 1000)).expect("the client is installed");
    let mut text = String::new();
    while let Some(answer) = next_question(&mut session, answers, &mut text) {
        session.send_line(answer).expect("the client waits for an answer");
    }
    let code = match session.process().wait().expect("the client is our child") {
        WaitStatus::Exited(_, code) => Some(code),
        _ => None,
    };
    Printed { text: text.replace('\r', ""), code }
}

/// Reads up to the next question and returns its answer, or to the end and returns nothing.
fn next_question<'a>(session: &mut PtySession, answers: &'a Answers, text: &mut String) -> Option<&'a str> {
    let mut ends: Vec<ReadUntil> =
        answers.0.iter().map(|(question, _)| ReadUntil::String(question.clone())).collect();
    ends.push(ReadUntil::EOF);
    let (before, end) =
        session.exp_any(ends).unwrap_or_else(|error| panic!("the client waits:\n{text}\n--- {error}"));
    text.push_str(&before);
    text.push_str(&end);
    answers.find(&end)
}
