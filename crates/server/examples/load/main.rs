//! The server under load: an authorized no-op beside a bare handler of the same web framework, keys that are not in memory, pushes
//! and the documents after them with few and with many gems.
//!
//! Each server is a process of its own, this same executable: the bare one, and the real one on a data folder that is filled
//! beforehand and deleted afterwards. The client runs here, on the same cores, over connections that stay open.

#![expect(clippy::print_stdout, reason = "what is measured is told there")]

mod bare;
mod client;
mod cold;
mod fill;
mod noop;
mod options;
mod process;
mod publish;
mod real;
mod sample;

use std::time::Instant;

use anyhow::Result;

use crate::{fill::Keys, options::Options, process::Server};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [process::BARE] => runtime.block_on(bare::serve()),
        [process::REAL, folder, level] => runtime.block_on(real::serve(folder.as_ref(), level)),
        words => runtime.block_on(run(&Options::parse(words)?)),
    }
}

/// Fills a store, measures, fills it further, measures again.
async fn run(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let settings = real::settings(folder.path(), &options.log_level)?;
    let began = Instant::now();
    let keys = fill::keys(&settings, options).await?;
    println!("{} keys are in the store after {:.0} s", options.keys, began.elapsed().as_secs_f64());

    let server = Server::real(&settings)?;
    let bare = Server::bare()?;
    noop::compare(&server, &bare, &keys, options).await?;
    drop(bare);
    cold::measure(&server, &keys, options).await?;
    pushes(&server, &keys, 0, options).await?;
    drop(server);

    let began = Instant::now();
    fill::gems(&settings, &keys, options.gems).await?;
    println!("\n{} gems are in the store after {:.0} s more", options.gems, began.elapsed().as_secs_f64());
    pushes(&Server::real(&settings)?, &keys, options.gems, options).await
}

async fn pushes(server: &Server, keys: &Keys, gems: usize, options: &Options) -> Result<()> {
    println!("\nwith {gems} gems hosted");
    publish::documents(server, keys, gems).await?;
    publish::pushes(server, keys, gems, options.pushes).await
}
