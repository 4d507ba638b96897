use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use domain::{Ecosystem, KeyDigest, Presented, Reason};
use store::{Account, Db};

use crate::{Caller, Error, Registry, Result, WarmKey, caller::AccountFacts};

/// Where a request comes from: whole, for logs and lists of sessions. Limits count it by its [`LimitKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// What limits count a client by. Only [`ClientAddress::limit_key`] makes one, so that no limit can count by the address itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitKey(IpAddr);

/// Bits of an IPv6 address that are its network: a provider gives each customer at least one /64, and whoever has one has all of
/// its 2^64 addresses.
const IPV6_NETWORK_BITS: u32 = 64;

/// No handle and no email address is longer, in bytes.
pub(crate) const LONGEST_LOGIN: usize = 254;

impl ClientAddress {
    /// Returns what limits count this client by: an IPv4 address itself, also one that is written as IPv6, and the /64 network of
    /// an IPv6 address.
    pub fn limit_key(self) -> LimitKey {
        LimitKey(match self.0.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let network = address.to_bits() >> IPV6_NETWORK_BITS << IPV6_NETWORK_BITS;
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
        })
    }
}

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
        self.inner.limits.attempt(from.limit_key(), self.now())?;
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
        if login.len() > LONGEST_LOGIN {
            // Nobody is called like this: it need not be counted, looked up or hashed, and says nothing of any account.
            return Err(Error::WrongPassword);
        }
        self.inner.limits.sign_in(login, from.limit_key(), self.now())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_key(address: &str) -> LimitKey {
        ClientAddress(address.parse().unwrap()).limit_key()
    }

    #[test]
    fn limits_count_ipv6_by_network_and_ipv4_by_address_however_it_is_written() {
        assert_eq!(limit_key("2001:db8:0:1::1"), limit_key("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assert_ne!(limit_key("2001:db8:0:1::1"), limit_key("2001:db8:0:2::1"));
        assert_eq!(limit_key("::ffff:192.0.2.1"), limit_key("192.0.2.1"));
        assert_ne!(limit_key("::ffff:192.0.2.1"), limit_key("::ffff:192.0.2.2"));
    }
}
