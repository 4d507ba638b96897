//! How long one waits for the other end of a connection.

use std::{num::NonZeroU64, time::Duration};

const MICROS_PER_SECOND: u64 = 1_000_000;

/// The patience with which somebody is waited for: waiting uses it up, and what arrives meanwhile gives some back, up to what there was
/// at first. Whoever moves at least so many bytes a second is waited for without end; whoever pauses, or sends a byte now and then, is
/// not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    left: Duration,
    most: Duration,
    /// `None` gives nothing back: then `most` is the time for everything.
    bytes_per_second: Option<NonZeroU64>,
}

impl Pace {
    /// A total of time, however much is moved.
    pub(crate) fn in_total(most: Duration) -> Self {
        Self { left: most, most, bytes_per_second: None }
    }

    /// At least so many bytes a second, but for pauses of at most this length.
    pub(crate) fn at_least(bytes_per_second: NonZeroU64, most: Duration) -> Self {
        Self { left: most, most, bytes_per_second: Some(bytes_per_second) }
    }

    /// How long to wait at most.
    pub(crate) fn left(&self) -> Duration {
        self.left
    }

    /// Notes that somebody was waited for.
    pub(crate) fn waited(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    /// Notes that so many bytes were moved.
    pub(crate) fn moved(&mut self, bytes: usize) {
        let Some(rate) = self.bytes_per_second.filter(|_| self.left < self.most) else { return };
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let back = Duration::from_micros(bytes.saturating_mul(MICROS_PER_SECOND) / rate);
        self.left = self.most.min(self.left.saturating_add(back));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_mins(1);

    /// How long somebody is waited for who moves so many bytes after each pause of a second: an hour at most.
    fn patience(mut pace: Pace, bytes: usize) -> Duration {
        let mut waited = Duration::ZERO;
        while pace.left() > SECOND && waited < Duration::from_hours(1) {
            pace.waited(SECOND);
            pace.moved(bytes);
            waited += SECOND;
        }
        waited + pace.left().min(SECOND)
    }

    #[test]
    fn whoever_keeps_the_pace_is_waited_for_and_whoever_drips_is_not() {
        let pace = Pace::at_least(NonZeroU64::new(1024).unwrap(), MINUTE);
        assert!(patience(pace, 1024) > Duration::from_hours(1));
        assert_eq!(patience(pace, 0), MINUTE);
        assert!(patience(pace, 1) <= MINUTE + SECOND);
        assert!(patience(pace, 512) <= 2 * MINUTE + SECOND);
    }

    #[test]
    fn what_was_moved_in_a_rush_buys_no_longer_pause() {
        let mut pace = Pace::at_least(NonZeroU64::new(1024).unwrap(), MINUTE);
        pace.moved(usize::MAX);
        pace.waited(SECOND);
        pace.moved(1 << 30);
        assert_eq!(pace.left(), MINUTE);
    }

    #[test]
    fn a_total_is_used_up_whatever_is_moved() {
        let pace = Pace::in_total(MINUTE);
        assert_eq!(patience(pace, 1 << 20), MINUTE);
    }
}
