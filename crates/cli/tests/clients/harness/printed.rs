//! What a command said, and how it ended.

use std::process::Output;

/// The words and the exit status of a command that has ended. Its checks show all of it when they fail.
#[derive(Debug)]
pub(crate) struct Printed {
    /// Standard output, then standard error; at a terminal, both as they came.
    pub(crate) text: String,
    /// The exit status; nothing if a signal ended the command.
    pub(crate) code: Option<i32>,
}

impl Printed {
    /// Takes what a command wrote to its two streams.
    pub(crate) fn from_output(output: &Output) -> Self {
        let streams = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        Self { text: String::from_utf8_lossy(&streams).into_owned(), code: output.status.code() }
    }

    /// Demands exit status 0.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "the command failed and said:\n{}", self.text);
        self
    }

    /// Demands another exit status than 0, and that the command ended by itself.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        let ended = self.code.is_some_and(|code| code != 0 && code < 124);
        assert!(
            ended,
            "the command should have failed, but ended with {:?} and said:\n{}",
            self.code, self.text
        );
        self
    }

    /// Demands that the command said these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.text.contains(words), "the command did not say `{words}`, but:\n{}", self.text);
        self
    }

    /// Demands that the command did not say these words.
    #[track_caller]
    pub(crate) fn never_says(self, words: &str) -> Self {
        assert!(!self.text.contains(words), "the command said `{words}`:\n{}", self.text);
        self
    }

    /// Demands that one of the lines is exactly this one.
    #[track_caller]
    pub(crate) fn has_line(self, line: &str) -> Self {
        assert!(self.text.lines().any(|said| said.trim_end() == line), "no line is `{line}`:\n{}", self.text);
        self
    }
}
