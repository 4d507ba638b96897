//! Keeping the gem index in the transaction of each change: one line appended, one package touched.

use domain::{Ecosystem, PackageId, PackageName, ReleaseId};
use store::{Db, GemIndexState, GemVersion, IndexLine, IndexedRelease};

use crate::{Error, Registry, Result};

/// What the index may say of all live releases of one gem together, in bytes. Each client that resolves the gem reads all of it; the
/// gems with the most versions have a hundredth of this.
const LARGEST_INFO: usize = 16 * 1024 * 1024;

/// What happened to a package, for its line in the index.
#[derive(Debug, Clone, Copy)]
pub enum IndexChange<'a> {
    /// A release appeared.
    Published {
        /// Its version.
        number: &'a str,
        /// Its platform.
        platform: &'a str,
    },
    /// A release went.
    Withdrawn {
        /// Its version.
        number: &'a str,
        /// Its platform.
        platform: &'a str,
    },
    /// Nothing: the index is written anew.
    Listed,
}

/// Writes the lines of the index: the protocol knows their form. Pure.
pub trait PackageIndex: std::fmt::Debug + Send + Sync {
    /// A word for the present form of the documents; when it changes the index is written anew.
    fn format(&self) -> &str;

    /// The line for a change of the package that now has these live releases, in the order of publication.
    fn line(&self, name: &str, change: &IndexChange<'_>, live: &[IndexedRelease]) -> String;

    /// Which of the live releases of a package stands for it in lists; none if there are none.
    fn latest(&self, live: &[IndexedRelease]) -> Option<ReleaseId>;
}

impl Registry {
    /// Appends the line of a change. The last thing in a transaction: it holds the index until the commit.
    pub(crate) async fn index(
        &self,
        db: &mut Db,
        package: PackageId,
        name: &PackageName,
        change: &IndexChange<'_>,
    ) -> Result<()> {
        if name.ecosystem() != Ecosystem::RubyGems {
            return Ok(());
        }
        let live = db.gems().live_releases(package).await?;
        if matches!(change, IndexChange::Published { .. }) {
            check_size(&live)?;
        }
        let index = &self.inner.parts.gem_index;
        db.packages().set_latest(package, index.latest(&live)).await?;
        let text = index.line(name.as_str(), change, &live);
        db.gem_index().lock().await?;
        // Read after the lock: clients compare this instant with the time of their copy.
        Ok(db.gem_index().append(package, &text, self.now()).await?)
    }

    /// Where the list behind `/versions` stands: one small read.
    pub async fn gem_index_state(&self) -> Result<GemIndexState> {
        Ok(self.store().read().await?.gem_index().state().await?)
    }

    /// The lines of the list after `line`, at most `limit`.
    pub async fn gem_index_lines(&self, generation: i64, line: i64, limit: i64) -> Result<Vec<IndexLine>> {
        Ok(self.store().read().await?.gem_index().lines_after(generation, line, limit).await?)
    }

    /// The live releases of one gem in the order of `/info`.
    pub async fn live_gem_releases(&self, package: PackageId) -> Result<Vec<IndexedRelease>> {
        Ok(self.store().read().await?.gems().live_releases(package).await?)
    }

    /// The live versions of one gem.
    pub async fn live_gem_versions(&self, package: PackageId) -> Result<Vec<GemVersion>> {
        Ok(self.store().read().await?.gems().live_versions(package).await?)
    }

    /// Hands every live version of every gem to `visit`.
    pub async fn each_live_gem(&self, visit: impl FnMut(GemVersion)) -> Result<()> {
        Ok(self.store().read().await?.gems().each_live_version(visit).await?)
    }

    /// Writes the index anew when its documents have another form than this program's.
    pub async fn ensure_gem_index(&self) -> Result<()> {
        if self.gem_index_state().await?.format == self.inner.parts.gem_index.format() {
            return Ok(());
        }
        self.rebuild_gem_index().await
    }

    /// Writes the list behind `/versions` again, one line a gem, by name, and which release stands for each. Pushes and yanks wait
    /// meanwhile.
    pub async fn rebuild_gem_index(&self) -> Result<()> {
        let (now, index) = (self.now(), &self.inner.parts.gem_index);
        let mut db = self.bookkeeping().await?;
        db.gem_index().start_generation(index.format(), now).await?;
        let mut packages = Vec::new();
        let mut after = None;
        loop {
            let page = db.packages().page(Ecosystem::RubyGems, after, 1000).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            packages.extend(page.into_iter().map(|package| (package.name.as_str().to_owned(), package.id)));
        }
        packages.sort_unstable();
        for (name, package) in packages {
            let live = db.gems().live_releases(package).await?;
            db.packages().set_latest(package, index.latest(&live)).await?;
            if !live.is_empty() {
                let text = index.line(&name, &IndexChange::Listed, &live);
                db.gem_index().append(package, &text, now).await?;
            }
        }
        Ok(db.commit().await?)
    }
}

fn check_size(live: &[IndexedRelease]) -> Result<()> {
    let bytes: usize = live.iter().map(|release| release.index_text.len()).sum();
    if bytes <= LARGEST_INFO {
        return Ok(());
    }
    let problem = format!(
        "The dependencies of all versions of this gem together are too long ({bytes} > {LARGEST_INFO} bytes). Yank versions that are no \
         longer needed."
    );
    Err(Error::Invalid(vec![problem]))
}
