//! A key as people and scripts see it: everything but its value.

use domain::{Ecosystem, Key, KeyId, KeyKind, KeyState, NamePattern, Selection, Timestamp};
use serde::Serialize;

use crate::{output, table::Table};

/// Packages and patterns that the table shows of a key; `keyward key show` and `--json` have them all.
const SHOWN: usize = 10;

/// A key as `--json` prints it. Instants are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
pub(super) struct KeyView<'a> {
    pub(super) id: KeyId,
    pub(super) name: &'a str,
    ecosystem: Ecosystem,
    kind: KeyKind,
    scopes: Vec<&'static str>,
    /// Names and globs; `null` for any package of the account.
    packages: Option<Vec<&'a str>>,
    state: KeyState,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    /// The package whose loss ended the key.
    ownership_lost: Option<&'a str>,
}

impl<'a> KeyView<'a> {
    pub(super) fn of(key: &'a Key, now: Timestamp) -> Self {
        Self {
            id: key.id,
            name: &key.name,
            ecosystem: key.ecosystem,
            kind: key.kind,
            scopes: key.words.iter().map(|word| word.word).collect(),
            packages: packages(&key.selection),
            state: key.state(now),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
            ownership_lost: key.ownership_lost.as_deref(),
        }
    }

    /// The packages in words.
    pub(super) fn covers(&self) -> String {
        match &self.packages {
            Some(packages) => packages.join(", "),
            None => "any".to_owned(),
        }
    }

    /// The first packages in words.
    fn covers_mostly(&self) -> String {
        match &self.packages {
            Some(packages) if packages.len() > SHOWN => {
                format!("{} and {} more", packages[..SHOWN].join(", "), packages.len() - SHOWN)
            }
            _ => self.covers(),
        }
    }

    /// The end in words.
    pub(super) fn end(&self) -> String {
        self.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string())
    }

    /// One line for each thing that there is to know.
    pub(super) fn details(&self) -> String {
        let mut table = Table::bare();
        let used = self.last_used_at.map_or_else(|| "never".to_owned(), |instant| instant.to_string());
        let rows = [
            ("id", self.id.to_string()),
            ("name", self.name.to_owned()),
            ("ecosystem", self.ecosystem.to_string()),
            ("kind", self.kind.to_string()),
            ("scopes", self.scopes.join(", ")),
            ("packages", self.covers()),
            ("state", self.state_in_words()),
            ("created", self.created_at.to_string()),
            ("last used", used),
            ("expires", self.end()),
        ];
        for (name, value) in rows {
            table.add([name.to_owned(), value]);
        }
        table.render()
    }

    fn state_in_words(&self) -> String {
        match (self.state, self.ownership_lost) {
            (KeyState::OwnershipLost, Some(package)) => format!("ownership of {package} lost"),
            (state, _) => state.to_string(),
        }
    }
}

/// One line for each key.
pub(super) fn table(keys: &[KeyView<'_>]) -> String {
    let mut table = Table::new([
        "ID",
        "NAME",
        "ECOSYSTEM",
        "STATE",
        "SCOPES",
        "PACKAGES",
        "EXPIRES (UTC)",
        "LAST USED (UTC)",
    ]);
    let minute = |instant: Option<Timestamp>| instant.map_or_else(|| "never".to_owned(), output::minute);
    for key in keys {
        table.add([
            key.id.to_string(),
            key.name.to_owned(),
            key.ecosystem.to_string(),
            key.state_in_words(),
            key.scopes.join(","),
            key.covers_mostly(),
            minute(key.expires_at),
            minute(key.last_used_at),
        ]);
    }
    table.render()
}

fn packages(selection: &Selection) -> Option<Vec<&str>> {
    match selection {
        Selection::Any => None,
        Selection::Owned { package, .. } => Some(vec![package.as_str()]),
        Selection::Patterns(patterns) => Some(patterns.iter().map(NamePattern::as_str).collect()),
    }
}
