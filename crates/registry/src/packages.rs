use std::collections::{HashMap, HashSet};

use domain::{AccountId, Action, Ecosystem, Key, PackageId, PackageName, PackageStanding, ReleaseId};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use store::{Listed, Package, PackageSummary, PageStart, Recorded, Release};

use crate::{
    Caller, Missing, Registry, Result,
    keys::{MOST_KEYS_READ, reaches},
};

/// How many releases are read at once with all that was recorded of them: what one has is bounded, but not short.
const RECORDED_AT_ONCE: usize = 8;

/// How many packages of an account are read at once.
const OWNED_AT_ONCE: i64 = 100;

/// The longest text that packages are searched for, in bytes. No name is longer.
const LONGEST_SEARCH: usize = 255;

/// A package among an account's own.
#[derive(Debug)]
pub struct OwnPackage {
    /// What there is of it.
    pub summary: PackageSummary,
    /// The handles of its confirmed owners, the oldest ownership first.
    pub owners: Vec<String>,
    /// The account's own live keys that reach it.
    pub keys: Vec<Key>,
}

/// A part of a list, and whether there is more of it on either side.
#[derive(Debug)]
pub struct Page<T> {
    /// The entries, the newest or the first by name first.
    pub items: Vec<T>,
    /// Whether there are newer ones, or others before.
    pub has_previous: bool,
    /// Whether there are older ones, or others behind.
    pub has_next: bool,
}

/// A page of search results.
#[derive(Debug, Clone, Copy)]
pub struct Listing {
    /// The first page is 1.
    pub page: u32,
    /// Results on a page.
    pub size: u32,
}

impl Registry {
    /// The package with this name, ignoring letter case.
    pub async fn package(&self, name: &PackageName) -> Result<Package> {
        Ok(self.store().read().await?.packages().find(name).await?.ok_or(Missing::Package)?)
    }

    /// A package as lists show it. Not there when it has no live release.
    pub async fn listed(&self, name: &PackageName) -> Result<Listed> {
        Ok(self.store().read().await?.packages().find_listed(name).await?.ok_or(Missing::Package)?)
    }

    /// The release with this version and platform, both as written, live or withdrawn.
    pub async fn release(&self, package: PackageId, number: &str, platform: &str) -> Result<Release> {
        let release = self.store().read().await?.releases().find_written(package, number, platform).await?;
        Ok(release.ok_or(Missing::Release)?)
    }

    /// The withdrawn release that stands for a package without live ones.
    pub async fn newest_withdrawn(&self, package: PackageId) -> Result<Option<Release>> {
        Ok(self.store().read().await?.releases().newest_withdrawn(package).await?)
    }

    /// All live releases of a package, oldest first.
    pub async fn live_releases(&self, package: PackageId) -> Result<Vec<Release>> {
        Ok(self.store().read().await?.releases().live(package).await?)
    }

    /// Releases of a package, live or withdrawn, newest first, `size` of them.
    pub async fn releases_page(
        &self,
        package: PackageId,
        start: PageStart,
        size: usize,
    ) -> Result<Page<Release>> {
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        let mut items = self.store().read().await?.releases().page(package, start, limit).await?;
        let more = items.len() > size;
        Ok(if let PageStart::NewerThan(_) = start {
            Page { items: items.split_off(usize::from(more)), has_previous: more, has_next: true }
        } else {
            items.truncate(size);
            Page { items, has_previous: start != PageStart::Newest, has_next: more }
        })
    }

    /// What was recorded of a release.
    pub async fn recorded(&self, release: ReleaseId) -> Result<Recorded> {
        let mut recorded = self.store().read().await?.releases().recorded(&[release]).await?;
        Ok(recorded.remove(&release).ok_or(Missing::Release)?)
    }

    /// Each item of a list with what was recorded of its release. Of a long list only a few are held at a time.
    pub fn with_recorded<T: Send, S: Stream<Item = Result<T>> + Send>(
        &self,
        items: S,
        release: fn(&T) -> ReleaseId,
    ) -> impl Stream<Item = Result<(T, Recorded)>> + Send + use<T, S> {
        let registry = self.clone();
        let batches =
            items.chunks(RECORDED_AT_ONCE).then(move |batch| {
                let registry = registry.clone();
                async move {
                    registry.with_recorded_batch(batch.into_iter().collect::<Result<_>>()?, release).await
                }
            });
        batches.map_ok(|batch| stream::iter(batch.into_iter().map(Ok))).try_flatten()
    }

    async fn with_recorded_batch<T>(
        &self,
        items: Vec<T>,
        release: fn(&T) -> ReleaseId,
    ) -> Result<Vec<(T, Recorded)>> {
        let ids: Vec<ReleaseId> = items.iter().map(release).collect();
        let mut recorded = self.store().read().await?.releases().recorded(&ids).await?;
        let with = |item: T| Some(recorded.remove(&release(&item))?).map(|recorded| (item, recorded));
        Ok(items.into_iter().filter_map(with).collect())
    }

    /// The caller's own packages with live releases, by name.
    pub fn own_packages(
        &self,
        caller: &Caller,
        ecosystem: Ecosystem,
    ) -> Result<impl Stream<Item = Result<Listed>> + Send + use<>> {
        self.may(caller, Action::ListOwn, None, PackageStanding::None)?;
        Ok(self.packages_of(caller.account().id, ecosystem))
    }

    /// An account's packages with live releases, by name.
    pub fn packages_of(
        &self,
        owner: AccountId,
        ecosystem: Ecosystem,
    ) -> impl Stream<Item = Result<Listed>> + Send + use<> {
        let registry = self.clone();
        let pages = stream::try_unfold(None, move |after: Option<String>| {
            let registry = registry.clone();
            async move { registry.packages_after(owner, ecosystem, after.as_deref()).await }
        });
        pages.map_ok(|page| stream::iter(page.into_iter().map(Ok))).try_flatten()
    }

    /// The next packages of an account, and the folded name of the last one.
    async fn packages_after(
        &self,
        owner: AccountId,
        ecosystem: Ecosystem,
        after: Option<&str>,
    ) -> Result<Option<(Vec<Listed>, Option<String>)>> {
        let mut db = self.store().read().await?;
        let page = db.packages().owned_by(owner, ecosystem, after, OWNED_AT_ONCE).await?;
        let last = page.last().map(|listed| listed.package.name.key().to_owned());
        Ok(last.map(|last| (page, Some(last))))
    }

    /// Packages with live releases whose name contains `text`, best match first.
    pub async fn search(&self, ecosystem: Ecosystem, text: &str, listing: Listing) -> Result<Vec<Listed>> {
        if text.len() > LONGEST_SEARCH {
            return Ok(Vec::new());
        }
        let skip = i64::from(listing.page.saturating_sub(1)) * i64::from(listing.size);
        let mut db = self.store().read().await?;
        Ok(db.packages().search(ecosystem, text, skip, i64::from(listing.size)).await?)
    }

    /// Names of an account's own packages with live releases, by name, at most `limit`.
    pub async fn own_package_names(
        &self,
        owner: AccountId,
        ecosystem: Ecosystem,
        limit: usize,
    ) -> Result<Vec<String>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(self.store().read().await?.packages().names_owned_by(owner, ecosystem, limit).await?)
    }

    /// Packages that an account owns, of every ecosystem, also those whose releases are all withdrawn: `size` of them, by ecosystem
    /// and name, those after `after`.
    pub async fn own_overview(
        &self,
        owner: AccountId,
        after: Option<&PackageName>,
        size: usize,
    ) -> Result<Page<OwnPackage>> {
        let mut db = self.store().read().await?;
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        let mut summaries = db.packages().summaries(owner, after, limit).await?;
        let has_next = summaries.len() > size;
        summaries.truncate(size);
        let ids: Vec<PackageId> = summaries.iter().map(|summary| summary.package.id).collect();
        let mut owners: HashMap<_, Vec<String>> = HashMap::new();
        for (package, handle) in db.ownerships().handles(&ids).await? {
            owners.entry(package).or_default().push(handle);
        }
        let (keys, now) = (db.keys().working(owner, self.now(), MOST_KEYS_READ).await?, self.now());
        let own = |summary: PackageSummary| OwnPackage {
            owners: owners.remove(&summary.package.id).unwrap_or_default(),
            keys: keys.iter().filter(|key| reaches(key, &summary.package.name, now)).cloned().collect(),
            summary,
        };
        let items = summaries.into_iter().map(own).collect();
        Ok(Page { items, has_previous: after.is_some(), has_next })
    }

    /// Those of these folded names that a package with a live release has.
    pub async fn hosted(&self, ecosystem: Ecosystem, keys: &[&str]) -> Result<HashSet<String>> {
        Ok(self.store().read().await?.packages().live_among(ecosystem, keys).await?)
    }

    /// Downloads of everything in one ecosystem.
    pub async fn total_downloads(&self, ecosystem: Ecosystem) -> Result<i64> {
        Ok(self.store().read().await?.releases().total_downloads(ecosystem).await?)
    }

    /// Downloads of all releases of a package, withdrawn ones included.
    pub async fn downloads(&self, package: PackageId) -> Result<i64> {
        Ok(self.store().read().await?.releases().downloads(package).await?)
    }

    /// Downloads of a gem and of its live release with this full name.
    pub async fn gem_downloads(&self, full_name: &str) -> Result<(i64, i64)> {
        let mut db = self.store().read().await?;
        let (package, id) = db.gems().find_package(full_name).await?.ok_or(Missing::Package)?;
        let release = db.releases().get(id).await?.filter(|release| release.withdrawn_at.is_none());
        let release = release.ok_or(Missing::Package)?;
        Ok((db.releases().downloads(package.id).await?, release.downloads))
    }
}
