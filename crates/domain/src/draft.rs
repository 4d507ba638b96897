//! From what somebody asks for to a key that the rules allow.

use jiff::{SignedDuration, Timestamp};

use crate::key::days_long;
use crate::{
    ExpiryRule, Key, KeyKind, KeyPart, KeyProblem, KeyProblems, KeyState, MOST_PATTERNS, Profile, ScopeWord,
    Selection, SelectionRule, to_microseconds,
};

/// How far ahead a chosen instant must lie (`RubyGems`: one minute).
const SHORTEST_LIFE: SignedDuration = SignedDuration::from_mins(1);

/// What somebody asks for in a new key.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// What to call it.
    pub name: String,
    /// The scope words. An empty list is a refusal.
    pub words: Vec<String>,
    /// The packages. Whoever wants all of them says [`Selection::Any`].
    pub selection: Selection,
    /// When it ends.
    pub expiry: Expiry,
    /// Whether it wants a second factor although the account's level would not.
    pub otp_required: bool,
}

/// When a new key is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// As the ecosystem has it when nothing is said.
    Default,
    /// Never.
    Never,
    /// At that instant: the first at which the key cannot be used.
    At(Timestamp),
    /// So many times 24 hours after its making.
    Days(u16),
}

/// What somebody asks to change in a key. `None` leaves a part as it is; an empty list is a refusal, never
/// "all".
#[derive(Clone, Debug, Default)]
pub struct KeyEdit {
    /// The scope words from now on.
    pub words: Option<Vec<String>>,
    /// The packages from now on.
    pub selection: Option<Selection>,
    /// Whether the key wants a second factor from now on.
    pub otp_required: Option<bool>,
}

/// A key that the rules of its ecosystem allow: ready to be given a value and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDraft {
    /// What it is called.
    pub name: String,
    /// What it may do: sorted by their words, each once.
    pub words: Vec<&'static ScopeWord>,
    /// On which packages.
    pub selection: Selection,
    /// The first instant at which it cannot be used, in whole microseconds, or `None` when it never expires.
    pub expires_at: Option<Timestamp>,
    /// The number of days it is made for, where the ecosystem counts in days.
    pub lifetime_days: Option<u16>,
    /// Whether it wants a second factor although the account's level would not.
    pub otp_required: bool,
}

/// When a key ends, and the number of days that led to it.
type Lifetime = (Option<Timestamp>, Option<u16>);

impl Profile {
    /// Checks a request for a new key, and names every rule that it breaks. Whether a package exists and is
    /// owned is not known here: the use case adds [`KeyProblem::PackageNotFound`] or
    /// [`KeyProblem::PackageNotOwned`].
    pub fn draft(&self, request: KeyRequest, now: Timestamp) -> Result<KeyDraft, KeyProblems> {
        let mut problems = Vec::new();
        self.check_name(&request.name, &mut problems);
        let words = self.find_words(&request.words, &mut problems);
        self.check_selection(&request.selection, &words, &mut problems);
        let (expires_at, lifetime_days) = self.lifetime(request.expiry, now).unwrap_or_else(|problem| {
            problems.push(problem);
            (None, None)
        });
        if request.otp_required {
            problems.push(self.no_second_factor());
        }
        KeyProblems::none_or(problems, || KeyDraft {
            name: request.name,
            words,
            selection: request.selection,
            expires_at,
            lifetime_days,
            otp_required: request.otp_required,
        })
    }

    /// Checks a change of a key, and returns the whole key as it is to be from now on: all or nothing.
    /// Refused are parts that the ecosystem locks, keys that were deleted, and where scopes can change
    /// (`RubyGems`) also keys that are expired or whose owner lost the package.
    pub fn edit(&self, key: &Key, edit: KeyEdit, now: Timestamp) -> Result<KeyDraft, KeyProblems> {
        self.may_edit(key, now)?;
        let mut problems = self.locked_parts(&edit);
        if edit.otp_required == Some(true) && self.editable().second_factor {
            problems.push(self.no_second_factor());
        }
        let words = match &edit.words {
            Some(words) => self.find_words(words, &mut problems),
            None => key.words.clone(),
        };
        let selection = edit.selection.unwrap_or_else(|| key.selection.clone());
        self.check_selection(&selection, &words, &mut problems);
        KeyProblems::none_or(problems, || KeyDraft {
            name: key.name.clone(),
            words,
            selection,
            expires_at: key.expires_at,
            lifetime_days: key.lifetime_days,
            otp_required: edit.otp_required.unwrap_or(key.otp_required),
        })
    }

    /// Returns the draft of a legacy key with a name of its owner's choice: see [`Profile::legacy_draft`].
    pub fn legacy_draft_named(&self, name: String) -> Result<KeyDraft, KeyProblems> {
        let mut problems = Vec::new();
        self.check_name(&name, &mut problems);
        KeyProblems::none_or(problems, || KeyDraft { name, ..self.legacy_draft() })
    }

    /// Returns the key that replaces this one under a new value: same name, scope, packages and number of
    /// days, counted from now. An expired key is brought back this way; a deleted or a legacy one is not.
    pub fn renew(&self, key: &Key, now: Timestamp) -> Result<KeyDraft, KeyProblem> {
        if !self.can_regenerate() {
            return Err(KeyProblem::NotRegenerable);
        }
        if key.kind == KeyKind::Legacy {
            return Err(KeyProblem::LegacyLocked);
        }
        if key.revoked_at.is_some() {
            return Err(KeyProblem::Revoked);
        }
        let days = key.lifetime_days.ok_or(KeyProblem::NotRegenerable)?;
        Ok(KeyDraft {
            name: key.name.clone(),
            words: key.words.clone(),
            selection: key.selection.clone(),
            expires_at: Some(after_days(now, days)?),
            lifetime_days: Some(days),
            otp_required: key.otp_required,
        })
    }

    /// Whether this key can be changed at all, and if not, why.
    pub fn may_edit(&self, key: &Key, now: Timestamp) -> Result<(), KeyProblem> {
        if key.kind == KeyKind::Legacy && !self.legacy().editable {
            return Err(KeyProblem::LegacyLocked);
        }
        match key.state(now) {
            KeyState::Revoked => Err(KeyProblem::Revoked),
            // Where a key can be regenerated, its packages can be set right before that.
            KeyState::Expired | KeyState::Retired if !self.can_regenerate() => Err(KeyProblem::Expired),
            KeyState::OwnershipLost => Err(KeyProblem::OwnershipLost),
            KeyState::Expired | KeyState::Retired | KeyState::Active => Ok(()),
        }
    }

    /// Returns one problem for each part of the edit that the ecosystem locks.
    fn locked_parts(&self, edit: &KeyEdit) -> Vec<KeyProblem> {
        let editable = self.editable();
        let parts = [
            (KeyPart::Words, edit.words.is_some(), editable.words),
            (KeyPart::Selection, edit.selection.is_some(), editable.selection),
            (KeyPart::SecondFactor, edit.otp_required.is_some(), editable.second_factor),
        ];
        let locked = parts.into_iter().filter(|&(_, changes, may)| changes && !may);
        locked.map(|(part, ..)| KeyProblem::Locked { part }).collect()
    }

    /// Why no key can want a second factor: what is promised and not enforced would give a false sense of safety.
    fn no_second_factor(&self) -> KeyProblem {
        if self.has_second_factor() {
            KeyProblem::SecondFactorNotAvailable
        } else {
            KeyProblem::SecondFactorNotOffered
        }
    }

    /// Checks what a key is called.
    fn check_name(&self, name: &str, problems: &mut Vec<KeyProblem>) {
        if name.trim().is_empty() {
            problems.push(KeyProblem::NameBlank);
        } else if name.chars().any(char::is_control) {
            problems.push(KeyProblem::NameHasControlCharacters);
        }
        if name.chars().count() > self.name_limit() {
            problems.push(KeyProblem::NameTooLong { limit: self.name_limit() });
        }
    }

    /// Finds the words of a request: sorted, each once.
    fn find_words(&self, asked: &[String], problems: &mut Vec<KeyProblem>) -> Vec<&'static ScopeWord> {
        let mut words: Vec<_> = asked.iter().filter_map(|word| self.word(word)).collect();
        if asked.is_empty() {
            problems.push(KeyProblem::NoScope);
        } else if asked.iter().any(|word| self.word(word).is_none()) {
            let known = self.words().iter().map(|word| word.word).collect();
            problems.push(KeyProblem::UnknownScopes { got: asked.to_vec(), known });
        }
        words.sort_by_key(|word| word.word);
        words.dedup();
        if let Some(exclusive) = words.iter().find(|word| word.exclusive && words.len() > 1) {
            problems.push(KeyProblem::ExclusiveScope { word: exclusive.word });
        }
        words
    }

    /// Checks what a key is bound to, given its words.
    fn check_selection(
        &self,
        selection: &Selection,
        words: &[&'static ScopeWord],
        problems: &mut Vec<KeyProblem>,
    ) {
        match (selection, self.selection_rule()) {
            (Selection::Any, _) => return,
            (Selection::Owned { .. }, SelectionRule::Patterns) => {
                problems.push(KeyProblem::OwnershipNotOffered);
            }
            (Selection::Patterns(patterns), _) if patterns.is_empty() => {
                problems.push(KeyProblem::NothingSelected);
            }
            (Selection::Patterns(patterns), _) if patterns.len() > MOST_PATTERNS => {
                problems.push(KeyProblem::TooManyPatterns { limit: MOST_PATTERNS });
            }
            (Selection::Owned { .. }, SelectionRule::OneOwnedOrPatterns) | (Selection::Patterns(_), _) => {}
        }
        if !selection.is_of(self.ecosystem()) {
            problems.push(KeyProblem::OtherEcosystem);
        }
        if !words.iter().any(|word| word.package_bound) {
            problems.push(KeyProblem::NoScopeForSelection);
        }
    }

    /// Works out when a key ends.
    fn lifetime(&self, expiry: Expiry, now: Timestamp) -> Result<Lifetime, KeyProblem> {
        let rule = self.expiry_rule();
        match rule {
            ExpiryRule::OptionalInstant => Ok((instant(expiry, now)?, None)),
            ExpiryRule::Days { min, max, default } => {
                let days = days(expiry, default, rule)?;
                counted(days, (min..=max).contains(&days), rule, now)
            }
            ExpiryRule::Choice { offered, default } => {
                let days = days(expiry, default, rule)?;
                counted(days, offered.contains(&days), rule, now)
            }
        }
    }
}

/// Returns the end of a key that may live for ever.
fn instant(expiry: Expiry, now: Timestamp) -> Result<Option<Timestamp>, KeyProblem> {
    let end = match expiry {
        Expiry::Default | Expiry::Never => return Ok(None),
        Expiry::At(end) => to_microseconds(end),
        Expiry::Days(days) => after_days(now, days)?,
    };
    if end.duration_since(now) < SHORTEST_LIFE { Err(KeyProblem::ExpiryNotInFuture) } else { Ok(Some(end)) }
}

/// Returns the number of days that is asked for, where keys are made for days.
fn days(expiry: Expiry, default: u16, rule: ExpiryRule) -> Result<u16, KeyProblem> {
    match expiry {
        Expiry::Default => Ok(default),
        Expiry::Never => Err(KeyProblem::MustExpire { rule }),
        Expiry::At(_) => Err(KeyProblem::LifetimeNotOffered { rule }),
        Expiry::Days(days) => Ok(days),
    }
}

/// Returns the lifetime of so many days, if they are offered.
fn counted(days: u16, offered: bool, rule: ExpiryRule, now: Timestamp) -> Result<Lifetime, KeyProblem> {
    if !offered {
        return Err(KeyProblem::LifetimeNotOffered { rule });
    }
    Ok((Some(after_days(now, days)?), Some(days)))
}

/// Returns the instant so many times 24 hours later.
fn after_days(now: Timestamp, days: u16) -> Result<Timestamp, KeyProblem> {
    let end = now.checked_add(days_long(days)).map_err(|_| KeyProblem::ExpiryNotInFuture)?;
    Ok(to_microseconds(end))
}
