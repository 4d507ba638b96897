use domain::{Action, PackageName, Timestamp};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEvent, Package, Release};

use crate::{
    Caller, Conflict, Error, IndexChange, Missing, PackageChange, Registry, Result, authorize::standing,
    full_number,
};

impl Registry {
    /// Withdraws a release: it leaves every index, and its number is never given out again. `number` and `platform` must
    /// be written as they were published.
    pub async fn withdraw(
        &self,
        caller: &Caller,
        name: &PackageName,
        number: &str,
        platform: &str,
    ) -> Result<Release> {
        let now = self.now();
        let mut db = self.store().begin().await?;
        let package = db.packages().find_locked(name).await?.ok_or(Missing::Package)?;
        let caller = self.refresh(&mut db, caller).await?;
        let standing = standing(&mut db, &caller, &package).await?;
        self.may(&caller, Action::Withdraw, Some(&package.name), standing)?;
        let release =
            db.releases().find_written(package.id, number, platform).await?.ok_or(Missing::Release)?;
        self.check_withdrawable(&release, now)?;
        if !db.releases().withdraw(release.id, now).await? {
            return Err(Conflict::AlreadyWithdrawn.into());
        }
        db.packages().touch(package.id, now).await?;
        let event = AuditEvent {
            action: "release.withdrawn",
            actor: Some(caller.account().id),
            actor_key: caller.actor().key,
            package: Some(package.id),
            release: Some(release.id),
            details: json!({ "version": release.number, "platform": release.platform }),
            ..AuditEvent::default()
        };
        db.audit().add(&event, now).await?;
        let version = full_number(&release.number, &release.platform);
        let actor = (caller.account().id, caller.actor().key);
        self.announce_package(&mut db, actor, package.id, PackageChange::Withdrawn { version }).await?;
        let change = IndexChange::Withdrawn { number: &release.number, platform: &release.platform };
        self.index(&mut db, package.id, &package.name, &change).await?;
        db.commit().await?;
        Ok(release)
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
