//! Keys in memory. An entry is good only while this process follows the changes that others make, and only if nothing of its
//! account changed since it was read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{AccountId, KeyDigest, Scope};

use crate::WarmKey;

/// After a look at the changes, this long may a process trust its memory. Whoever makes a change waits at most this long for
/// processes that do not answer.
pub(crate) const LEASE: Duration = Duration::from_secs(1);

/// Above this many changed accounts their list is folded into one number.
const REMEMBERED_CHANGES: usize = 100_000;

#[derive(Debug)]
pub(crate) struct Credentials {
    entries: moka::sync::Cache<KeyDigest, Entry>,
    /// The newest change of each account that changed since [`Self::floor`].
    changes: papaya::HashMap<AccountId, i64>,
    /// Entries read before this change are stale.
    floor: AtomicI64,
    /// The newest change that is applied here.
    applied: AtomicI64,
    /// Until when the memory may be trusted, in milliseconds since `born`.
    trusted_until: AtomicU64,
    born: Instant,
}

#[derive(Debug, Clone)]
struct Entry {
    warm: Arc<WarmKey>,
    /// The change that was applied when the key was read.
    epoch: i64,
}

impl Credentials {
    pub(crate) fn new(capacity: u64) -> Self {
        Self {
            entries: moka::sync::Cache::builder()
                .max_capacity(capacity)
                .weigher(|_, entry: &Entry| weight(&entry.warm.scope))
                .build(),
            changes: papaya::HashMap::new(),
            floor: AtomicI64::new(0),
            applied: AtomicI64::new(0),
            trusted_until: AtomicU64::new(0),
            born: Instant::now(),
        }
    }

    /// The key with this digest, if it is here and may be trusted.
    pub(crate) fn get(&self, digest: &KeyDigest) -> Option<Arc<WarmKey>> {
        if self.since_birth(Instant::now()) >= self.trusted_until.load(Ordering::Acquire) {
            return None;
        }
        let entry = self.entries.get(digest)?;
        let changed = self.changes.pin().get(&entry.warm.account.id).copied().unwrap_or(0);
        let fresh = entry.epoch >= changed && entry.epoch >= self.floor.load(Ordering::Acquire);
        fresh.then_some(entry.warm)
    }

    /// The change that is applied here. Ask *before* reading a key from the database.
    pub(crate) fn epoch(&self) -> i64 {
        self.applied.load(Ordering::Acquire)
    }

    /// Keeps a key that was read when `epoch` was applied.
    pub(crate) fn keep(&self, digest: KeyDigest, warm: Arc<WarmKey>, epoch: i64) {
        self.entries.insert(digest, Entry { warm, epoch });
    }

    /// Applies a change made in this process: what was read of the account before is stale.
    pub(crate) fn changed(&self, account: AccountId, epoch: i64) {
        self.changes.pin().update_or_insert(account, |known| (*known).max(epoch), epoch);
    }

    /// Applies changes made elsewhere, in order, up to `epoch`. `complete` tells that none is missing.
    pub(crate) fn apply(&self, changes: &[(i64, AccountId)], epoch: i64, complete: bool) {
        for (change, account) in changes {
            self.changed(*account, *change);
        }
        if !complete || self.changes.len() > REMEMBERED_CHANGES {
            self.floor.fetch_max(epoch, Ordering::AcqRel);
            self.changes.pin().clear();
        }
        self.applied.fetch_max(epoch, Ordering::AcqRel);
    }

    /// A look at the changes that began at `started` found nothing unapplied: the memory may be trusted for a lease.
    pub(crate) fn trust_from(&self, started: Instant) {
        self.trusted_until.fetch_max(self.since_birth(started + LEASE), Ordering::AcqRel);
    }

    fn since_birth(&self, instant: Instant) -> u64 {
        u64::try_from(instant.duration_since(self.born).as_millis()).unwrap_or(u64::MAX)
    }
}

/// As many grants take the memory of one more ordinary key.
const GRANTS_OF_A_KEY: usize = 10;

/// As how many keys one counts: a key for hundreds of packages is as large as hundreds of keys for one.
fn weight(scope: &Scope) -> u32 {
    u32::try_from(1 + scope.len() / GRANTS_OF_A_KEY).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use domain::{Action, Glob, Grant, Selector};

    use super::*;

    #[test]
    fn a_key_for_many_packages_takes_the_place_of_many_keys() {
        let grant = |number: usize| Grant {
            action: Action::PublishVersion,
            selector: Selector::Glob(Glob::parse(&format!("name{number}*")).expect("it is a glob")),
        };
        let of = |grants: usize| weight(&(0..grants).map(grant).collect());
        assert_eq!([of(1), of(9), of(500)], [1, 1, 51]);
    }
}
