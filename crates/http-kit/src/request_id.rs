use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use domain::{EventId, Timestamp};
use uuid::{Builder, Uuid};

/// The id of a request: in the log, and in the header `X-Request-Id` of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_simple().fmt(f)
    }
}

/// Makes the ids of requests. They tell requests apart and sort by time; nobody need fail to guess them, so the operating system
/// is asked for random bytes once a process and not once a request.
#[derive(Debug)]
pub struct RequestIds {
    process: [u8; 4],
    count: AtomicU64,
}

impl RequestIds {
    /// Ids that no other process makes.
    pub fn new(now: Timestamp) -> Self {
        let [.., a, b, c, d] = EventId::new(now).as_uuid().into_bytes();
        Self { process: [a, b, c, d], count: AtomicU64::new(0) }
    }

    /// The next id.
    pub fn next(&self, now: Timestamp) -> RequestId {
        let millisecond = u64::try_from(now.as_millisecond()).unwrap_or(0);
        // No process counts beyond 48 bits.
        let [_, _, count @ ..] = self.count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut rest = [0; 10];
        rest[..4].copy_from_slice(&self.process);
        rest[4..].copy_from_slice(&count);
        RequestId(Builder::from_unix_timestamp_millis(millisecond, &rest).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_differ_within_and_between_processes() {
        let now = Timestamp::UNIX_EPOCH;
        let (one, other) = (RequestIds::new(now), RequestIds::new(now));
        let mut ids: Vec<_> =
            (0..300).flat_map(|_| [one.next(now).to_string(), other.next(now).to_string()]).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 600);
    }

    #[test]
    fn an_id_is_one_word_that_sorts_by_time() {
        let ids = RequestIds::new(Timestamp::UNIX_EPOCH);
        let late = ids.next("2026-08-01T12:00:01Z".parse().unwrap()).to_string();
        let early = ids.next("2026-08-01T12:00:00Z".parse().unwrap()).to_string();
        assert!(early < late);
        assert_eq!(early.len(), 32);
        assert!(early.bytes().all(|letter| letter.is_ascii_hexdigit()));
    }
}
