use domain::{
    AccountId, Ecosystem, Key, KeyDigest, KeyEdit, KeyId, KeyState, PackageName, PlainKey, Profile,
    Timestamp, Token,
};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEvent, Db};

use crate::{Actor, Conflict, Error, Event, IssuedKey, KeyNews, Missing, Registry, Result};

/// The value of a new key can be handed out for this long.
const CLAIM_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// How the audit log and the owner hear of a deleted key.
const DELETED: (&str, KeyNews) = ("key.revoked", KeyNews::Deleted);

/// Whether a key is alive and has a scope about packages, on this one among others. Scopes about the account reach none.
pub(crate) fn reaches(key: &Key, package: &PackageName, now: Timestamp) -> bool {
    key.state(now) == KeyState::Active
        && key.ecosystem == package.ecosystem()
        && key.words.iter().any(|word| word.package_bound)
        && key.selection.selectors().iter().any(|selector| selector.covers(package))
}

impl Registry {
    /// All keys of an account, newest first, revoked ones included.
    pub async fn keys(&self, owner: AccountId) -> Result<Vec<Key>> {
        Ok(self.store().read().await?.keys().list(owner).await?)
    }

    /// The account's live keys that reach a package: those that grant something on it now.
    pub async fn keys_reaching(&self, owner: AccountId, package: &PackageName) -> Result<Vec<Key>> {
        let now = self.now();
        Ok(self.keys(owner).await?.into_iter().filter(|key| reaches(key, package, now)).collect())
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
    pub async fn edit_key(&self, actor: Actor, id: KeyId, edit: KeyEdit) -> Result<Key> {
        let mut db = self.store().begin().await?;
        let key = db.keys().get_locked(id).await?.ok_or(Missing::Key)?;
        let draft = Profile::of(key.ecosystem).edit(&key, edit, self.now())?;
        db.keys().update(id, &draft).await?;
        let words: Vec<_> = draft.words.iter().map(|word| word.word).collect();
        let details = json!({ "name": key.name, "scopes": words });
        self.commit_key_change(db, actor, &key, ("key.changed", KeyNews::Changed), details).await?;
        self.key(id).await
    }

    /// Revokes a key. From the moment this returns it opens nothing, in any process.
    pub async fn revoke_key(&self, actor: Actor, id: KeyId) -> Result<Key> {
        let mut db = self.store().begin().await?;
        let key = db.keys().get_locked(id).await?.ok_or(Missing::Key)?;
        if !db.keys().revoke(id, self.now()).await? {
            return Err(Conflict::KeyRevoked.into());
        }
        self.commit_key_change(db, actor, &key, DELETED, json!({ "name": key.name })).await?;
        self.key(id).await
    }

    /// Replaces a key by one with the same settings and a new value, where the profile allows it. The old value is dead when
    /// this returns.
    pub async fn regenerate_key(&self, actor: Actor, id: KeyId) -> Result<IssuedKey> {
        let mut db = self.store().begin().await?;
        let key = db.keys().get_locked(id).await?.ok_or(Missing::Key)?;
        let draft = Profile::of(key.ecosystem)
            .renew(&key, self.now())
            .map_err(|problem| Error::InvalidKey(problem.into()))?;
        db.keys().revoke(id, self.now()).await?;
        let issued = self.record_key(&mut db, key.owner, key.ecosystem, draft).await?;
        let details = json!({ "name": key.name, "replaced_by": issued.key.id.to_string() });
        self.commit_key_change(db, actor, &key, ("key.regenerated", KeyNews::Regenerated), details).await?;
        Ok(issued)
    }

    /// Revokes all keys of an account in the transaction of a larger change, which announces itself. Returns how many were alive.
    pub(crate) async fn revoke_all_keys(&self, db: &mut Db, actor: Actor) -> Result<usize> {
        let (now, owner) = (self.now(), actor.account.ok_or(Missing::Account)?);
        let keys: Vec<_> =
            db.keys().list(owner).await?.into_iter().filter(|key| key.revoked_at.is_none()).collect();
        for key in &keys {
            db.keys().revoke(key.id, now).await?;
            let details = json!({ "name": key.name, "reset": true });
            self.record_key_change(db, actor, key, DELETED.0, details).await?;
        }
        Ok(keys.len())
    }

    /// Revokes all keys of an account in one ecosystem. Returns how many were alive.
    pub async fn reset_keys(&self, actor: Actor, owner: AccountId, ecosystem: Ecosystem) -> Result<usize> {
        let (now, mut db) = (self.now(), self.store().begin().await?);
        let alive = |key: &Key| {
            key.ecosystem == ecosystem && !matches!(key.state(now), KeyState::Revoked | KeyState::Expired)
        };
        let keys: Vec<_> = db.keys().list(owner).await?.into_iter().filter(alive).collect();
        for key in &keys {
            db.keys().revoke(key.id, now).await?;
            self.record_key_change(
                &mut db,
                actor,
                key,
                DELETED.0,
                json!({ "name": key.name, "reset": true }),
            )
            .await?;
            self.announce(&mut db, Event::KeyNews { key: key.id, news: DELETED.1 }).await?;
        }
        let epoch = db.authorization().changed(owner).await?;
        db.commit().await?;
        self.enforce(owner, epoch).await?;
        Ok(keys.len())
    }

    /// Lets the page of a new key hand out its value: whoever sends the claim draws it, once, within ten minutes. Until then the
    /// key has a value that nobody knows.
    pub async fn offer_value(&self, id: KeyId) -> Result<Token> {
        let claim = Token::generate();
        let mut db = self.store().begin().await?;
        db.keys().offer_value(id, &claim.digest(), self.now() + CLAIM_LIFE).await?;
        db.commit().await?;
        Ok(claim)
    }

    /// Draws the value of a key against its claim. A claim is good for one value.
    pub async fn claim_value(&self, owner: AccountId, id: KeyId, claim: &str) -> Result<PlainKey> {
        let value = PlainKey::generate();
        let mut db = self.store().begin().await?;
        let key = db.keys().get_locked(id).await?.filter(|key| key.owner == owner).ok_or(Missing::Key)?;
        if !db.keys().claim_value(key.id, &KeyDigest::of(claim), &value.digest(), self.now()).await? {
            return Err(Missing::Key.into());
        }
        db.commit().await?;
        Ok(value)
    }

    pub(crate) async fn record_key_change(
        &self,
        db: &mut Db,
        actor: Actor,
        key: &Key,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let event = AuditEvent {
            action,
            actor: actor.account,
            actor_key: actor.key,
            account: Some(key.owner),
            key: Some(key.id),
            details,
            ..AuditEvent::default()
        };
        Ok(db.audit().add(&event, self.now()).await?)
    }

    async fn commit_key_change(
        &self,
        mut db: Db,
        actor: Actor,
        key: &Key,
        (action, news): (&'static str, KeyNews),
        details: serde_json::Value,
    ) -> Result<()> {
        self.record_key_change(&mut db, actor, key, action, details).await?;
        self.announce(&mut db, Event::KeyNews { key: key.id, news }).await?;
        let epoch = db.authorization().changed(key.owner).await?;
        db.commit().await?;
        self.enforce(key.owner, epoch).await
    }
}
