use std::collections::HashMap;

use domain::{AccountId, Action, Ecosystem, Key, PackageName, PackageStanding, ReleaseId};
use store::{Artifact, Package, PackageSummary, Release};

use crate::{
    Caller, Missing, Registry, Result,
    keys::{MOST_KEYS_READ, reaches},
};

/// A package with its live releases and their files.
#[derive(Debug)]
pub struct PackageDetails {
    /// The package.
    pub package: Package,
    /// Its live releases, oldest first.
    pub releases: Vec<Release>,
    /// Its withdrawn releases, oldest first.
    pub withdrawn: Vec<Release>,
    /// Files by release.
    pub artifacts: HashMap<ReleaseId, Vec<Artifact>>,
    /// Downloads of all releases, withdrawn ones included.
    pub downloads: i64,
}

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

    /// A package with all that faces show of it.
    pub async fn package_details(&self, name: &PackageName) -> Result<PackageDetails> {
        let package = self.package(name).await?;
        self.details(package).await
    }

    async fn details(&self, package: Package) -> Result<PackageDetails> {
        let mut db = self.store().read().await?;
        let all = db.releases().of_package(package.id).await?;
        let downloads = all.iter().map(|release| release.downloads).sum();
        let (releases, withdrawn) = all.into_iter().partition(|release| release.withdrawn_at.is_none());
        let mut artifacts: HashMap<ReleaseId, Vec<Artifact>> = HashMap::new();
        for (release, artifact) in db.releases().artifacts_of_package(package.id).await? {
            artifacts.entry(release).or_default().push(artifact);
        }
        Ok(PackageDetails { package, releases, withdrawn, artifacts, downloads })
    }

    /// The caller's own packages with live releases, by name.
    pub async fn own_packages(&self, caller: &Caller, ecosystem: Ecosystem) -> Result<Vec<PackageDetails>> {
        self.may(caller, Action::ListOwn, None, PackageStanding::None)?;
        self.packages_of(caller.account().id, ecosystem).await
    }

    /// An account's packages with live releases, by name.
    pub async fn packages_of(
        &self,
        owner: domain::AccountId,
        ecosystem: Ecosystem,
    ) -> Result<Vec<PackageDetails>> {
        let packages = self.store().read().await?.packages().owned_by(owner, ecosystem).await?;
        self.all_details(packages).await
    }

    /// Packages with live releases whose name contains `text`, best match first.
    pub async fn search(
        &self,
        ecosystem: Ecosystem,
        text: &str,
        listing: Listing,
    ) -> Result<Vec<PackageDetails>> {
        let skip = i64::from(listing.page.saturating_sub(1)) * i64::from(listing.size);
        let mut db = self.store().read().await?;
        let packages = db.packages().search(ecosystem, text, skip, i64::from(listing.size)).await?;
        drop(db);
        self.all_details(packages).await
    }

    /// Names of an account's own packages with live releases.
    pub async fn own_package_names(
        &self,
        owner: domain::AccountId,
        ecosystem: Ecosystem,
    ) -> Result<Vec<String>> {
        let packages = self.store().read().await?.packages().owned_by(owner, ecosystem).await?;
        Ok(packages.into_iter().map(|package| package.name.as_str().to_owned()).collect())
    }

    /// All packages that an account owns, of every ecosystem, also those whose releases are all withdrawn.
    pub async fn own_overview(&self, owner: AccountId) -> Result<Vec<OwnPackage>> {
        let mut db = self.store().read().await?;
        let summaries = db.packages().summaries(owner).await?;
        let mut owners: HashMap<_, Vec<String>> = HashMap::new();
        for (package, handle) in db.ownerships().beside(owner).await? {
            owners.entry(package).or_default().push(handle);
        }
        let (keys, now) = (db.keys().working(owner, self.now(), MOST_KEYS_READ).await?, self.now());
        let own = |summary: PackageSummary| OwnPackage {
            owners: owners.remove(&summary.package.id).unwrap_or_default(),
            keys: keys.iter().filter(|key| reaches(key, &summary.package.name, now)).cloned().collect(),
            summary,
        };
        Ok(summaries.into_iter().map(own).collect())
    }

    /// Whether there is a package with this name and a live release.
    pub async fn is_hosted(&self, name: &PackageName) -> Result<bool> {
        Ok(self.store().read().await?.packages().is_live(name).await?)
    }

    async fn all_details(&self, packages: Vec<Package>) -> Result<Vec<PackageDetails>> {
        let mut all = Vec::with_capacity(packages.len());
        for package in packages {
            all.push(self.details(package).await?);
        }
        Ok(all)
    }

    /// Names of all packages with live releases, in byte order.
    pub async fn live_names(&self, ecosystem: Ecosystem) -> Result<Vec<String>> {
        let mut names = self.store().read().await?.packages().live_names(ecosystem).await?;
        names.sort_unstable();
        Ok(names)
    }

    /// Downloads of everything in one ecosystem.
    pub async fn total_downloads(&self, ecosystem: Ecosystem) -> Result<i64> {
        Ok(self.store().read().await?.releases().total_downloads(ecosystem).await?)
    }

    /// Downloads of a gem and of its release with this full name.
    pub async fn gem_downloads(&self, full_name: &str) -> Result<(i64, i64)> {
        let found = self.store().read().await?.gems().find_package(full_name).await?;
        let (package, id) = found.ok_or(Missing::Package)?;
        let details = self.details(package).await?;
        let release = details.releases.iter().find(|release| release.id == id).ok_or(Missing::Package)?;
        Ok((details.downloads, release.downloads))
    }
}
