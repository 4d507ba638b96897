//! Pushes of small gems, and the documents that must show them at once.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use gem_format::build::GemBuilder;

use crate::{
    client::{Connection, get, push},
    fill::Keys,
    process::Server,
    sample::{Sample, milliseconds},
};

/// Publishers that push at the same time.
const PUBLISHERS: usize = 8;
/// How often a document is read after a push.
const READS: usize = 15;
/// The documents of all gems.
const DOCUMENTS: [&str; 2] = ["/rubygems/versions", "/rubygems/specs.4.8.gz"];

/// The first read of each document by this process, and reads that each follow a push.
pub(crate) async fn documents(server: &Server, keys: &Keys, gems: usize) -> Result<()> {
    let mut connection = Connection::open(server.address).await?;
    for path in DOCUMENTS {
        let (first, length) = read(&mut connection, path).await?;
        let mut times = Sample::default();
        for number in 0..READS {
            let word = path.split(['/', '.']).nth(2).unwrap_or_default();
            publish(&mut connection, keys, &format!("after-{word}-{gems}-{number}")).await?;
            times.add(read(&mut connection, path).await?.0);
        }
        let first = milliseconds(first);
        println!(
            "  {path} ({length} bytes): first read since the start {first}; after a push {}",
            times.summary()
        );
    }
    Ok(())
}

async fn read(connection: &mut Connection, path: &str) -> Result<(Duration, usize)> {
    let asked = Instant::now();
    let answer = connection.exchange(&get(path, None)).await?;
    ensure!(answer.status == 200, "{path} is answered with {}", answer.status);
    Ok((asked.elapsed(), answer.body.len()))
}

/// Pushes of new gems: one after the other, then by several publishers at once.
pub(crate) async fn pushes(server: &Server, keys: &Keys, gems: usize, count: usize) -> Result<()> {
    let measured = Measured::begin(server);
    let mut times = publish_all(server, keys, &format!("alone-{gems}"), count).await?;
    measured.tell("one publisher", &mut times, server);
    let measured = Measured::begin(server);
    let mut times = Sample::default();
    let publishers: Vec<_> = (0..PUBLISHERS).map(|p| format!("together-{gems}-{p}")).collect();
    let work = publishers.iter().map(|prefix| publish_all(server, keys, prefix, count / PUBLISHERS));
    for done in futures_util::future::try_join_all(work).await? {
        times.merge(done);
    }
    measured.tell(&format!("{PUBLISHERS} publishers"), &mut times, server);
    Ok(())
}

/// When pushes began, by both clocks: the processor time of a push is the same on a busy machine, its duration is not.
struct Measured {
    began: Instant,
    processor: Duration,
}

impl Measured {
    fn begin(server: &Server) -> Self {
        Self { began: Instant::now(), processor: server.processor_time().unwrap_or_default() }
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody counts so many pushes")]
    fn tell(&self, who: &str, times: &mut Sample, server: &Server) {
        let rate = times.count() as f64 / self.began.elapsed().as_secs_f64();
        let used = server.processor_time().unwrap_or_default().saturating_sub(self.processor);
        let processor = used / u32::try_from(times.count()).unwrap_or(u32::MAX).max(1);
        println!(
            "  pushes of small gems, {who:<13} {rate:>5.0} pushes/s · {processor:.1?} of the processor each · {}",
            times.summary()
        );
    }
}

async fn publish_all(server: &Server, keys: &Keys, prefix: &str, count: usize) -> Result<Sample> {
    let mut connection = Connection::open(server.address).await?;
    let mut times = Sample::default();
    for number in 0..count {
        times.add(publish(&mut connection, keys, &format!("{prefix}-{number}")).await?);
    }
    Ok(times)
}

async fn publish(connection: &mut Connection, keys: &Keys, name: &str) -> Result<Duration> {
    let gem = GemBuilder::new(name, "1.0.0").file("lib/code.rb", "puts 1\n".repeat(200)).build();
    let request = push(&keys.warm[0], &gem);
    let asked = Instant::now();
    let answer = connection.exchange(&request).await?;
    ensure!(
        answer.status == 200,
        "a push is answered with {}: {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    );
    Ok(asked.elapsed())
}
