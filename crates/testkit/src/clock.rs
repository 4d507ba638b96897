use std::sync::{Mutex, PoisonError};

use domain::{Clock, Timestamp};

/// A clock that moves only when a test moves it. It begins at 2026-08-01 12:00 UTC.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new("2026-08-01T12:00:00Z".parse().expect("the text is an instant")))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TestClock {
    /// Moves the clock forward.
    pub fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) +=
            std::time::Duration::from_secs(seconds.unsigned_abs());
    }

    /// Moves the clock forward by whole days.
    pub fn advance_days(&self, days: i64) {
        self.advance(days * 24 * 3600);
    }
}
