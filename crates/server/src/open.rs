//! Opening the parts that a server and the commands beside it share.

use std::{fs, path::Path, sync::Arc};

use blobs::BlobStore;
use domain::{Clock, SystemClock};
use registry::{Parts, Policy, Registry};
use rubygems::CompactIndex;
use store::{Address, Store};

use crate::{Settings, StartError, config::Blobs};

/// Opens database, blobs and folders: what the commands beside a running server need.
pub async fn open(settings: &Settings) -> anyhow::Result<Registry> {
    let store = open_store(settings).await?;
    Ok(assemble(settings, store, Arc::new(SystemClock))?)
}

/// Brings the schema up to date. Returns its version.
pub async fn migrate(settings: &Settings) -> anyhow::Result<i64> {
    open_store(settings).await?.close().await;
    Ok(store::SCHEMA_VERSION)
}

pub(crate) async fn open_store(settings: &Settings) -> Result<Store, StartError> {
    make_folder(&settings.data)?;
    if let Address::Sqlite(file) = &settings.database
        && let Some(folder) = file.parent()
    {
        make_folder(folder)?;
    }
    Ok(Store::open(&settings.database).await?)
}

pub(crate) fn assemble(
    settings: &Settings,
    store: Store,
    clock: Arc<dyn Clock>,
) -> Result<Registry, StartError> {
    let blobs = match &settings.blobs {
        Blobs::Folder(folder) => {
            make_folder(folder)?;
            BlobStore::folder(folder)
        }
        Blobs::S3(s3) => BlobStore::s3(s3),
    };
    let uploads = settings.data.join("uploads");
    make_folder(&uploads)?;
    Ok(Registry::new(Parts {
        store,
        blobs: blobs.map_err(StartError::Blobs)?,
        clock,
        uploads,
        policy: policy(settings),
        gem_index: Arc::new(CompactIndex { created_at: settings.rubygems.info_created_at }),
    }))
}

fn policy(settings: &Settings) -> Policy {
    Policy {
        largest_package: settings.limits.largest_package_bytes,
        reserved_gem_names: settings
            .rubygems
            .reserved_names
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect(),
        reclaim_gem_names: settings.rubygems.reclaim_names,
        refuse_similar_gem_names: settings.rubygems.refuse_similar_names,
        yank_days: settings.rubygems.yank_days,
        yank_downloads: settings.rubygems.yank_downloads,
        limit_guessing: settings.limits.guessing,
        warm_keys: settings.cache.warm_keys,
        sign_up: settings.sign_up,
    }
}

/// Makes a folder that only this user reads, and proves that it can be written.
pub(crate) fn make_folder(folder: &Path) -> Result<(), StartError> {
    let refuse = |cause| StartError::folder(folder, cause);
    if !folder.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(refuse)?;
    }
    tempfile::tempfile_in(folder).map(drop).map_err(refuse)
}
