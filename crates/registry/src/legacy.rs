//! Keys from before there were scopes, taken over from another server with the values that are in use.

use domain::{AccountId, Ecosystem, Key, KeyDigest, KeyDraft, KeyId, KeyKind, Profile};
use serde_json::json;
use store::Db;

use crate::{Author, Error, Event, KeyNews, Missing, Registry, Result, change::Change};

/// A value that is in use elsewhere, by what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegacyValue {
    /// Where it stands in the operator's list, from 1: a refusal names the place and never the value.
    pub line: usize,
    /// What it is found by.
    pub digest: KeyDigest,
}

impl Registry {
    /// Takes legacy keys over, one for each value: all of them or none. A value that is known already is refused, also when its
    /// key was deleted: what was deleted cannot come back.
    pub async fn import_legacy_keys(
        &self,
        author: impl Into<Author<'_>>,
        owner: AccountId,
        ecosystem: Ecosystem,
        name: Option<String>,
        values: &[LegacyValue],
    ) -> Result<Vec<Key>> {
        let draft = legacy_draft(ecosystem, name)?;
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let mut change = self.begin(author).await?;
        change.may_hold_keys(owner).await?;
        change.has_room_for_keys(owner, values.len()).await?;
        change.has_room_for_patterns(owner, values.len()).await?;
        check_unknown(&mut change, values).await?;
        let mut keys = Vec::with_capacity(values.len());
        for value in values {
            keys.push(self.record_legacy_key(&mut change, owner, &draft, ecosystem, value).await?);
        }
        change.commit().await?;
        Ok(keys)
    }

    async fn record_legacy_key(
        &self,
        change: &mut Change,
        owner: AccountId,
        draft: &KeyDraft,
        ecosystem: Ecosystem,
        value: &LegacyValue,
    ) -> Result<Key> {
        let (now, kind) = (self.now(), KeyKind::Legacy);
        let id = KeyId::new(now);
        change
            .keys()
            .add(&store::NewKey { id, owner, ecosystem, kind, draft, digest: &value.digest, at: now })
            .await?;
        let key = change.keys().get(id).await?.ok_or(Missing::Key)?;
        let details = json!({ "name": key.name, "ecosystem": ecosystem.as_str() });
        change.record_key(&key, "key.imported", details).await?;
        self.announce(change, Event::KeyNews { key: id, news: KeyNews::Imported }).await?;
        Ok(key)
    }
}

fn legacy_draft(ecosystem: Ecosystem, name: Option<String>) -> Result<KeyDraft> {
    let profile = Profile::of(ecosystem);
    match name {
        Some(name) => Ok(profile.legacy_draft_named(name)?),
        None => Ok(profile.legacy_draft()),
    }
}

/// Names every line whose value has a key, or had one, or stands in an earlier line.
async fn check_unknown(db: &mut Db, values: &[LegacyValue]) -> Result<()> {
    let (mut problems, mut seen) = (Vec::new(), std::collections::HashMap::new());
    for LegacyValue { line, digest } in values {
        if let Some(first) = seen.insert(*digest, *line) {
            problems.push(format!("Line {line}: the same value stands in line {first}."));
        }
        match db.keys().find_by_digest(digest).await? {
            Some(key) if key.revoked_at.is_some() => problems.push(format!(
                "Line {line}: this value belonged to a key that was deleted, and cannot come back."
            )),
            Some(_) => problems.push(format!("Line {line}: there is a key with this value already.")),
            None => {}
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
