//! The real server, as the command line starts it.

use std::path::Path;

use anyhow::{Context as _, Result};
use server::{Flags, Settings, config::Blobs};

/// The defaults, with all data in `folder` and a free port.
pub(crate) fn settings(folder: &Path, log_level: &str) -> Result<Settings> {
    let mut settings = Settings::load(&Flags::default(), |_| None)?;
    settings.listen = ([127, 0, 0, 1], 0).into();
    folder.clone_into(&mut settings.data);
    settings.database = store::Address::Sqlite(folder.join("keyward.sqlite"));
    settings.blobs = Blobs::Folder(folder.join("blobs"));
    log_level.clone_into(&mut settings.log.level);
    Ok(settings)
}

/// Serves until it is killed.
pub(crate) async fn serve(folder: &Path, log_level: &str) -> Result<()> {
    let settings = settings(folder, log_level)?;
    server::serve(settings, |announcement| {
        println!("{}", announcement.address.trim_start_matches("http://"));
    })
    .await
    .context("the server ended")
}
