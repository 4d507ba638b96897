//! The three Marshal indexes, `specs.4.8.gz`, `latest_specs.4.8.gz` and `prerelease_specs.4.8.gz`, and `/names`.
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
use registry::{Error, GemIndexState, GemVersion, Registry, Result};
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

/// Keeps the three indexes, and `/names`, which is made of the same catalog.
#[derive(Debug, Default)]
pub(crate) struct Specs {
    packed: [Newest; SpecsList::COUNT],
    names: Newest,
    followed: Arc<Mutex<Followed>>,
}

impl Specs {
    /// One of the three indexes.
    pub(crate) async fn document(&self, registry: &Registry, list: SpecsList) -> Result<Arc<Document>> {
        let pack = move |catalog: &mut Catalog, state: &GemIndexState| {
            Document::tagged(catalog.gzip(list), &tag(state), state.changed_at)
        };
        self.newest(&self.packed[list.index()], registry, pack).await
    }

    /// The names of all gems with a live release.
    pub(crate) async fn names(&self, registry: &Registry) -> Result<Arc<Document>> {
        let list = |catalog: &mut Catalog, state: &GemIndexState| {
            Document::text(render_names(catalog.names()), state.changed_at)
        };
        self.newest(&self.names, registry, list).await
    }

    /// The document in `newest`, made anew if the catalog has changed since.
    async fn newest(
        &self,
        newest: &Newest,
        registry: &Registry,
        make: impl FnOnce(&mut Catalog, &GemIndexState) -> Document + Send + 'static,
    ) -> Result<Arc<Document>> {
        let state = registry.gem_index_state().await?;
        let position = Position::of(&state);
        if let Some(document) = newest.at_least(position) {
            return Ok(document);
        }
        let mut followed = Arc::clone(&self.followed).lock_owned().await;
        if let Some(document) = newest.at_least(position) {
            return Ok(document);
        }
        let registry = registry.clone();
        let (position, document) = to_the_end(async move {
            let state = followed.catch_up(&registry, state).await?;
            let position = Position::of(&state);
            let document = tokio::task::spawn_blocking(move || make(&mut followed.catalog, &state));
            Ok((position, Arc::new(document.await.map_err(Error::internal)?)))
        })
        .await?;
        newest.put(position, &document);
        Ok(document)
    }
}

/// Does the work also when the client that asked for it hangs up: the catalog stays locked until nothing works on it any more, and
/// the next one finds what was loaded. Else each one that hangs up would leave a catalog behind that is still being made.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await.map_err(Error::internal)?
}

/// One name a line. Without any name there is an empty line: older parsers want one.
fn render_names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut text = "---\n".to_owned();
    let header = text.len();
    for name in names {
        text.push_str(name);
        text.push('\n');
    }
    if text.len() == header {
        text.push('\n');
    }
    text
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
        match self.state.clone() {
            Some(known) if Position::of(&known) >= Position::of(&state) => return Ok(known),
            Some(known)
                if known.generation == state.generation
                    && state.last_line - known.last_line <= RELOAD_ABOVE =>
            {
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
            changed.extend(Package::new(registry.live_gem_versions(id).await?));
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
    let mut packages: BTreeMap<String, Vec<GemVersion>> = BTreeMap::new();
    registry
        .each_live_gem(|release| {
            packages.entry(release.name.clone()).or_default().push(release);
        })
        .await?;
    let catalog = move || Catalog::new(packages.into_values().filter_map(Package::new));
    tokio::task::spawn_blocking(catalog).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_client_began_that_hung_up_keeps_the_catalog_locked_until_it_is_done() {
        let catalog = Arc::new(Mutex::new(0));
        let mut loading = Arc::clone(&catalog).lock_owned().await;
        let (go_on, wait) = tokio::sync::oneshot::channel();
        let work = to_the_end(async move {
            let _ = wait.await;
            *loading += 1;
            Ok(())
        });
        assert!(futures_util::poll!(Box::pin(work)).is_pending());
        assert!(catalog.try_lock().is_err());
        let _ = go_on.send(());
        assert_eq!(*catalog.lock().await, 1);
    }

    #[test]
    fn names_stand_one_a_line() {
        assert_eq!(render_names(std::iter::empty()), "---\n\n");
        assert_eq!(render_names(["a", "b"].into_iter()), "---\na\nb\n");
    }
}
