//! Telling owners of keys that are about to end, or have ended: each once.

use domain::{AccountId, EXPIRY_WARNING_DAYS, Key, KeyId, Timestamp};
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
            let mut db = self.store().begin().await?;
            let (soon, expired) = take_batch(&mut db, now).await?;
            let count = soon.len() + expired.len();
            if count == 0 {
                return Ok(added);
            }
            for (keys, news) in [(soon, KeyNews::ExpiresSoon), (expired, KeyNews::Expired)] {
                for key in keys {
                    self.announce(&mut db, Event::KeyNews { key, news }).await?;
                }
            }
            db.commit().await?;
            added += count;
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

async fn take_batch(db: &mut Db, now: Timestamp) -> Result<(Vec<KeyId>, Vec<KeyId>)> {
    let soon = now + SignedDuration::from_hours(24 * i64::from(EXPIRY_WARNING_DAYS));
    Ok((db.keys().take_expiring(now, soon, BATCH).await?, db.keys().take_expired(now, BATCH).await?))
}
