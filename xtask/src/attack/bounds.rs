//! What an attack may cost.

use std::time::Duration;

/// Memory that the server may have at its peak, in MiB.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peak {
    /// In all.
    Total(u64),
    /// More than before the attack.
    More(u64),
}

/// The bounds of an attack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Memory at the peak.
    pub(crate) peak: Peak,
    /// Memory once the server is idle again, in MiB.
    pub(crate) idle: u64,
    /// The longest that somebody else waits for a good answer, at any time.
    pub(crate) wait: Duration,
}

/// Memory of a server that has nothing to do, in MiB.
const IDLE: u64 = 100;
/// Others wait for an answer at most so long; what is slow on an idle machine may take that on a busy one, in a debug build.
const WAIT: Duration = Duration::from_secs(3);

/// One request of at most a megabyte.
pub(crate) const SMALL_REQUEST: Bounds = Bounds { peak: Peak::More(64), idle: IDLE, wait: WAIT };
/// Many requests, many at a time.
pub(crate) const CROWD: Bounds = Bounds { peak: Peak::Total(300), idle: IDLE, wait: WAIT };
