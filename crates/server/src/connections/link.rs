use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::task::AbortHandle;

/// What a connection is waiting for, and since when. One atomic word, so that a request takes no lock: the time in microseconds since
/// the first connection could be made, and two bits for the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// We are at work.
    Working,
    /// The next request has not begun.
    Idle(Duration),
    /// A request has begun, and its head is not complete.
    Head(Duration),
    /// A client has to send, or to read, for us to go on.
    Client(Duration),
    /// The connection is being closed.
    Closed,
}

const WORKING: u64 = 0;
const IDLE: u64 = 1;
const HEAD: u64 = 2;
const CLIENT: u64 = 3;
const KIND_BITS: u32 = 2;
const CLOSED: u64 = u64::MAX;

/// One connection, as its own task and those who make room see it.
#[derive(Debug)]
pub(crate) struct Link {
    clock: Instant,
    phase: AtomicU64,
    /// Whether a request is being answered.
    is_asked: AtomicBool,
    task: OnceLock<AbortHandle>,
}

/// A connection waits for its client until this is dropped.
pub(crate) struct Waiting<'a>(&'a Link);

impl Link {
    pub(crate) fn new(clock: Instant) -> Self {
        let link = Self {
            clock,
            phase: AtomicU64::new(WORKING),
            is_asked: AtomicBool::new(false),
            task: OnceLock::new(),
        };
        link.set(IDLE);
        link
    }

    /// Says which task serves the connection, so that it can be ended.
    pub(crate) fn served_by(&self, task: AbortHandle) {
        // A connection has one task: the first is it.
        _ = self.task.set(task);
    }

    /// Something was read: if no request was being answered, one has begun.
    pub(crate) fn heard(&self) {
        let phase = self.phase.load(Ordering::Relaxed);
        if phase != CLOSED && kind(phase) == IDLE {
            let head = self.now() << KIND_BITS | HEAD;
            // Whoever closes the connection meanwhile is right.
            _ = self.phase.compare_exchange(phase, head, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// A request is complete up to its body and will be answered; or not, because the connection is being closed: then nothing of it
    /// may be done.
    #[must_use]
    pub(crate) fn begin(&self) -> bool {
        self.is_asked.store(true, Ordering::Relaxed);
        self.phase.swap(WORKING, Ordering::Relaxed) != CLOSED
    }

    /// From now on the client is waited for, within a request.
    pub(crate) fn wait_for_client(&self) -> Waiting<'_> {
        self.blocked();
        Waiting(self)
    }

    /// The client does not read what we write.
    pub(crate) fn blocked(&self) {
        self.set(CLIENT);
    }

    /// The client goes on.
    pub(crate) fn unblocked(&self) {
        self.set(if self.is_asked.load(Ordering::Relaxed) { WORKING } else { IDLE });
    }

    /// The answer is complete, though the client may not have read it yet.
    fn answered(&self) {
        self.is_asked.store(false, Ordering::Relaxed);
        if kind(self.phase.load(Ordering::Relaxed)) != CLIENT {
            self.set(IDLE);
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        phase(self.phase.load(Ordering::Relaxed))
    }

    /// Closes the connection, unless it has come further than `seen` meanwhile.
    pub(super) fn close_if(&self, seen: Phase) -> bool {
        let current = self.phase.load(Ordering::Relaxed);
        if phase(current) != seen {
            return false;
        }
        let closed =
            self.phase.compare_exchange(current, CLOSED, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if closed && let Some(task) = self.task.get() {
            task.abort();
        }
        closed
    }

    fn set(&self, kind: u64) {
        let phase = if kind == WORKING { WORKING } else { self.now() << KIND_BITS | kind };
        // A connection that is being closed stays so.
        _ = self
            .phase
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| (now != CLOSED).then_some(phase));
    }

    /// Microseconds on the clock; 62 bits of them are longer than any process runs.
    fn now(&self) -> u64 {
        u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(u64::MAX) & (CLOSED >> (KIND_BITS + 1))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.unblocked();
    }
}

fn kind(phase: u64) -> u64 {
    phase & ((1 << KIND_BITS) - 1)
}

fn phase(word: u64) -> Phase {
    let since = Duration::from_micros(word >> KIND_BITS);
    match (word, kind(word)) {
        (CLOSED, _) => Phase::Closed,
        (_, IDLE) => Phase::Idle(since),
        (_, HEAD) => Phase::Head(since),
        (_, CLIENT) => Phase::Client(since),
        _ => Phase::Working,
    }
}

/// The body of an answer: its connection is idle when all of it was written.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(crate) body: Body,
    pub(crate) link: Arc<Link>,
}

impl http_body::Body for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.link.answered();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link::new(Instant::now())
    }

    #[test]
    fn a_request_goes_through_its_phases() {
        let link = link();
        assert!(matches!(link.phase(), Phase::Idle(_)));
        link.heard();
        assert!(matches!(link.phase(), Phase::Head(_)));
        assert!(link.begin());
        assert_eq!(link.phase(), Phase::Working);
        let waiting = link.wait_for_client();
        assert!(matches!(link.phase(), Phase::Client(_)));
        link.heard();
        assert!(matches!(link.phase(), Phase::Client(_)), "a part of the body begins no request");
        drop(waiting);
        assert_eq!(link.phase(), Phase::Working);
        link.answered();
        assert!(matches!(link.phase(), Phase::Idle(_)));
    }

    #[test]
    fn an_answer_that_is_complete_but_not_read_is_not_idle_before_it_is_read() {
        let link = link();
        assert!(link.begin());
        link.blocked();
        link.answered();
        assert!(matches!(link.phase(), Phase::Client(_)));
        link.unblocked();
        assert!(matches!(link.phase(), Phase::Idle(_)));
    }

    #[test]
    fn a_connection_that_is_being_closed_begins_no_request_and_one_that_began_is_not_closed() {
        let closing = link();
        assert!(closing.close_if(closing.phase()));
        closing.heard();
        assert_eq!(closing.phase(), Phase::Closed);
        assert!(!closing.begin());

        let begun = link();
        let seen = begun.phase();
        assert!(begun.begin());
        assert!(!begun.close_if(seen));
    }
}
