use domain::{
    AccountId, EXPIRY_WARNING_DAYS, Ecosystem, Key, KeyDigest, KeyEdit, KeyId, KeyProblem, KeyState,
    PackageName, PlainKey, Profile, Timestamp, Token,
};
use jiff::SignedDuration;
use serde_json::json;
use store::AuditEvent;

use crate::{
    Author, Caller, Conflict, Error, Event, IssuedKey, KeyNews, Missing, Registry, Result, change::Change,
};

/// The value of a new key can be handed out for this long.
const CLAIM_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// How the audit log and the owner hear of a deleted key.
const DELETED: (&str, KeyNews) = ("key.revoked", KeyNews::Deleted);

/// The most working keys that an account can have: so many are revoked, announced and listed at once.
pub const MOST_KEYS: usize = 1000;

/// The most packages and patterns that all working keys of an account can have together: so many are read to list what its keys reach.
pub const MOST_PATTERNS_IN_ALL: usize = 10_000;

/// [`MOST_KEYS`] as the database counts.
pub(crate) const MOST_KEYS_READ: i64 = 1000;

/// Which keys of an account to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyFilter {
    /// Those of one ecosystem.
    pub ecosystem: Option<Ecosystem>,
    /// Also those that were revoked.
    pub revoked: bool,
}

/// Whether a key is alive and has a scope about packages, on this one among others. Scopes about the account reach none.
pub(crate) fn reaches(key: &Key, package: &PackageName, now: Timestamp) -> bool {
    key.state(now) == KeyState::Active
        && key.ecosystem == package.ecosystem()
        && key.words.iter().any(|word| word.package_bound)
        && key.selection.covers(package)
}

impl Registry {
    /// The newest keys of an account, revoked ones included, newest first: at most as many as can work at a time.
    pub async fn keys(&self, owner: AccountId) -> Result<Vec<Key>> {
        let all = KeyFilter { revoked: true, ..KeyFilter::default() };
        Ok(self.key_page(owner, all, None, MOST_KEYS).await?.0)
    }

    /// A page of the keys of an account, newest first: `size` of them from `from` on, and the first key of the next page.
    pub async fn key_page(
        &self,
        owner: AccountId,
        filter: KeyFilter,
        from: Option<KeyId>,
        size: usize,
    ) -> Result<(Vec<Key>, Option<KeyId>)> {
        let mut db = self.store().read().await?;
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        let mut keys = db.keys().page(owner, filter.ecosystem, filter.revoked, from, limit).await?;
        let next = if keys.len() > size { keys.pop().map(|key| key.id) } else { None };
        Ok((keys, next))
    }

    /// Keys of an account that have expired or soon will, at most `limit`: those that end last come first.
    pub async fn keys_that_end(&self, owner: AccountId, limit: usize) -> Result<Vec<Key>> {
        let (now, limit) = (self.now(), i64::try_from(limit).unwrap_or(i64::MAX));
        let soon = now + SignedDuration::from_hours(24 * i64::from(EXPIRY_WARNING_DAYS));
        let keys = self.store().read().await?.keys().ending(owner, soon, limit).await?;
        let ends = |key: &Key| key.state(now) == KeyState::Expired || key.expires_soon(now);
        Ok(keys.into_iter().filter(ends).collect())
    }

    /// The account's live keys that reach a package: those that grant something on it now.
    pub async fn keys_reaching(&self, owner: AccountId, package: &PackageName) -> Result<Vec<Key>> {
        let now = self.now();
        let keys = self.store().read().await?.keys().working(owner, now, MOST_KEYS_READ).await?;
        Ok(keys.into_iter().filter(|key| reaches(key, package, now)).collect())
    }

    /// The key with this id.
    pub async fn key(&self, id: KeyId) -> Result<Key> {
        Ok(self.store().read().await?.keys().get(id).await?.ok_or(Missing::Key)?)
    }

    /// The account's own key with this value.
    pub async fn find_own_key(&self, owner: AccountId, value: &str) -> Result<Key> {
        let key = self.store().read().await?.keys().find_by_digest(&KeyDigest::of(value)).await?;
        Ok(key.filter(|key| key.owner == owner).ok_or(Missing::Key)?)
    }

    /// Changes a key, all or nothing. It holds from the moment this returns, in every process.
    pub async fn edit_key(&self, author: impl Into<Author<'_>>, id: KeyId, edit: KeyEdit) -> Result<Key> {
        let mut change = self.begin(author).await?;
        let key = change.key(id).await?;
        let draft = Profile::of(key.ecosystem).edit(&key, edit, change.now())?;
        change
            .has_room_for_patterns(key.owner, draft.selection.len().saturating_sub(key.selection.len()))
            .await?;
        change.keys().update(id, &draft).await?;
        let words: Vec<_> = draft.words.iter().map(|word| word.word).collect();
        let details = json!({ "name": key.name, "scopes": words });
        self.commit_key_change(change, &key, ("key.changed", KeyNews::Changed), details).await?;
        self.key(id).await
    }

    /// Revokes a key. From the moment this returns it opens nothing, in any process.
    pub async fn revoke_key(&self, author: impl Into<Author<'_>>, id: KeyId) -> Result<Key> {
        let mut change = self.begin(author).await?;
        let (key, now) = (change.key(id).await?, change.now());
        if !change.keys().revoke(id, now).await? {
            return Err(Conflict::KeyRevoked.into());
        }
        self.commit_key_change(change, &key, DELETED, json!({ "name": key.name })).await?;
        self.key(id).await
    }

    /// Replaces a key by one with the same settings and a new value, where the profile allows it. The old value is dead when
    /// this returns.
    pub async fn regenerate_key(&self, author: impl Into<Author<'_>>, id: KeyId) -> Result<IssuedKey> {
        let mut change = self.begin(author).await?;
        let (key, now) = (change.key(id).await?, change.now());
        let draft = Profile::of(key.ecosystem)
            .renew(&key, now)
            .map_err(|problem| Error::InvalidKey(problem.into()))?;
        change.keys().revoke(id, now).await?;
        let issued = self.record_key(&mut change, key.owner, key.ecosystem, draft).await?;
        let details = json!({ "name": key.name, "replaced_by": issued.key.id.to_string() });
        self.commit_key_change(change, &key, ("key.regenerated", KeyNews::Regenerated), details).await?;
        Ok(issued)
    }

    /// Revokes all keys of an account in the transaction of a larger change, which announces itself. Returns how many worked.
    pub(crate) async fn revoke_all_keys(&self, change: &mut Change, owner: AccountId) -> Result<usize> {
        Ok(change.revoke_keys(owner, None).await?.len())
    }

    /// Revokes all keys of an account in one ecosystem. Returns how many worked.
    pub async fn reset_keys(
        &self,
        author: impl Into<Author<'_>>,
        owner: AccountId,
        ecosystem: Ecosystem,
    ) -> Result<usize> {
        let mut change = self.begin(author).await?;
        change.account(owner).await?;
        let keys = change.revoke_keys(owner, Some(ecosystem)).await?;
        if keys.is_empty() && !change.has_events() {
            return Ok(0);
        }
        for key in &keys {
            self.announce(&mut change, Event::KeyNews { key: key.id, news: DELETED.1 }).await?;
        }
        let epoch = change.authorization().changed(owner).await?;
        change.commit().await?;
        self.enforce(owner, epoch).await?;
        Ok(keys.len())
    }

    /// Lets the page of a new key hand out its value: whoever sends the claim draws it, once, within ten minutes. Until then the
    /// key has a value that nobody knows.
    pub async fn offer_value(&self, caller: &Caller, id: KeyId) -> Result<Token> {
        let claim = Token::generate();
        let mut change = self.begin(caller).await?;
        let (key, until) = (change.key(id).await?, change.now() + CLAIM_LIFE);
        change.keys().offer_value(id, &claim.digest(), until).await?;
        change.record_key(&key, "key.value_offered", json!({ "name": key.name })).await?;
        change.commit().await?;
        Ok(claim)
    }

    /// Draws the value of a key against its claim. A claim is good for one value.
    pub async fn claim_value(&self, caller: &Caller, id: KeyId, claim: &str) -> Result<PlainKey> {
        let value = PlainKey::generate();
        let mut change = self.begin(caller).await?;
        let (key, now) = (change.key(id).await?, change.now());
        if !change.keys().claim_value(key.id, &KeyDigest::of(claim), &value.digest(), now).await? {
            return Err(Missing::Key.into());
        }
        change.record_key(&key, "key.value_claimed", json!({ "name": key.name })).await?;
        change.commit().await?;
        Ok(value)
    }

    async fn commit_key_change(
        &self,
        mut change: Change,
        key: &Key,
        (action, news): (&'static str, KeyNews),
        details: serde_json::Value,
    ) -> Result<()> {
        change.record_key(key, action, details).await?;
        self.announce(&mut change, Event::KeyNews { key: key.id, news }).await?;
        let epoch = change.authorization().changed(key.owner).await?;
        change.commit().await?;
        self.enforce(key.owner, epoch).await
    }
}

impl Change {
    /// The key with this id, locked until the end. Callers have their own keys alone: those of others do not exist.
    async fn key(&mut self, id: KeyId) -> Result<Key> {
        // The account before the key: accounts are locked first everywhere.
        let key = self.keys().get(id).await?.ok_or(Missing::Key)?;
        self.account(key.owner).await.map_err(|error| match error {
            Error::NotFound(Missing::Account) => Missing::Key.into(),
            other => other,
        })?;
        Ok(self.keys().get_locked(id).await?.ok_or(Missing::Key)?)
    }

    /// Revokes the keys of an account, with an event for each that worked and one for all others. Returns those that worked.
    async fn revoke_keys(&mut self, owner: AccountId, ecosystem: Option<Ecosystem>) -> Result<Vec<Key>> {
        let now = self.now();
        let mut working = self.keys().working(owner, now, MOST_KEYS_READ).await?;
        working.retain(|key| ecosystem.is_none_or(|ecosystem| key.ecosystem == ecosystem));
        for key in &working {
            self.record_key(key, DELETED.0, json!({ "name": key.name, "reset": true })).await?;
        }
        let revoked = self.keys().revoke_all(owner, ecosystem, now).await?;
        let ended = revoked.saturating_sub(working.len().try_into().unwrap_or(u64::MAX));
        if ended > 0 {
            let (account, details) = (Some(owner), json!({ "count": ended }));
            let action = "keys.ended_revoked";
            self.record(AuditEvent { action, account, details, ..AuditEvent::default() }).await?;
        }
        Ok(working)
    }

    /// Refuses so many more keys, where the account would have more than it can have. The account is locked.
    pub(crate) async fn has_room_for_keys(&mut self, owner: AccountId, more: usize) -> Result<()> {
        let now = self.now();
        let working = self.keys().count_working(owner, now).await?;
        if usize::try_from(working).unwrap_or(usize::MAX).saturating_add(more) > MOST_KEYS {
            return Err(Error::InvalidKey(KeyProblem::TooManyKeys { limit: MOST_KEYS }.into()));
        }
        Ok(())
    }

    /// The same for packages and patterns of keys. An edit that adds none is never refused.
    pub(crate) async fn has_room_for_patterns(&mut self, owner: AccountId, more: usize) -> Result<()> {
        if more == 0 {
            return Ok(());
        }
        let now = self.now();
        let listed = self.keys().count_working_grants(owner, now).await?;
        if usize::try_from(listed).unwrap_or(usize::MAX).saturating_add(more) > MOST_PATTERNS_IN_ALL {
            let problem = KeyProblem::TooManyPatternsInAll { limit: MOST_PATTERNS_IN_ALL };
            return Err(Error::InvalidKey(problem.into()));
        }
        Ok(())
    }

    /// Writes the audit event of a change of a key.
    pub(crate) async fn record_key(
        &mut self,
        key: &Key,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let (account, key) = (Some(key.owner), Some(key.id));
        self.record(AuditEvent { action, account, key, details, ..AuditEvent::default() }).await
    }
}
