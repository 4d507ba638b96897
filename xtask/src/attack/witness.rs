//! Others, who want answers while the server is under attack.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::client::Client;
use super::request::Request;

/// Pause between two questions.
const PAUSE: Duration = Duration::from_millis(100);
/// Once the attack is over an answer is awaited at most so long.
const GIVE_UP: Duration = Duration::from_secs(20);

/// Each asks its question again and again, every time over a new connection, and notes the longest wait for a good answer.
pub(crate) struct Witnesses {
    over: Arc<AtomicBool>,
    threads: Vec<(&'static str, JoinHandle<Duration>)>,
}

impl Witnesses {
    /// Begins to ask these questions, each with its name.
    pub(crate) fn start<const N: usize>(client: Client, questions: [(&'static str, Request); N]) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let threads = questions.map(|(name, question)| {
            let over = Arc::clone(&over);
            (name, std::thread::spawn(move || longest_wait(client, &question, &over)))
        });
        Self { over, threads: threads.into() }
    }

    /// Asks once more and returns the longest wait for each answer.
    pub(crate) fn finish(self) -> Vec<(&'static str, Duration)> {
        self.over.store(true, Ordering::Relaxed);
        let join = |thread: JoinHandle<Duration>| thread.join().expect("a witness does not panic");
        self.threads.into_iter().map(|(name, thread)| (name, join(thread))).collect()
    }
}

/// Asks until the attack is over, and once after it.
fn longest_wait(client: Client, question: &Request, over: &AtomicBool) -> Duration {
    let mut longest = Duration::ZERO;
    loop {
        let last = over.load(Ordering::Relaxed);
        longest = longest.max(wait_for_answer(client, question, over));
        if last {
            return longest;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Asks until the answer is good: refusals, errors and silence are none.
fn wait_for_answer(client: Client, question: &Request, over: &AtomicBool) -> Duration {
    let (start, mut end) = (Instant::now(), None);
    loop {
        let answer = client.ask(question);
        if answer.as_ref().is_ok_and(super::request::Answer::is_good) {
            return start.elapsed();
        }
        if over.load(Ordering::Relaxed) {
            let is_dead = answer.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused);
            if is_dead || end.get_or_insert_with(Instant::now).elapsed() > GIVE_UP {
                return start.elapsed();
            }
        }
        std::thread::sleep(PAUSE / 2);
    }
}
