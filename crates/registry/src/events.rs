use domain::{AccountId, EventId, PackageId};
use store::RecordedEvent;

use crate::{Registry, Result};

/// Events on a page.
const PAGE: usize = 50;

/// [`PAGE`] and one more, which begins the next page.
const PAGE_READ: i64 = 51;

impl Registry {
    /// A page of what happened to an account or was its doing, newest first, from `from` on, and the first event of the next page.
    pub async fn account_events(
        &self,
        account: AccountId,
        from: Option<EventId>,
    ) -> Result<(Vec<RecordedEvent>, Option<EventId>)> {
        Ok(page(self.store().read().await?.audit().of_account(account, from, PAGE_READ).await?))
    }

    /// The same of what happened to a package.
    pub async fn package_events(
        &self,
        package: PackageId,
        from: Option<EventId>,
    ) -> Result<(Vec<RecordedEvent>, Option<EventId>)> {
        Ok(page(self.store().read().await?.audit().of_package(package, from, PAGE_READ).await?))
    }
}

fn page(mut events: Vec<RecordedEvent>) -> (Vec<RecordedEvent>, Option<EventId>) {
    let next = if events.len() > PAGE { events.pop().map(|event| event.id) } else { None };
    (events, next)
}
