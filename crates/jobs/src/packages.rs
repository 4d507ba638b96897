//! Mails about a package, to its owners.

use domain::{AccountId, Ecosystem, PackageName, Role};
use mail::{Message, OwnerNews, OwnerNewsKind, ReleaseNews, ReleaseNewsKind};
use registry::{Event, Job, PackageChange, PackageNews, PackageReport};

use crate::{Jobs, utc};

impl Jobs {
    /// Tells everybody who is to hear news of a package. Several are told one by one, each by a piece of work of their own: a mail
    /// that fails is not sent again to those who have had it.
    pub(crate) async fn tell_of_package(
        &self,
        job: &Job,
        news: PackageNews,
        to: Option<AccountId>,
    ) -> anyhow::Result<()> {
        if let Some(to) = to {
            return self.tell_owner(&news, to).await;
        }
        match *self.registry.hearers(&news).await? {
            [] => Ok(()),
            [only] => self.tell_owner(&news, only).await,
            ref several => {
                let told = |&to| Event::PackageNews { news: news.clone(), to: Some(to) };
                Ok(self.registry.split_job(job, several.iter().map(told).collect()).await?)
            }
        }
    }

    async fn tell_owner(&self, news: &PackageNews, to: AccountId) -> anyhow::Result<()> {
        // Not an owner any more, or does not want to hear of it any more.
        let Some(report) = self.registry.package_report(news, to).await? else { return Ok(()) };
        let address = report.to.email.clone();
        Ok(self.mailer.send(&address, &*self.message(news, report)).await?)
    }

    fn message(&self, news: &PackageNews, report: PackageReport) -> Box<dyn Message> {
        match &news.change {
            PackageChange::Published { version } => {
                Box::new(self.release_news(ReleaseNewsKind::Published, version, news, report))
            }
            PackageChange::Withdrawn { version } => {
                Box::new(self.release_news(ReleaseNewsKind::Withdrawn, version, news, report))
            }
            PackageChange::Restored { version } => {
                Box::new(self.release_news(ReleaseNewsKind::Restored, version, news, report))
            }
            PackageChange::NameGivenUp { from } => {
                let kind = OwnerNewsKind::GivenUp { from: utc(*from) };
                Box::new(self.owner_news(kind, Role::Owner, report))
            }
            PackageChange::NameReclaimed { role, .. } => {
                Box::new(self.owner_news(OwnerNewsKind::Reclaimed, *role, report))
            }
            PackageChange::OwnerAppointed { role, .. } => {
                Box::new(self.owner_news(OwnerNewsKind::Appointed, *role, report))
            }
            PackageChange::OwnerAdded { role, .. } => {
                Box::new(self.owner_news(OwnerNewsKind::Added, *role, report))
            }
            PackageChange::OwnerRemoved { role, .. } => {
                Box::new(self.owner_news(OwnerNewsKind::Removed, *role, report))
            }
            PackageChange::RoleChanged { role, .. } => {
                Box::new(self.owner_news(OwnerNewsKind::RoleChanged, *role, report))
            }
        }
    }

    fn release_news(
        &self,
        kind: ReleaseNewsKind,
        version: &str,
        news: &PackageNews,
        report: PackageReport,
    ) -> ReleaseNews {
        ReleaseNews {
            kind,
            page: self.page_of(&report.package),
            handle: report.to.handle,
            package: report.package.as_str().to_owned(),
            version: version.to_owned(),
            by: match report.key {
                Some(key) => format!("{}, with the key {key}", report.by),
                None => report.by,
            },
            at: utc(news.at),
            settings: format!("{}/settings/mails", self.base_url),
        }
    }

    fn owner_news(&self, kind: OwnerNewsKind, role: Role, report: PackageReport) -> OwnerNews {
        OwnerNews {
            kind,
            page: self.page_of(&report.package),
            // News of an owner are news of somebody: without a name they are about whoever reads.
            owner: report.owner.unwrap_or_else(|| report.to.handle.clone()),
            handle: report.to.handle,
            package: report.package.as_str().to_owned(),
            role: role.as_str().to_owned(),
            by: report.by,
        }
    }

    /// The page of a package; the front page where its ecosystem has none.
    fn page_of(&self, package: &PackageName) -> String {
        match package.ecosystem() {
            Ecosystem::RubyGems => format!("{}/gems/{}", self.base_url, package.as_str()),
            Ecosystem::NuGet | Ecosystem::PowerShell => self.base_url.clone(),
        }
    }
}
