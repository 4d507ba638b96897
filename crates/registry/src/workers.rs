use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, available_parallelism},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use crate::{Error, Result};

/// So many wait for each that is worked on. Whoever comes later would wait for long, and hold its request and connection meanwhile.
const WAITING: usize = 64;

/// When somebody who came too late is asked to try again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Work that takes a core and memory: off the runtime's threads, never more at once than the machine can bear.
///
/// The permit belongs to the work, not to whoever waits for it. A client that hangs up leaves the queue; what was begun is ended
/// first, and only then something else begins.
///
/// The threads are its own, and few. Allocators keep freed memory for the thread that used it: among the many threads that the
/// runtime has for blocking work each would end up with some.
#[derive(Debug)]
pub struct Workers {
    at_once: Arc<Semaphore>,
    queue: Semaphore,
    patience: Duration,
    jobs: Sender<Job>,
}

type Job = Box<dyn FnOnce() + Send>;

impl Workers {
    /// As many at once as the machine has cores, but `most` at most. Nobody waits longer than `patience`.
    pub fn new(most: usize, patience: Duration) -> Self {
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        Self::with_limits(cores.min(most), WAITING * cores.min(most), patience)
    }

    fn with_limits(at_once: usize, waiting: usize, patience: Duration) -> Self {
        let (jobs, received) = channel();
        let received = Arc::new(Mutex::new(received));
        for _ in 0..at_once {
            let received = Arc::clone(&received);
            thread::spawn(move || work_off(&received));
        }
        Self { at_once: Arc::new(Semaphore::new(at_once)), queue: Semaphore::new(waiting), patience, jobs }
    }

    /// Does a piece of work when it is its turn. [`Error::Busy`] if too many wait, or if it takes too long.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let permit = self.permit().await?;
        let (done, result) = oneshot::channel();
        let job = move || {
            let outcome = work();
            drop(permit);
            // Whoever waited may have gone away.
            let _ = done.send(outcome);
        };
        self.jobs.send(Box::new(job)).map_err(|_| Error::internal("the workers are gone"))?;
        result.await.map_err(|_| Error::internal("the work panicked"))
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let busy = Error::Busy { retry_after: RETRY_AFTER };
        let Ok(_place) = self.queue.try_acquire() else { return Err(busy) };
        match timeout(self.patience, Arc::clone(&self.at_once).acquire_owned()).await {
            Ok(permit) => permit.map_err(Error::internal),
            Err(_) => Err(busy),
        }
    }
}

/// Does one job after the other until there is nobody any more who could send one.
fn work_off(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic was told by its hook already, and the one who waits hears of it: the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        sync::mpsc::{Sender, channel},
        task::{Context, Waker},
    };

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Work that goes on until its other end is dropped.
    fn long_work() -> (Sender<()>, impl FnOnce() + Send + 'static) {
        let (end, ended) = channel();
        (end, move || while ended.recv().is_ok() {})
    }

    /// Asks for the work as a client does that hangs up after a moment.
    fn begin(future: impl Future) {
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(future).poll(&mut context).is_pending());
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_keeps_its_permit_until_it_is_done() {
        let workers = Workers::with_limits(1, 1, PATIENCE);
        let (end, work) = long_work();
        begin(workers.run(work));
        assert_eq!(workers.at_once.available_permits(), 0);
        drop(end);
        assert_eq!(workers.run(|| 1).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn whoever_hangs_up_leaves_the_queue() {
        let workers = Workers::with_limits(1, 1, PATIENCE);
        let (end, work) = long_work();
        begin(workers.run(work));
        for _ in 0..1000 {
            begin(workers.run(|| panic!("nobody waits for this")));
        }
        drop(end);
        workers.run(|| ()).await.unwrap();
    }

    #[tokio::test]
    async fn a_panic_costs_one_piece_of_work_alone() {
        let workers = Workers::with_limits(1, 1, PATIENCE);
        let failed = workers.run(|| panic!("as the test wants")).await;
        assert!(matches!(failed, Err(Error::Internal(_))));
        workers.run(|| ()).await.unwrap();
    }

    #[tokio::test]
    async fn a_queue_that_is_full_is_told_at_once() {
        let workers = Workers::with_limits(1, 1, PATIENCE);
        let (end, work) = long_work();
        begin(workers.run(work));
        let mut waiting = pin!(workers.run(|| ()));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let refused = workers.run(|| ()).await.unwrap_err();
        assert_eq!(refused.retry_after(), Some(RETRY_AFTER));
        drop(end);
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_there_is_patience() {
        let workers = Workers::with_limits(1, 1, Duration::from_millis(1));
        let (end, work) = long_work();
        begin(workers.run(work));
        assert!(matches!(workers.run(|| ()).await, Err(Error::Busy { .. })));
        drop(end);
    }
}
