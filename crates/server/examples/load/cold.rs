//! Keys that are not in memory: the first request with each.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::{
    client::{Connection, get},
    fill::Keys,
    noop::PATH,
    options::Options,
    process::Server,
    sample::Sample,
};

/// Presents each key for the first time, one after the other.
pub(crate) async fn measure(server: &Server, keys: &Keys, options: &Options) -> Result<()> {
    let mut connection = Connection::open(server.address).await?;
    let mut times = Sample::default();
    for key in &keys.cold {
        let request = get(&format!("{PATH}?scope=index_rubygems"), Some(key));
        let asked = Instant::now();
        let answer = connection.exchange(&request).await?;
        times.add(asked.elapsed());
        ensure!(answer.status == 204, "a cold key is answered with {}", answer.status);
    }
    println!("\ncold keys: the first request with each of {} keys, of {}", keys.cold.len(), options.keys);
    println!("  {}", times.summary());
    Ok(())
}
