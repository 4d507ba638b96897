//! The text as the parser gets it: a stretch at a time.

use std::cell::Cell;
use std::rc::Rc;

use saphyr_parser::{Input, StrInput};

/// How many more characters the parser may take before it must have something to show for them.
///
/// The parser reads a list or a map in brackets to its end before it tells of its beginning, since all of it may turn out to be a key.
/// What it has read so far it holds as tokens, each a hundred times as long as its text.
#[derive(Debug, Clone, Default)]
pub(super) struct Allowance(Rc<Cell<Left>>);

#[derive(Debug, Clone, Copy, Default)]
struct Left {
    characters: usize,
    /// More was wanted.
    is_exceeded: bool,
}

impl Allowance {
    /// Allows so many characters from here.
    pub(super) fn renew(&self, characters: usize) {
        self.0.set(Left { characters, ..self.0.get() });
    }

    /// Whether the parser wanted more than it was allowed at any time. It took the text to end there: whatever it says since then
    /// is not to be believed.
    pub(super) fn is_exceeded(&self) -> bool {
        self.0.get().is_exceeded
    }

    fn is_spent(&self) -> bool {
        self.0.get().characters == 0
    }

    fn spend(&self, characters: usize) {
        let left = self.0.get();
        self.0.set(Left { characters: left.characters.saturating_sub(characters), ..left });
    }

    fn exceed(&self) {
        self.0.set(Left { is_exceeded: true, ..self.0.get() });
    }
}

/// A text that seems to end where the allowance does.
///
/// Only what the trait demands is written here: all that it offers beyond is made of these and thus counted.
pub(super) struct Window<'text> {
    text: StrInput<'text>,
    allowance: Allowance,
}

impl<'text> Window<'text> {
    pub(super) fn new(text: &'text str, allowance: Allowance) -> Self {
        Self { text: StrInput::new(text), allowance }
    }

    /// Whether nothing may be taken any more; notes it when there would be something.
    fn is_shut(&self) -> bool {
        let is_shut = self.allowance.is_spent();
        if is_shut && self.text.peek_opt().is_some() {
            self.allowance.exceed();
        }
        is_shut
    }
}

impl Input for Window<'_> {
    fn lookahead(&mut self, count: usize) {
        self.text.lookahead(count);
    }

    fn buflen(&self) -> usize {
        self.text.buflen()
    }

    /// The parser makes room for so many characters in each plain scalar; it never looks further ahead than ten.
    fn bufmaxlen(&self) -> usize {
        16
    }

    fn raw_read_ch(&mut self) -> char {
        if self.is_shut() {
            return '\0';
        }
        self.allowance.spend(1);
        self.text.raw_read_ch()
    }

    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        if self.is_shut() {
            return None;
        }
        self.allowance.spend(1);
        self.text.raw_read_non_breakz_ch()
    }

    fn skip(&mut self) {
        if !self.is_shut() {
            self.allowance.spend(1);
            self.text.skip();
        }
    }

    fn skip_n(&mut self, count: usize) {
        if !self.is_shut() {
            self.allowance.spend(count);
            self.text.skip_n(count);
        }
    }

    fn peek(&self) -> char {
        self.peek_opt().unwrap_or('\0')
    }

    fn peek_nth(&self, n: usize) -> char {
        if self.is_shut() { '\0' } else { self.text.peek_nth(n) }
    }

    fn peek_opt(&self) -> Option<char> {
        if self.is_shut() { None } else { self.text.peek_opt() }
    }
}
