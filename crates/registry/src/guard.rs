//! Limits on guessing: passwords and keys, per account and per address. In memory of each process.

use std::{num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::{Error, LimitKey, Limited, Result};

/// Sign-ins with one name: 100 in ten minutes.
const SIGN_IN: (u32, Duration) = (100, Duration::from_mins(10));
/// Mails that visitors cause, to one account or address: five in an hour.
const LETTERS: (u32, Duration) = (5, Duration::from_hours(1));
/// Mails that visitors from one address cause: 30 in an hour.
const LETTERS_FROM: (u32, Duration) = (30, Duration::from_hours(1));
/// Sign-ins, sign-ups, and tries with unknown keys, from one address: 300 in five minutes.
const ADDRESS: (u32, Duration) = (300, Duration::from_mins(5));

#[derive(Debug)]
pub(crate) struct Guard {
    limits: Option<Limits>,
}

#[derive(Debug)]
struct Limits {
    sign_in: DefaultKeyedRateLimiter<String>,
    address: DefaultKeyedRateLimiter<LimitKey>,
    letters: DefaultKeyedRateLimiter<String>,
    letters_from: DefaultKeyedRateLimiter<LimitKey>,
}

impl Guard {
    pub(crate) fn new(enabled: bool) -> Self {
        let limits = enabled.then(|| Limits {
            sign_in: RateLimiter::keyed(quota(SIGN_IN)),
            address: RateLimiter::keyed(quota(ADDRESS)),
            letters: RateLimiter::keyed(quota(LETTERS)),
            letters_from: RateLimiter::keyed(quota(LETTERS_FROM)),
        });
        Self { limits }
    }

    /// Counts a try to sign in.
    pub(crate) fn sign_in(&self, login: &str, address: LimitKey) -> Result<()> {
        let Some(limits) = &self.limits else { return Ok(()) };
        check(&limits.address, &address)?;
        check(&limits.sign_in, &login.to_ascii_lowercase())
    }

    /// Counts a mail that a visitor causes, to whom the visitor names.
    pub(crate) fn letter(&self, to: &str, from: LimitKey) -> Result<()> {
        let Some(limits) = &self.limits else { return Ok(()) };
        check(&limits.letters_from, &from)?;
        self.reminder(to)
    }

    /// Counts a mail that is sent once more.
    pub(crate) fn reminder(&self, to: &str) -> Result<()> {
        let Some(limits) = &self.limits else { return Ok(()) };
        check(&limits.letters, &to.trim().to_ascii_lowercase())
    }

    /// Counts a try that costs us something: with a key that nobody has, or to make an account.
    pub(crate) fn attempt(&self, address: LimitKey) -> Result<()> {
        self.limits.as_ref().map_or(Ok(()), |limits| check(&limits.address, &address))
    }

    /// Forgets names and addresses that have not been seen for a while.
    pub(crate) fn forget(&self) {
        if let Some(limits) = &self.limits {
            limits.sign_in.retain_recent();
            limits.address.retain_recent();
            limits.letters.retain_recent();
            limits.letters_from.retain_recent();
        }
    }
}

fn quota((tries, within): (u32, Duration)) -> Quota {
    let burst = NonZeroU32::new(tries).expect("the limits are not zero");
    Quota::with_period(within / tries).expect("the periods are not zero").allow_burst(burst)
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<()> {
    limiter.check_key(key).map_err(|until| {
        let retry_after = until.wait_time_from(governor::clock::Clock::now(limiter.clock()));
        Error::Limited(Limited { retry_after })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientAddress;

    fn address(last: u8) -> LimitKey {
        ClientAddress([192, 0, 2, last].into()).limit_key()
    }

    fn is_limited(tried: &Result<()>) -> bool {
        matches!(tried, Err(Error::Limited(limited)) if !limited.retry_after.is_zero())
    }

    #[test]
    fn one_name_is_tried_a_hundred_times_whatever_the_address_and_the_letter_case() {
        let guard = Guard::new(true);
        for attempt in 0..100 {
            guard.sign_in("alice", address(attempt)).unwrap();
        }
        assert!(is_limited(&guard.sign_in("ALICE", address(200))));
        guard.sign_in("bob", address(200)).unwrap();
    }

    #[test]
    fn one_address_tries_three_hundred_times_whatever_the_name_or_the_key() {
        let guard = Guard::new(true);
        for attempt in 0..150 {
            guard.sign_in(&format!("name{attempt}"), address(1)).unwrap();
            guard.attempt(address(1)).unwrap();
        }
        assert!(is_limited(&guard.sign_in("alice", address(1))) && is_limited(&guard.attempt(address(1))));
        guard.attempt(address(2)).unwrap();
    }

    #[test]
    fn one_mail_box_hears_of_strangers_five_times_an_hour_and_one_address_causes_thirty_mails() {
        let guard = Guard::new(true);
        for _ in 0..5 {
            guard.letter("alice@example.com", address(1)).unwrap();
        }
        assert!(is_limited(&guard.letter(" Alice@example.com", address(2))));
        for number in 0..25 {
            guard.letter(&format!("name{number}"), address(1)).unwrap();
        }
        assert!(is_limited(&guard.letter("bob", address(1))));
        guard.letter("bob", address(3)).unwrap();
    }

    #[test]
    fn an_operator_may_switch_the_limits_off() {
        let guard = Guard::new(false);
        for _ in 0..1000 {
            guard.sign_in("alice", address(1)).unwrap();
        }
    }
}
