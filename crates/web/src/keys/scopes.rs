//! The scopes of a key, to be ticked or chosen.

use domain::{Profile, ScopeWord};

use crate::fields::Fields;

/// The scopes as a form offers them.
#[derive(Debug)]
pub(crate) struct Scopes {
    /// Ways of pushing, one of which is chosen, or none. Empty where pushing is one scope like others.
    pub(crate) push: Vec<ScopeBox>,
    /// Scopes to tick.
    pub(crate) boxes: Vec<ScopeBox>,
    /// Scopes that go with no other.
    pub(crate) exclusive: Vec<ScopeBox>,
}

/// A scope to tick.
#[derive(Debug)]
pub(crate) struct ScopeBox {
    pub(crate) word: &'static str,
    pub(crate) plain: &'static str,
    pub(crate) ticked: bool,
}

impl Scopes {
    /// The scopes of an ecosystem that do something, and those that are chosen; `ticked` tells which are.
    pub(crate) fn of(profile: &'static Profile, ticked: impl Fn(&str) -> bool) -> Self {
        let words: Vec<_> = profile.words().iter().filter(|word| word.served || ticked(word.word)).collect();
        let shown = |word: &&'static ScopeWord| ScopeBox {
            word: word.word,
            plain: word.plain,
            ticked: ticked(word.word),
        };
        let (exclusive, others): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.exclusive);
        let (push, boxes): (Vec<_>, Vec<_>) = others.iter().copied().partition(|word| publishes(word));
        // One way of pushing is a box like the others; of several, which say more or less of the same, one is chosen.
        let (push, boxes) = if push.len() > 1 { (push, boxes) } else { (Vec::new(), others) };
        Self {
            push: push.iter().map(shown).collect(),
            boxes: boxes.iter().map(shown).collect(),
            exclusive: exclusive.iter().map(shown).collect(),
        }
    }

    /// Whether no way of pushing is chosen.
    pub(crate) fn pushes_nothing(&self) -> bool {
        !self.push.iter().any(|scope| scope.ticked)
    }
}

fn publishes(word: &ScopeWord) -> bool {
    word.actions.iter().any(|action| action.publishes())
}

/// The words that were ticked and chosen.
pub(crate) fn words(fields: &Fields) -> Vec<String> {
    fields.all("scope").filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
