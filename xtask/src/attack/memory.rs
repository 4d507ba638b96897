//! The memory of a process, as Linux counts it, and a ceiling for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A process that takes more than this is killed, in bytes.
const CEILING: u64 = 1536 * 1024 * 1024;
/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(10);
/// An idle process gives memory back within this time.
const SETTLE: Duration = Duration::from_secs(10);

/// The memory of one process.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    folder: PathBuf,
}

impl Memory {
    /// The memory of the process with this number.
    pub(crate) fn of(process: u32) -> Self {
        Self { folder: PathBuf::from(format!("/proc/{process}")) }
    }

    /// What is resident now, in bytes.
    pub(crate) fn now(&self) -> Result<u64> {
        self.read("VmRSS:")
    }

    /// The most that was resident since [`Memory::forget_peak`], in bytes.
    pub(crate) fn peak(&self) -> Result<u64> {
        self.read("VmHWM:")
    }

    /// Makes what is resident now the peak.
    pub(crate) fn forget_peak(&self) -> Result<()> {
        std::fs::write(self.folder.join("clear_refs"), "5").context("the peak of memory cannot be set back")
    }

    /// Waits until no more than `bound` bytes are resident, or for a while, and returns how many are.
    pub(crate) fn settled(&self, bound: u64) -> Result<u64> {
        let start = Instant::now();
        loop {
            let now = self.now()?;
            if now <= bound || start.elapsed() > SETTLE {
                return Ok(now);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn read(&self, line: &str) -> Result<u64> {
        let status = std::fs::read_to_string(self.folder.join("status")).context("the process is gone")?;
        of_status(&status, line).context("the process is gone")
    }
}

/// Reads a line of `/proc/PID/status` that says `NAME: 1234 kB`, in bytes. A process that was killed has no such line.
fn of_status(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim_end().parse::<u64>().ok()? * 1024)
}

/// Watches a process and kills it above the ceiling, or when its time is up.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    highest: Arc<AtomicU64>,
    thread: Option<JoinHandle<Option<String>>>,
}

impl Watch {
    /// Watches until [`Watch::finish`], for at most `longest`.
    pub(crate) fn start(process: u32, longest: Duration) -> Self {
        let (stop, highest) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, seen, memory) = (Arc::clone(&stop), Arc::clone(&highest), Memory::of(process));
        let watch = move || {
            let start = Instant::now();
            while !stopped.load(Ordering::Relaxed) {
                let Ok(now) = memory.now() else { return Some("the server died".to_owned()) };
                seen.fetch_max(now, Ordering::Relaxed);
                let why = if now > CEILING {
                    Some(format!("killed: more than {} MiB", CEILING / 1024 / 1024))
                } else {
                    (start.elapsed() > longest).then(|| format!("killed after {} s", longest.as_secs()))
                };
                if let Some(why) = why {
                    super::server::kill(process);
                    return Some(why);
                }
                std::thread::sleep(LOOK);
            }
            None
        };
        Self { stop, highest, thread: Some(std::thread::spawn(watch)) }
    }

    /// Stops watching. Returns the highest amount that was seen, in bytes, and why the process was killed if it was.
    pub(crate) fn finish(mut self) -> (u64, Option<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("a watch finishes once");
        let why = thread.join().expect("a watch does not panic");
        (self.highest.load(Ordering::Relaxed), why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_process_tells_kibibytes() {
        let status = "Name:\tkeyward\nVmHWM:\t   25288 kB\nVmRSS:\t   20000 kB\nThreads:\t3\n";
        assert_eq!(of_status(status, "VmHWM:"), Some(25288 * 1024));
        assert_eq!(of_status(status, "VmRSS:"), Some(20000 * 1024));
        assert_eq!(of_status("Name:\tkeyward\nState:\tZ (zombie)\n", "VmRSS:"), None);
    }

    #[test]
    fn our_own_memory_can_be_read_and_is_no_more_than_its_peak() {
        let own = Memory::of(std::process::id());
        assert!(own.now().unwrap() > 0);
        assert!(own.peak().unwrap() > 0);
    }
}
