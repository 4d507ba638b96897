//! What runs beside the requests.

use std::time::Duration;

use jobs::Jobs;
use registry::Registry;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often uses of keys and downloads are written.
const RECORD_USAGE: Duration = Duration::from_secs(1);
/// How often the outbox is looked at.
const RUN_JOBS: Duration = Duration::from_millis(250);
/// How often keys that are about to end, or have ended, are looked for.
const ANNOUNCE_EXPIRY: Duration = Duration::from_mins(1);
/// How often leftovers are cleaned up.
const SWEEP: Duration = Duration::from_hours(1);

/// The background tasks of a server. They end with `stop`.
pub(crate) fn spawn(registry: &Registry, jobs: &Jobs, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let follower = registry.clone();
    let following = stop.clone();
    tasks.spawn(async move {
        following.run_until_cancelled(follower.follow_changes()).await;
    });
    let counted = registry.clone();
    tasks.spawn(every(RECORD_USAGE, stop, "recording uses", move || {
        let registry = counted.clone();
        async move { Ok(registry.record_usage().await?) }
    }));
    let swept = registry.clone();
    tasks.spawn(every(SWEEP, stop, "sweeping", move || {
        let registry = swept.clone();
        async move { Ok(registry.sweep().await.map(drop)?) }
    }));
    let expiring = registry.clone();
    tasks.spawn(every(ANNOUNCE_EXPIRY, stop, "announcing keys that end", move || {
        let registry = expiring.clone();
        async move { Ok(registry.announce_expiry().await.map(drop)?) }
    }));
    let (jobs, stopped) = (jobs.clone(), stop.clone());
    tasks.spawn(every(RUN_JOBS, stop, "running jobs", move || {
        let (jobs, stopped) = (jobs.clone(), stopped.clone());
        async move { jobs.run_due_unless(|| stopped.is_cancelled()).await.map(drop) }
    }));
    tasks
}

/// Repeats `work` until `stop`. What fails is logged, and tried again at the next turn.
fn every<F, W>(
    pause: Duration,
    stop: &CancellationToken,
    name: &'static str,
    work: W,
) -> impl Future<Output = ()> + Send + use<F, W>
where
    W: Fn() -> F + Send,
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let stop = stop.clone();
    async move {
        loop {
            if let Err(error) = work().await {
                tracing::warn!(error = format!("{error:#}"), "{name} failed and will be tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }
}
