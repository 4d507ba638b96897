use std::collections::HashSet;

use domain::{
    AccountId, Ecosystem, Expiry, Glob, Key, KeyDraft, KeyId, KeyKind, KeyProblem, KeyProblems, KeyRequest,
    MOST_PATTERNS, NamePattern, PackageName, PlainKey, Profile, Reason, Selection,
};
use serde_json::json;
use store::Db;

use crate::{Author, Error, Event, KeyNews, Registry, Result, change::Change};

/// Which packages a new key is for, as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySelection {
    /// All that the account may act on, now and later.
    Any,
    /// One package that the account owns; the key dies with the ownership.
    Owned(String),
    /// Names and globs; they may not exist yet. A gem that is named alone and owned is held through its ownership.
    Patterns {
        /// Exact names.
        names: Vec<String>,
        /// Globs.
        globs: Vec<String>,
    },
}

/// A new key and its value: the only time that the value exists outside of its owner's hands.
#[derive(Debug)]
pub struct IssuedKey {
    /// The key.
    pub key: Key,
    /// Its value.
    pub value: PlainKey,
}

/// What somebody asks for in a new key.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What to call it.
    pub name: String,
    /// The scope words of the ecosystem.
    pub words: Vec<String>,
    /// The packages.
    pub selection: KeySelection,
    /// When it ends.
    pub expiry: Expiry,
    /// Whether it wants a second factor although the account would not.
    pub otp_required: bool,
}

impl Registry {
    /// Makes a key for an account. Everything that is wrong with the request is said at once.
    pub async fn issue_key(
        &self,
        author: impl Into<Author<'_>>,
        owner: AccountId,
        ecosystem: Ecosystem,
        wanted: NewKey,
    ) -> Result<IssuedKey> {
        let mut change = self.begin(author).await?;
        change.may_hold_keys(owner).await?;
        let (selection, found) = match resolve(&mut change, owner, ecosystem, wanted.selection).await? {
            Ok(selection) => (selection, None),
            Err(problems) => (Selection::Any, Some(problems)),
        };
        let NewKey { name, words, expiry, otp_required, .. } = wanted;
        let request = KeyRequest { name, words, selection, expiry, otp_required };
        let draft = match (Profile::of(ecosystem).draft(request, self.now()), found) {
            (Ok(draft), None) => draft,
            (Ok(_), Some(problems)) | (Err(problems), None) => return Err(Error::InvalidKey(problems)),
            (Err(problems), Some(found)) => return Err(Error::InvalidKey(problems.with(found))),
        };
        let issued = self.record_key(&mut change, owner, ecosystem, draft).await?;
        let words: Vec<_> = issued.key.words.iter().map(|word| word.word).collect();
        let details = json!({ "name": issued.key.name, "ecosystem": ecosystem.as_str(), "scopes": words });
        change.record_key(&issued.key, "key.created", details).await?;
        self.announce(&mut change, Event::KeyNews { key: issued.key.id, news: KeyNews::Created }).await?;
        change.commit().await?;
        Ok(issued)
    }

    /// Turns what somebody wrote about packages into a selection for an edit.
    pub async fn resolve_selection(
        &self,
        owner: AccountId,
        ecosystem: Ecosystem,
        selection: KeySelection,
    ) -> Result<Selection> {
        let mut db = self.store().read().await?;
        let resolved = resolve(&mut db, owner, ecosystem, selection).await?;
        resolved.map_err(Error::InvalidKey)
    }

    /// Draws a value and records the key, if the account has room for it. The audit event is the caller's: a key is made, or takes the place of another.
    pub(crate) async fn record_key(
        &self,
        change: &mut Change,
        owner: AccountId,
        ecosystem: Ecosystem,
        draft: KeyDraft,
    ) -> Result<IssuedKey> {
        change.has_room_for_keys(owner, 1).await?;
        change.has_room_for_patterns(owner, draft.selection.len()).await?;
        let now = self.now();
        let (id, value, kind) = (KeyId::new(now), PlainKey::generate(), KeyKind::Scoped);
        let digest = value.digest();
        // 238 random bits do not repeat: a digest that is taken is a broken generator, and an internal error.
        change
            .keys()
            .add(&store::NewKey { id, owner, ecosystem, kind, draft: &draft, digest: &digest, at: now })
            .await?;
        let key = Key {
            id,
            owner,
            ecosystem,
            kind,
            name: draft.name,
            words: draft.words,
            selection: draft.selection,
            expires_at: draft.expires_at,
            lifetime_days: draft.lifetime_days,
            otp_required: draft.otp_required,
            created_at: now,
            last_used_at: None,
            last_push_at: None,
            revoked_at: None,
            ownership_lost: None,
        };
        Ok(IssuedKey { key, value })
    }
}

impl Change {
    /// Refuses keys for an account whose email address is not confirmed, or that is locked.
    pub(crate) async fn may_hold_keys(&mut self, owner: AccountId) -> Result<()> {
        let account = self.account(owner).await?;
        if account.email_confirmed_at.is_none() {
            return Err(Error::Denied(Reason::AccountUnconfirmed));
        }
        if account.locked_at.is_some() {
            return Err(Error::Denied(Reason::AccountLocked));
        }
        Ok(())
    }
}

/// Turns what somebody wrote into a selection, or says what is wrong with it.
pub(crate) async fn resolve(
    db: &mut Db,
    owner: AccountId,
    ecosystem: Ecosystem,
    selection: KeySelection,
) -> Result<Result<Selection, KeyProblems>> {
    Ok(match selection {
        KeySelection::Any => Ok(Selection::Any),
        KeySelection::Owned(name) => owned(db, owner, ecosystem, &name).await?.map_err(KeyProblems::from),
        KeySelection::Patterns { names, globs } => {
            if let ([name], [], Ecosystem::RubyGems) = (names.as_slice(), globs.as_slice(), ecosystem)
                && let Ok(selection) = owned(db, owner, ecosystem, name).await?
            {
                return Ok(Ok(selection));
            }
            patterns(ecosystem, &names, &globs).map(Selection::Patterns)
        }
    })
}

async fn owned(
    db: &mut Db,
    owner: AccountId,
    ecosystem: Ecosystem,
    name: &str,
) -> Result<Result<Selection, KeyProblem>> {
    let package = match PackageName::parse(ecosystem, name) {
        Ok(name) => db.packages().find(&name).await?,
        Err(_) => None,
    };
    let Some(package) = package else { return Ok(Err(KeyProblem::PackageNotFound)) };
    let ownership = db.ownerships().find(package.id, owner).await?;
    Ok(match ownership.filter(|ownership| ownership.confirmed_at.is_some()) {
        Some(ownership) => Ok(Selection::Owned { ownership: ownership.id, package: package.name }),
        None => Err(KeyProblem::PackageNotOwned),
    })
}

/// Reads names and globs, each once, and says what is wrong with each. More than a key can have are refused before any is read.
pub(crate) fn patterns(
    ecosystem: Ecosystem,
    names: &[String],
    globs: &[String],
) -> Result<Vec<NamePattern>, KeyProblems> {
    let names = names.iter().map(|text| (Written::Name, text));
    let globs = globs.iter().map(|text| (Written::Glob, text));
    let mut seen = HashSet::new();
    let distinct = names.chain(globs).filter(|(kind, text)| seen.insert((*kind, text.to_ascii_lowercase())));
    let written: Vec<_> = distinct.take(MOST_PATTERNS + 1).collect();
    if written.len() > MOST_PATTERNS {
        return Err(KeyProblem::TooManyPatterns { limit: MOST_PATTERNS }.into());
    }
    let (mut patterns, mut problems) = (Vec::new(), Vec::new());
    for (kind, text) in written {
        match kind.read(ecosystem, text) {
            Ok(pattern) => patterns.push(pattern),
            Err(problem) => problems.push(problem),
        }
    }
    KeyProblems::of(problems).map_or(Ok(patterns), Err)
}

/// As what somebody wrote a text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Written {
    Name,
    Glob,
}

impl Written {
    fn read(self, ecosystem: Ecosystem, text: &str) -> Result<NamePattern, KeyProblem> {
        match self {
            Self::Name => PackageName::parse(ecosystem, text)
                .map(NamePattern::Name)
                .map_err(|reason| KeyProblem::BadName { text: excerpt(text), reason }),
            Self::Glob => Glob::parse(text)
                .map(NamePattern::Glob)
                .map_err(|reason| KeyProblem::BadGlob { text: excerpt(text), reason }),
        }
    }
}

/// As much of a text as an answer repeats, in characters.
const EXCERPT: usize = 60;

/// The beginning of a text that may be of any length.
fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: impl IntoIterator<Item = String>) -> Vec<String> {
        texts.into_iter().collect()
    }

    #[test]
    fn a_key_has_at_most_so_many_packages_and_patterns_and_what_is_listed_twice_counts_once() {
        let names = texts((0..MOST_PATTERNS).map(|number| format!("name{number}")));
        assert_eq!(patterns(Ecosystem::NuGet, &names, &[]).unwrap().len(), MOST_PATTERNS);
        let twice = texts(names.iter().chain(&names).cloned().chain(["NAME0".to_owned()]).skip(1));
        assert_eq!(patterns(Ecosystem::NuGet, &twice, &[]).unwrap().len(), MOST_PATTERNS);
        let too_many = patterns(Ecosystem::NuGet, &names, &["a*".to_owned()]).unwrap_err();
        assert_eq!(too_many, KeyProblem::TooManyPatterns { limit: 500 }.into());
    }

    #[test]
    fn a_refusal_repeats_the_beginning_of_a_text_only() {
        let problems = patterns(Ecosystem::NuGet, &["ü".repeat(100_000)], &[]).unwrap_err();
        assert!(problems.to_string().len() < 400, "{problems}");
    }
}
