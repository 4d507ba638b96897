//! The instant, as an argument.

use std::fmt::Debug;

use jiff::Timestamp;

/// Tells the time. Everything that needs an instant asks the one clock of the process, so that tests can set
/// it.
pub trait Clock: Send + Sync + Debug {
    /// Returns the present instant, cut to microseconds: what every database can keep unchanged.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    fn now(&self) -> Timestamp {
        to_microseconds(Timestamp::now())
    }
}

/// Cuts an instant to microseconds, the finest that every database keeps.
pub fn to_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond())
        .expect("the microsecond of an instant is within the range of instants")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_gives_whole_microseconds() {
        let now = SystemClock.now();
        assert_eq!(now.as_nanosecond() % 1000, 0);
        assert_eq!(now, to_microseconds(now));
    }

    #[test]
    fn cutting_to_microseconds_drops_only_nanoseconds() {
        let instant: Timestamp = "2026-03-04T05:06:07.123456789Z".parse().unwrap();
        assert_eq!(to_microseconds(instant).to_string(), "2026-03-04T05:06:07.123456Z");
    }
}
