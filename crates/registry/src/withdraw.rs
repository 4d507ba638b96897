use domain::{Action, PackageName, Timestamp};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEvent, Package, Release};

use crate::change::Change;
use crate::{
    Author, Caller, Conflict, Error, IndexChange, Missing, PackageChange, Registry, Result,
    authorize::standing, full_number,
};

impl Registry {
    /// Withdraws a release: it leaves every index, and its number is never given out again. `number` and `platform` must
    /// be written as they were published. The rules about age and downloads do not bind the operator.
    pub async fn withdraw(
        &self,
        author: impl Into<Author<'_>>,
        name: &PackageName,
        number: &str,
        platform: &str,
    ) -> Result<Release> {
        let (mut change, package) = self.begin_package_change(author, name, Action::Withdraw).await?;
        let now = change.now();
        let release = change.releases().find_written(package.id, number, platform).await?;
        let release = release.ok_or(Missing::Release)?;
        if !change.is_operator() {
            self.check_withdrawable(&release, now)?;
        }
        if !change.releases().withdraw(release.id, now).await? {
            return Err(Conflict::AlreadyWithdrawn.into());
        }
        if !change.releases().any_live(package.id).await? {
            self.give_name_up(&mut change, &package).await?;
        }
        let version = full_number(&release.number, &release.platform);
        let news = PackageChange::Withdrawn { version };
        let line = IndexChange::Withdrawn { number: &release.number, platform: &release.platform };
        self.commit_release_change(change, &package, &release, ("release.withdrawn", news), line).await?;
        Ok(release)
    }

    /// Puts a withdrawn release back as it was.
    pub async fn restore(
        &self,
        author: impl Into<Author<'_>>,
        name: &PackageName,
        number: &str,
        platform: &str,
    ) -> Result<Release> {
        let (mut change, package) = self.begin_package_change(author, name, Action::Restore).await?;
        let release = change.releases().find_written(package.id, number, platform).await?;
        let release = release.ok_or(Missing::Release)?;
        if !change.releases().restore(release.id).await? {
            return Err(Conflict::NotWithdrawn.into());
        }
        change.packages().set_reclaimable(package.id, None).await?;
        let news = PackageChange::Restored { version: full_number(&release.number, &release.platform) };
        let line = IndexChange::Published { number: &release.number, platform: &release.platform };
        self.commit_release_change(change, &package, &release, ("release.restored", news), line).await?;
        Ok(release)
    }

    async fn commit_release_change(
        &self,
        mut change: Change,
        package: &Package,
        release: &Release,
        (action, news): (&'static str, PackageChange),
        line: IndexChange<'_>,
    ) -> Result<()> {
        let now = change.now();
        change.packages().touch(package.id, now).await?;
        let event = AuditEvent {
            action,
            package: Some(package.id),
            release: Some(release.id),
            details: json!({ "version": release.number, "platform": release.platform }),
            ..AuditEvent::default()
        };
        change.record(event).await?;
        self.announce_package(&mut change, package.id, news).await?;
        self.index(&mut change, package.id, &package.name, &line).await?;
        change.commit().await
    }

    /// What a protocol asks before it looks at the version: may the caller withdraw anything of this package?
    pub async fn may_withdraw(&self, caller: &Caller, name: &PackageName) -> Result<Package> {
        let mut db = self.store().read().await?;
        let package = db.packages().find(name).await?.ok_or(Missing::Package)?;
        let standing = standing(&mut db, caller, &package).await?;
        self.may(caller, Action::Withdraw, Some(&package.name), standing)?;
        Ok(package)
    }

    fn check_withdrawable(&self, release: &Release, now: Timestamp) -> Result<()> {
        let policy = self.policy();
        if let Some(days) = policy.yank_days
            && now.duration_since(release.published_at) > SignedDuration::from_hours(24 * i64::from(days))
        {
            return Err(Error::Conflict(Conflict::TooOld { days }));
        }
        match policy.yank_downloads {
            Some(downloads) if release.downloads > downloads => {
                Err(Conflict::TooPopular { downloads }.into())
            }
            _ => Ok(()),
        }
    }
}
