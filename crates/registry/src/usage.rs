//! What is counted off the request's path: when a key was last used, and downloads.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{KeyId, ReleaseId, Timestamp};

use crate::{Registry, Result};

#[derive(Debug, Default)]
pub(crate) struct Usage {
    keys: papaya::HashMap<KeyId, Timestamp>,
    downloads: Mutex<HashMap<ReleaseId, i64>>,
}

impl Usage {
    pub(crate) fn key_used(&self, key: KeyId, now: Timestamp) {
        let keys = self.keys.pin();
        // One write a second and key is enough: the hot path mostly reads.
        if keys.get(&key).is_none_or(|noted| noted.as_second() != now.as_second()) {
            keys.insert(key, now);
        }
    }

    pub(crate) fn downloaded(&self, release: ReleaseId) {
        *self
            .downloads
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .entry(release)
            .or_default() += 1;
    }

    fn take(&self) -> Counted {
        let keys = self.keys.pin();
        let mut used: Vec<_> = keys.iter().map(|(key, at)| (*key, *at)).collect();
        for (key, at) in &used {
            // Left alone when it was used again meanwhile: the next batch takes it.
            let _ = keys.remove_if(key, |_, noted| noted == at);
        }
        // In one order everywhere, so that two processes never wait for each other.
        used.sort_unstable();
        let mut downloads: Vec<_> = std::mem::take(&mut *self.counters()).into_iter().collect();
        downloads.sort_unstable();
        Counted { keys: used, downloads }
    }

    /// Takes counts back that could not be written.
    fn put_back(&self, counted: Counted) {
        for (key, at) in counted.keys {
            self.keys.pin().get_or_insert(key, at);
        }
        let mut counters = self.counters();
        for (release, count) in counted.downloads {
            *counters.entry(release).or_default() += count;
        }
    }

    fn counters(&self) -> MutexGuard<'_, HashMap<ReleaseId, i64>> {
        self.downloads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was counted since the last time.
#[derive(Debug)]
struct Counted {
    keys: Vec<(KeyId, Timestamp)>,
    downloads: Vec<(ReleaseId, i64)>,
}

impl Registry {
    /// Writes what was counted since the last time, in one transaction. What cannot be written is kept for the next time.
    pub async fn record_usage(&self) -> Result<()> {
        let counted = self.inner.usage.take();
        if counted.keys.is_empty() && counted.downloads.is_empty() {
            return Ok(());
        }
        let written = self.write_usage(&counted).await;
        if written.is_err() {
            self.inner.usage.put_back(counted);
        }
        written
    }

    async fn write_usage(&self, counted: &Counted) -> Result<()> {
        let mut db = self.bookkeeping().await?;
        for (key, at) in &counted.keys {
            db.keys().note_use(*key, *at).await?;
        }
        for (release, count) in &counted.downloads {
            db.releases().count_downloads(*release, *count).await?;
        }
        Ok(db.commit().await?)
    }
}
