//! Many hands.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does a piece of work so many times, each with its number, and so many at once.
pub(crate) fn crowd(times: usize, at_once: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(number) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < times)
                {
                    work(number);
                }
            });
        }
    });
}
