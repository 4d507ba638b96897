//! Telling owners of keys that are about to end, have ended, or are retired: each once.

use domain::{AccountId, EXPIRY_WARNING_DAYS, Ecosystem, Key, KeyId, Profile, Timestamp};
use jiff::SignedDuration;
use store::Db;

use crate::{Event, KeyNews, Missing, Registry, Result};

/// Keys that are taken in one transaction.
const BATCH: i64 = 500;

/// Who hears of a key.
#[derive(Debug, Clone)]
pub struct Addressee {
    /// The name of the account.
    pub handle: String,
    /// Its mail address.
    pub email: String,
}

impl Registry {
    /// Puts the mails about keys that end into the outbox. Exactly one about each key and each kind, also when nobody asked on the
    /// very day, and when several processes ask at once. Returns how many mails were added.
    pub async fn announce_expiry(&self) -> Result<usize> {
        let (now, mut added) = (self.now(), 0);
        loop {
            let mut db = self.bookkeeping().await?;
            let taken = take_batch(&mut db, now).await?;
            if taken.is_empty() {
                return Ok(added);
            }
            added += taken.len();
            for (key, news) in taken {
                self.announce(&mut db, Event::KeyNews { key, news }).await?;
            }
            db.commit().await?;
        }
    }

    /// Who hears of an account; nobody if it has no mail address.
    pub async fn account_addressee(&self, id: AccountId) -> Result<Option<Addressee>> {
        let account = self.store().read().await?.accounts().get(id).await?.ok_or(Missing::Account)?;
        let handle = account.handle;
        Ok(account.email.map(|email| Addressee { handle, email }))
    }

    /// A key and who hears of it; nobody if the account has no mail address.
    pub async fn key_addressee(&self, id: KeyId) -> Result<(Key, Option<Addressee>)> {
        let mut db = self.store().read().await?;
        let key = db.keys().get(id).await?.ok_or(Missing::Key)?;
        let account = db.accounts().get(key.owner).await?.ok_or(Missing::Account)?;
        let handle = account.handle;
        Ok((key, account.email.map(|email| Addressee { handle, email })))
    }
}

/// Keys whose owners are about to be told of something, each marked as told.
async fn take_batch(db: &mut Db, now: Timestamp) -> Result<Vec<(KeyId, KeyNews)>> {
    let mut taken = Vec::new();
    let mut take = |keys: Vec<KeyId>, news| taken.extend(keys.into_iter().map(|key| (key, news)));
    take(db.keys().take_expiring(now, now + days(EXPIRY_WARNING_DAYS), BATCH).await?, KeyNews::ExpiresSoon);
    take(db.keys().take_expired(now, BATCH).await?, KeyNews::Expired);
    for &ecosystem in Ecosystem::ALL {
        if let Some(idle) = Profile::of(ecosystem).legacy().retired_after_idle_days {
            take(db.keys().take_retired(ecosystem, now - days(idle), now, BATCH).await?, KeyNews::Retired);
        }
    }
    Ok(taken)
}

fn days(days: u16) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}
