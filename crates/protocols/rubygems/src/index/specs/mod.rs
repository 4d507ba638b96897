//! The three Marshal indexes: `specs.4.8.gz`, `latest_specs.4.8.gz`, `prerelease_specs.4.8.gz`.
//!
//! A push or yank costs nothing here. The next request reloads the packages that changed and packs their chunks anew; all other
//! chunks are kept as they are.

mod catalog;
mod gzip;
mod package;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::PackageId;
use registry::{Error, GemIndexState, IndexedRelease, Registry, Result};
use tokio::sync::Mutex;

use self::{catalog::Catalog, package::Package};
use super::{
    Document,
    follow::{Newest, Position},
};

/// Whoever is more changes behind than this loads everything: cheaper than so many packages one by one.
const RELOAD_ABOVE: i64 = 5000;

/// One of the three indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpecsList {
    /// All releases but prereleases.
    Released,
    /// Of those, the highest of each gem and platform.
    Latest,
    /// The prereleases.
    Prerelease,
}

impl SpecsList {
    #[cfg(test)]
    const ALL: [Self; 3] = [Self::Released, Self::Latest, Self::Prerelease];
    const COUNT: usize = 3;

    fn index(self) -> usize {
        self as usize
    }
}

/// Keeps the three indexes.
#[derive(Debug, Default)]
pub(crate) struct Specs {
    newest: [Newest; SpecsList::COUNT],
    followed: Arc<Mutex<Followed>>,
}

impl Specs {
    pub(crate) async fn document(&self, registry: &Registry, list: SpecsList) -> Result<Arc<Document>> {
        let state = registry.gem_index_state().await?;
        let position = Position::of(&state);
        let newest = &self.newest[list.index()];
        if let Some(document) = newest.at_least(position) {
            return Ok(document);
        }
        let mut followed = Arc::clone(&self.followed).lock_owned().await;
        if let Some(document) = newest.at_least(position) {
            return Ok(document);
        }
        let state = followed.catch_up(registry, state).await?;
        let segments = tokio::task::spawn_blocking(move || followed.catalog.gzip(list));
        let segments = segments.await.map_err(Error::internal)?;
        let document = Arc::new(Document::tagged(segments, &tag(&state), state.changed_at));
        newest.put(Position::of(&state), &document);
        Ok(document)
    }
}

/// What identifies a state of the list of changes, even after the database was restored from a copy.
fn tag(state: &GemIndexState) -> String {
    format!("{}-{}-{}", state.generation, state.last_line, state.changed_at.as_microsecond())
}

/// The catalog of all live gems as of a state of the list of changes, or a little later.
#[derive(Debug, Default)]
struct Followed {
    state: Option<GemIndexState>,
    catalog: Catalog,
}

impl Followed {
    /// Brings the catalog at least up to `state`. Returns the state that it has reached.
    async fn catch_up(&mut self, registry: &Registry, state: GemIndexState) -> Result<GemIndexState> {
        let known = self.state.take_if(|known| known.generation == state.generation);
        match known {
            Some(known) if known.last_line >= state.last_line => {
                self.state = Some(known.clone());
                return Ok(known);
            }
            Some(known) if state.last_line - known.last_line <= RELOAD_ABOVE => {
                self.state = Some(known.clone());
                self.reload_changed(registry, &known, &state).await?;
            }
            _ => self.catalog = load(registry).await?,
        }
        self.state = Some(state.clone());
        Ok(state)
    }

    /// Reloads the packages that the lines between two states speak of.
    async fn reload_changed(
        &mut self,
        registry: &Registry,
        known: &GemIndexState,
        state: &GemIndexState,
    ) -> Result<()> {
        let missing = state.last_line - known.last_line;
        let lines = registry.gem_index_lines(known.generation, known.last_line, missing).await?;
        if i64::try_from(lines.len()) != Ok(missing) {
            // The list was written anew meanwhile.
            self.catalog = load(registry).await?;
            return Ok(());
        }
        let names = lines.iter().filter_map(|line| line.text.split(' ').next());
        // A gem without live releases may come back in another letter case: its old name goes.
        let names: BTreeSet<&str> = names.collect();
        let ids: BTreeSet<PackageId> = lines.iter().map(|line| line.package).collect();
        let mut changed = Vec::with_capacity(ids.len());
        for id in ids {
            changed.extend(Package::new(registry.live_gem_releases(id).await?));
        }
        // Only now: a request that is given up while it waits leaves the catalog as it was.
        for name in names {
            self.catalog.remove(name);
        }
        for package in changed {
            self.catalog.insert(package);
        }
        Ok(())
    }
}

/// Loads every live gem.
async fn load(registry: &Registry) -> Result<Catalog> {
    let mut packages: BTreeMap<String, Vec<IndexedRelease>> = BTreeMap::new();
    registry
        .each_live_gem(|release| {
            packages.entry(release.name.clone()).or_default().push(release);
        })
        .await?;
    let catalog = move || Catalog::new(packages.into_values().filter_map(Package::new));
    tokio::task::spawn_blocking(catalog).await.map_err(Error::internal)
}
