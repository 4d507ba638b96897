//! The documents that clients resolve gems from: `/names`, `/versions`, `/info/NAME` and the three Marshal indexes.
//!
//! All of them follow one append-only list of changes in the database. A request reads where the list stands (one small row) and
//! catches up with what is new, so that it shows every push that was answered before, by any process.

mod compact;
mod document;
mod follow;
mod growing;
mod info;
mod specs;
mod versions;

use std::sync::Arc;

use registry::{Registry, Result};

pub use compact::CompactIndex;
pub(crate) use document::Document;
pub(crate) use info::index_text;
pub(crate) use specs::SpecsList;

/// All documents, kept in memory and brought up to date by each request.
#[derive(Debug)]
pub(crate) struct Indexes {
    versions: versions::Versions,
    infos: info::Infos,
    specs: specs::Specs,
}

impl Indexes {
    /// Empty: each document is loaded by the first request for it. `created_at`: whether `/info` tells when each release was
    /// published; the same value as in [`CompactIndex`], whose lines carry digests of these documents.
    pub(crate) fn new(created_at: bool) -> Self {
        Self {
            versions: versions::Versions::default(),
            infos: info::Infos::new(created_at),
            specs: specs::Specs::default(),
        }
    }

    /// `/names`: every gem with a live release.
    pub(crate) async fn names(&self, registry: &Registry) -> Result<Arc<Document>> {
        self.specs.names(registry).await
    }

    /// `/versions`: every push and yank, each with the digest of the gem's `/info` after it.
    pub(crate) async fn versions(&self, registry: &Registry) -> Result<Arc<Document>> {
        self.versions.document(registry).await
    }

    /// `/info/NAME`: the live releases of one gem. An unknown gem is an error, one without live releases is not.
    pub(crate) async fn info(&self, registry: &Registry, name: &str) -> Result<Arc<Document>> {
        self.infos.document(registry, name).await
    }

    /// One of the Marshal indexes, as gzip.
    pub(crate) async fn specs(&self, registry: &Registry, list: SpecsList) -> Result<Arc<Document>> {
        self.specs.document(registry, list).await
    }
}
