//! The authorized no-op, beside the bare handler, in turns.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{
    client::{Connection, get},
    fill::Keys,
    options::Options,
    process::Server,
    sample::{Sample, median},
};

/// What both servers are asked for.
pub(crate) const PATH: &str = "/rubygems/api/v1/api_key/check";
/// The same with the action that is asked for.
const TARGET: &str = "/rubygems/api/v1/api_key/check?scope=index_rubygems";

/// One server's turns.
#[derive(Default)]
struct Turns {
    rates: Vec<f64>,
    times: Sample,
    processor: Duration,
}

/// Lets the two servers take turns under the same load, and tells how they compare.
pub(crate) async fn compare(server: &Server, bare: &Server, keys: &Keys, options: &Options) -> Result<()> {
    let (mut ours, mut bares) = (Turns::default(), Turns::default());
    let warm: Vec<_> = keys.warm.iter().map(|key| get(TARGET, Some(key))).collect();
    let requests: Vec<_> = warm.into_iter().cycle().take(options.connections).collect();
    // The first turn of each only warms up.
    turn(server.address, &requests, options.turn / 2).await?;
    turn(bare.address, &requests, options.turn / 2).await?;
    for _ in 0..options.rounds {
        bares.take(bare, &requests, options.turn).await?;
        ours.take(server, &requests, options.turn).await?;
    }
    println!(
        "\nauthorized no-op: GET {TARGET}, {} connections, log level {}",
        options.connections, options.log_level
    );
    bares.tell("bare handler");
    ours.tell("key check");
    let ratios: Vec<_> =
        ours.rates.iter().zip(&bares.rates).map(|(ours, bare)| 100.0 * ours / bare).collect();
    println!("  key check / bare handler: {:.1} % (median of the rounds; {ratios:.1?})", median(&ratios));
    Ok(())
}

impl Turns {
    #[expect(clippy::cast_precision_loss, reason = "nobody counts so many requests")]
    async fn take(&mut self, server: &Server, requests: &[Vec<u8>], length: Duration) -> Result<()> {
        let before = server.processor_time().unwrap_or_default();
        let times = turn(server.address, requests, length).await?;
        self.processor += server.processor_time().unwrap_or_default().saturating_sub(before);
        self.rates.push(times.count() as f64 / length.as_secs_f64());
        self.times.merge(times);
        Ok(())
    }

    fn tell(&mut self, name: &str) {
        let (rate, processor) =
            (median(&self.rates), self.processor / u32::try_from(self.times.count()).unwrap_or(u32::MAX));
        println!(
            "  {name:<13} {rate:>7.0} requests/s (median) · {processor:.1?} of the processor each · {}",
            self.times.summary()
        );
    }
}

/// All connections ask one after the other, each on its own, until the time is over.
async fn turn(address: SocketAddr, requests: &[Vec<u8>], length: Duration) -> Result<Sample> {
    let deadline = Instant::now() + length;
    let clients: Vec<_> =
        requests.iter().map(|request| tokio::spawn(ask_until(deadline, address, request.clone()))).collect();
    let mut times = Sample::default();
    for client in clients {
        times.merge(client.await??);
    }
    Ok(times)
}

async fn ask_until(deadline: Instant, address: SocketAddr, request: Vec<u8>) -> Result<Sample> {
    let mut connection = Connection::open(address).await?;
    let mut times = Sample::default();
    let mut asked = Instant::now();
    while asked < deadline {
        let answer = connection.exchange(&request).await?;
        ensure!(
            answer.status == 204,
            "the answer is {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        let answered = Instant::now();
        times.add(answered - asked);
        asked = answered;
    }
    Ok(times)
}
