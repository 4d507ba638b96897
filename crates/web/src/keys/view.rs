//! A key as people see it. Never its value.

use domain::{Ecosystem, Key, KeyKind, KeyState, NamePattern, Profile, ScopeWord, Selection, Timestamp};

use super::utc;

/// A key in the list, and above the pages about it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the page asks each on its own")]
pub(crate) struct KeyView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) ecosystem: &'static str,
    pub(crate) scopes: Vec<&'static ScopeWord>,
    pub(crate) packages: String,
    pub(crate) made: String,
    /// How long ago that was.
    pub(crate) age: String,
    pub(crate) last_used: String,
    pub(crate) expires: String,
    /// What is left of a key that can be used and will end.
    pub(crate) left: Option<String>,
    pub(crate) legacy: bool,
    /// One word for the style sheet.
    pub(crate) state: &'static str,
    /// The state in words.
    pub(crate) state_text: String,
    pub(crate) can_edit: bool,
    pub(crate) can_regenerate: bool,
    pub(crate) can_delete: bool,
}

impl KeyView {
    pub(crate) fn new(key: &Key, now: Timestamp) -> Self {
        let (profile, state) = (Profile::of(key.ecosystem), key.state(now));
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            ecosystem: label(key.ecosystem),
            scopes: key.words.clone(),
            packages: packages(key),
            made: utc(key.created_at),
            age: age(key, now),
            last_used: key.last_used_at.map_or_else(|| "never".to_owned(), utc),
            expires: key.expires_at.map_or_else(|| "never".to_owned(), utc),
            left: (state == KeyState::Active && key.expires_at.is_some()).then(|| left(key, now)),
            legacy: key.kind == KeyKind::Legacy,
            state: if key.expires_soon(now) { "soon" } else { state.as_str() },
            state_text: state_text(key, state, now),
            can_edit: profile.may_edit(key, now).is_ok(),
            can_regenerate: profile.renew(key, now).is_ok(),
            can_delete: state != KeyState::Revoked,
        }
    }
}

/// What an ecosystem is called.
pub(crate) fn label(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::RubyGems => "RubyGems",
        Ecosystem::NuGet => "NuGet",
        Ecosystem::PowerShell => "PowerShell",
    }
}

fn packages(key: &Key) -> String {
    match (&key.selection, &key.ownership_lost) {
        (_, Some(package)) => format!("{package} (no longer owned)"),
        (Selection::Any, None) => "all".to_owned(),
        (Selection::Owned { package, .. }, None) => package.as_str().to_owned(),
        (Selection::Patterns(patterns), None) => some(patterns),
    }
}

/// Names and globs that are shown of a key; its own page has them all.
const SHOWN: usize = 10;

fn some(patterns: &[NamePattern]) -> String {
    let shown: Vec<_> = patterns.iter().take(SHOWN).map(NamePattern::as_str).collect();
    match patterns.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn state_text(key: &Key, state: KeyState, now: Timestamp) -> String {
    match state {
        KeyState::Active if key.expires_soon(now) => format!("expires in {}", left(key, now)),
        KeyState::Active if key.kind == KeyKind::Legacy => "active, legacy".to_owned(),
        KeyState::Active => "active".to_owned(),
        KeyState::Expired => "expired".to_owned(),
        KeyState::Revoked => "deleted".to_owned(),
        KeyState::OwnershipLost => "invalid: the package is no longer owned".to_owned(),
        KeyState::Retired => "retired: nothing was pushed for a year".to_owned(),
    }
}

/// How long ago a key was made, for people.
fn age(key: &Key, now: Timestamp) -> String {
    match now.duration_since(key.created_at).as_hours() / 24 {
        ..=0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// What is left of a key, for people.
fn left(key: &Key, now: Timestamp) -> String {
    let hours = key.expires_at.map_or(0, |end| end.duration_since(now).as_hours());
    match hours {
        48.. => format!("{} days", hours / 24),
        2.. => format!("{hours} hours"),
        _ => "less than two hours".to_owned(),
    }
}
