//! What is counted off the request's path: when a key was last used, and downloads.

use std::{collections::HashMap, sync::Mutex};

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

    fn take(&self) -> (Vec<(KeyId, Timestamp)>, HashMap<ReleaseId, i64>) {
        let keys = self.keys.pin();
        let used: Vec<_> = keys.iter().map(|(key, at)| (*key, *at)).collect();
        for (key, at) in &used {
            // Left alone when it was used again meanwhile: the next batch takes it.
            let _ = keys.remove_if(key, |_, noted| noted == at);
        }
        let downloads =
            std::mem::take(&mut *self.downloads.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        (used, downloads)
    }
}

impl Registry {
    /// Writes what was counted since the last time, in one transaction.
    pub async fn record_usage(&self) -> Result<()> {
        let (keys, downloads) = self.inner.usage.take();
        if keys.is_empty() && downloads.is_empty() {
            return Ok(());
        }
        let mut db = self.store().begin().await?;
        for (key, at) in keys {
            db.keys().note_use(key, at).await?;
        }
        for (release, count) in downloads {
            db.releases().count_downloads(release, count).await?;
        }
        Ok(db.commit().await?)
    }
}
