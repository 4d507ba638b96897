use domain::{AccountId, PackageId};
use store::RecordedEvent;

use crate::{Registry, Result};

/// Events that are shown at once.
const SHOWN: i64 = 200;

impl Registry {
    /// What happened to an account or was its doing, newest first.
    pub async fn account_events(&self, account: AccountId) -> Result<Vec<RecordedEvent>> {
        Ok(self.store().read().await?.audit().of_account(account, SHOWN).await?)
    }

    /// What happened to a package, newest first.
    pub async fn package_events(&self, package: PackageId) -> Result<Vec<RecordedEvent>> {
        Ok(self.store().read().await?.audit().of_package(package, SHOWN).await?)
    }
}
