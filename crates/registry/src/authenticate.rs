use std::{net::IpAddr, sync::Arc};

use domain::{Ecosystem, KeyDigest, Presented, Reason};
use store::{Account, Db};

use crate::{Caller, Error, Registry, Result, WarmKey, caller::AccountFacts};

/// Where a request comes from, for the limits on guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl Registry {
    /// Finds who presents this key. Says nothing yet of what the key may do: an expired key is found too, and every decision
    /// refuses it.
    ///
    /// A malformed value is refused without a look-up, a warm key is found in memory.
    pub async fn authenticate(
        &self,
        presented: &str,
        ecosystem: Ecosystem,
        from: ClientAddress,
    ) -> Result<Caller> {
        let Some(digest) = Presented::inspect(presented).digest() else {
            return self.refuse_unknown(from);
        };
        if let Some(warm) = self.inner.credentials.get(&digest) {
            return if warm.key.ecosystem == ecosystem {
                Ok(Caller::with_key(warm))
            } else {
                self.refuse_unknown(from)
            };
        }
        // Boxed, so that the way of a warm key stays small: a future is moved several times on its way to the socket.
        Box::pin(self.warm_up(digest, ecosystem, from)).await
    }

    /// Reads a key that is not in memory, and keeps it there.
    async fn warm_up(&self, digest: KeyDigest, ecosystem: Ecosystem, from: ClientAddress) -> Result<Caller> {
        let epoch = self.inner.credentials.epoch();
        let warm = match self.read_key(&digest).await? {
            Some(warm) if warm.key.ecosystem == ecosystem => Arc::new(warm),
            Some(_) | None => return self.refuse_unknown(from),
        };
        self.inner.credentials.keep(digest, Arc::clone(&warm), epoch);
        Ok(Caller::with_key(warm))
    }

    fn refuse_unknown(&self, from: ClientAddress) -> Result<Caller> {
        self.inner.guard.attempt(from.0)?;
        Err(Error::Denied(Reason::Unknown))
    }

    async fn read_key(&self, digest: &KeyDigest) -> Result<Option<WarmKey>> {
        let mut db = self.store().read().await?;
        let Some(key) = db.keys().find_by_digest(digest).await? else { return Ok(None) };
        warm(&mut db, key).await.map(Some)
    }

    /// Signs an account in with its mail address or handle and its password.
    pub async fn sign_in(&self, login: &str, password: &str, from: ClientAddress) -> Result<Caller> {
        let account = self.verify_password(login, password, from).await?;
        Ok(Caller::with_password(AccountFacts::from(&account)))
    }

    /// The account with this mail address or handle, if the password is its own.
    pub(crate) async fn verify_password(
        &self,
        login: &str,
        password: &str,
        from: ClientAddress,
    ) -> Result<Account> {
        self.inner.guard.sign_in(login, from.0)?;
        let account = self.store().read().await?.accounts().find_by_login(login).await?;
        let hash = account.as_ref().and_then(|account| account.password_hash.clone());
        let right = self.inner.passwords.verify(password, hash).await?;
        account.filter(|account| right && account.locked_at.is_none()).ok_or(Error::WrongPassword)
    }
}

/// Completes a key with its account.
pub(crate) async fn warm(db: &mut Db, key: domain::Key) -> Result<WarmKey> {
    let account =
        db.accounts().get(key.owner).await?.ok_or_else(|| Error::internal("a key without an account"))?;
    Ok(WarmKey { scope: key.scope(), account: AccountFacts::from(&account), key })
}
