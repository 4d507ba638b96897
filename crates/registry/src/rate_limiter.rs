//! Limits on what strangers can cause: guesses at passwords and keys, and emails. In memory of each process, and in little of it
//! whatever they send: callers are remembered by digests of one size, and only so many.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{AccountId, KeyDigest, Timestamp};

use crate::{Error, LimitKey, Limited, Result};

/// Sign-ins with one name: 100 in ten minutes.
const SIGN_IN: Quota = Quota::new(100, Duration::from_mins(10));
/// Emails that visitors cause, to one account or address: five in an hour.
const EMAILS: Quota = Quota::new(5, Duration::from_hours(1));
/// Emails that visitors from one address cause: 30 in an hour.
const EMAILS_FROM: Quota = Quota::new(30, Duration::from_hours(1));
/// Invitations to own a package, from one account: 20 in an hour.
const INVITATIONS: Quota = Quota::new(20, Duration::from_hours(1));
/// Invitations to own a package, to one account or address: five in an hour. Apart from [`EMAILS`], which its owner may need.
const INVITED: Quota = Quota::new(5, Duration::from_hours(1));
/// Sign-ins, sign-ups, and tries with unknown keys, from one address: 300 in five minutes.
const ADDRESS: Quota = Quota::new(300, Duration::from_mins(5));

/// Most callers that one limit remembers. An entry takes some 50 bytes with its room in the table: five MiB when it is full.
const MOST: usize = 100_000;

/// Counts what strangers cause, by name, email address or network.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    limits: Option<Limits>,
}

#[derive(Debug)]
struct Limits {
    sign_in: Limit<Text>,
    address: Limit<LimitKey>,
    emails: Limit<Text>,
    emails_from: Limit<LimitKey>,
    invitations: Limit<AccountId>,
    invited: Limit<Text>,
}

impl RateLimiter {
    pub(crate) fn new(enabled: bool) -> Self {
        let limits = enabled.then(|| Limits {
            sign_in: Limit::new(SIGN_IN, MOST),
            address: Limit::new(ADDRESS, MOST),
            emails: Limit::new(EMAILS, MOST),
            emails_from: Limit::new(EMAILS_FROM, MOST),
            invitations: Limit::new(INVITATIONS, MOST),
            invited: Limit::new(INVITED, MOST),
        });
        Self { limits }
    }

    /// Counts a try to sign in.
    pub(crate) fn sign_in(&self, login: &str, address: LimitKey, now: Timestamp) -> Result<()> {
        let Some(limits) = &self.limits else { return Ok(()) };
        limits.address.spend(address, now)?;
        limits.sign_in.spend(Text::folded(login), now)
    }

    /// Counts an email that a visitor causes, to whom the visitor names.
    pub(crate) fn email(&self, to: &str, from: LimitKey, now: Timestamp) -> Result<()> {
        let Some(limits) = &self.limits else { return Ok(()) };
        limits.emails_from.spend(from, now)?;
        limits.emails.spend(Text::folded(to), now)
    }

    /// Counts an invitation to own a package: of whoever sends it, and of whom it names. What was typed counts, not whose it is.
    pub(crate) fn invitation(&self, by: AccountId, to: &str, now: Timestamp) -> Result<()> {
        let Some(limits) = &self.limits else { return Ok(()) };
        limits.invitations.spend(by, now)?;
        limits.invited.spend(Text::folded(to), now)
    }

    /// Counts a try that costs us something: with a key that nobody has, or to create an account.
    pub(crate) fn attempt(&self, address: LimitKey, now: Timestamp) -> Result<()> {
        self.limits.as_ref().map_or(Ok(()), |limits| limits.address.spend(address, now))
    }

    /// Forgets whoever has not been seen for a while.
    pub(crate) fn forget(&self, now: Timestamp) {
        if let Some(limits) = &self.limits {
            limits.sign_in.forget(now);
            limits.address.forget(now);
            limits.emails.forget(now);
            limits.emails_from.forget(now);
            limits.invitations.forget(now);
            limits.invited.forget(now);
        }
    }
}

/// What somebody typed, whatever its letter case: half of its SHA-256. So nobody chooses how much is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Text([u8; 16]);

impl Text {
    fn folded(text: &str) -> Self {
        let digest = KeyDigest::of(&text.trim().to_ascii_lowercase());
        Self(*digest.as_bytes().first_chunk().expect("a digest has 32 bytes"))
    }
}

/// So many at once, after which they come back one by one: all of them within that time.
#[derive(Debug, Clone, Copy)]
struct Quota {
    times: u32,
    within: Duration,
}

impl Quota {
    const fn new(times: u32, within: Duration) -> Self {
        Self { times, within }
    }
}

/// What each caller has spent of a quota.
#[derive(Debug)]
struct Limit<K> {
    quota: Quota,
    most: usize,
    /// When a caller will have the whole quota again; whoever is not here has it now.
    whole_at: Mutex<HashMap<K, Timestamp>>,
}

impl<K: Copy + Eq + Hash> Limit<K> {
    fn new(quota: Quota, most: usize) -> Self {
        Self { quota, most, whole_at: Mutex::default() }
    }

    fn spend(&self, key: K, now: Timestamp) -> Result<()> {
        let Quota { times, within } = self.quota;
        let mut entries = self.entries();
        // Never more than a quota ahead: a clock that is set back keeps nobody out for longer.
        let spent = entries.get(&key).map_or(now, |whole_at| *whole_at.clamp(&now, &(now + within)));
        let whole_at = spent + within / times;
        if whole_at > now + within {
            let retry_after = whole_at.duration_since(now + within).unsigned_abs();
            return Err(Error::Limited(Limited { retry_after }));
        }
        if entries.len() >= self.most && !entries.contains_key(&key) {
            make_room(&mut entries, self.most / 2, now);
        }
        entries.insert(key, whole_at);
        Ok(())
    }

    /// Forgets whoever has the whole quota again, and gives the memory back.
    fn forget(&self, now: Timestamp) {
        let mut entries = self.entries();
        entries.retain(|_, whole_at| *whole_at > now);
        entries.shrink_to_fit();
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<K, Timestamp>> {
        self.whole_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves at most so many: those who have spent most. The others get back what they spent, which is little: whoever has spent all
/// gets nothing back before as many others as there is room for have spent all as well. So a flood of new callers opens the limit to
/// nobody, and closes it to nobody.
fn make_room<K: Copy + Eq + Hash>(entries: &mut HashMap<K, Timestamp>, most: usize, now: Timestamp) {
    let mut spent: Vec<_> = entries.drain().filter(|(_, whole_at)| *whole_at > now).collect();
    if spent.len() > most {
        spent.select_nth_unstable_by_key(most, |(_, whole_at)| std::cmp::Reverse(*whole_at));
        spent.truncate(most);
    }
    entries.extend(spent);
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::ClientAddress;

    const NOON: Timestamp = Timestamp::UNIX_EPOCH;

    fn address(last: u8) -> LimitKey {
        ClientAddress(IpAddr::from([192, 0, 2, last])).limit_key()
    }

    fn wait(tried: Result<()>) -> Option<Duration> {
        tried.err().map(|error| match error {
            Error::Limited(limited) => limited.retry_after,
            other => panic!("{other}"),
        })
    }

    #[test]
    fn one_name_is_tried_a_hundred_times_whatever_the_address_and_the_letter_case() {
        let limiter = RateLimiter::new(true);
        for attempt in 0..100 {
            limiter.sign_in("alice", address(attempt), NOON).unwrap();
        }
        assert!(limiter.sign_in(" ALICE", address(200), NOON).is_err());
        limiter.sign_in("bob", address(200), NOON).unwrap();
    }

    #[test]
    fn one_address_tries_three_hundred_times_whatever_the_name_or_the_key() {
        let limiter = RateLimiter::new(true);
        for attempt in 0..150 {
            limiter.sign_in(&format!("name{attempt}"), address(1), NOON).unwrap();
            limiter.attempt(address(1), NOON).unwrap();
        }
        assert!(limiter.sign_in("alice", address(1), NOON).is_err());
        assert!(limiter.attempt(address(1), NOON).is_err());
        limiter.attempt(address(2), NOON).unwrap();
    }

    #[test]
    fn one_mail_box_hears_of_strangers_five_times_an_hour_and_one_address_causes_thirty_mails() {
        let limiter = RateLimiter::new(true);
        for _ in 0..5 {
            limiter.email("alice@example.com", address(1), NOON).unwrap();
        }
        assert!(limiter.email(" Alice@example.com", address(2), NOON).is_err());
        for number in 0..25 {
            limiter.email(&format!("name{number}"), address(1), NOON).unwrap();
        }
        assert!(limiter.email("bob", address(1), NOON).is_err());
        limiter.email("bob", address(3), NOON).unwrap();
    }

    #[test]
    fn an_operator_may_switch_the_limits_off() {
        let limiter = RateLimiter::new(false);
        for _ in 0..1000 {
            limiter.sign_in("alice", address(1), NOON).unwrap();
        }
    }

    /// Three in a minute: one comes back each 20 seconds.
    fn limit(most: usize) -> Limit<u32> {
        Limit::new(Quota::new(3, Duration::from_mins(1)), most)
    }

    fn at(seconds: u64) -> Timestamp {
        NOON + Duration::from_secs(seconds)
    }

    #[test]
    fn what_was_spent_comes_back_one_by_one() {
        let limit = limit(10);
        for _ in 0..3 {
            limit.spend(1, at(0)).unwrap();
        }
        assert_eq!(wait(limit.spend(1, at(0))), Some(Duration::from_secs(20)));
        assert_eq!(wait(limit.spend(1, at(15))), Some(Duration::from_secs(5)));
        limit.spend(1, at(20)).unwrap();
        assert_eq!(wait(limit.spend(1, at(20))), Some(Duration::from_secs(20)));
        for _ in 0..3 {
            limit.spend(1, at(200)).unwrap();
        }
        assert!(limit.spend(1, at(200)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out_for_longer() {
        let limit = limit(10);
        for _ in 0..3 {
            limit.spend(1, at(100_000)).unwrap();
        }
        assert_eq!(wait(limit.spend(1, at(0))), Some(Duration::from_secs(20)));
    }

    #[test]
    fn a_flood_of_new_callers_takes_no_more_memory_and_opens_the_limit_to_nobody_who_used_it_up() {
        let limit = limit(100);
        for guesser in 0..40 {
            for _ in 0..3 {
                limit.spend(guesser, at(0)).unwrap();
            }
        }
        for passer_by in 1000..11_000 {
            limit.spend(passer_by, at(1)).unwrap();
            assert!(limit.entries().len() <= 100);
        }
        assert!((0..40).all(|guesser| limit.spend(guesser, at(1)).is_err()));
    }

    #[test]
    fn whoever_was_not_seen_for_a_while_is_forgotten() {
        let limit = limit(100);
        for caller in 0..100 {
            limit.spend(caller, at(0)).unwrap();
        }
        limit.forget(at(19));
        assert_eq!(limit.entries().len(), 100);
        limit.forget(at(20));
        assert_eq!(limit.entries().capacity(), 0);
    }

    #[test]
    fn of_a_name_its_digest_is_kept_however_long_it_is() {
        assert_eq!(size_of::<Text>(), 16);
        assert_eq!(Text::folded(" Alice@Example.com "), Text::folded("alice@example.com"));
        assert_ne!(Text::folded(&"a".repeat(1_000_000)), Text::folded("a"));
    }
}
