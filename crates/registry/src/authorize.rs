use std::sync::Arc;

use domain::{Action, PackageName, PackageStanding, Reason, Standing, decide};
use store::{Db, Package};

use crate::{AccountFacts, Caller, Error, Registry, Result, authenticate::warm};

impl Registry {
    /// The check before a request is read any further: may the caller do one of these actions on any package at all? Reads
    /// memory only. The binding check follows in the transaction that makes the change.
    pub fn may_somewhere(&self, caller: &Caller, actions: &[Action]) -> Result<()> {
        let mut refusal = Error::Denied(Reason::ActionNotGranted);
        for (position, action) in actions.iter().enumerate() {
            match self.may(caller, *action, None, PackageStanding::None) {
                Ok(()) => return Ok(()),
                Err(error) if position == 0 => refusal = error,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    /// May the caller do one of these actions on the package with this name, as things stand now? Changes nothing.
    pub async fn may_on(&self, caller: &Caller, actions: &[Action], name: &PackageName) -> Result<()> {
        let mut db = self.store().read().await?;
        let publishes =
            actions.iter().any(|action| matches!(action, Action::PublishNew | Action::PublishVersion));
        let standing = match db.packages().find(name).await? {
            _ if publishes && self.is_reserved(name) => PackageStanding::Reserved,
            Some(package) => standing(&mut db, caller, &package).await?,
            None => PackageStanding::Unclaimed,
        };
        let mut refusal = Error::Denied(Reason::ActionNotGranted);
        for action in actions {
            match self.may(caller, *action, Some(name), standing) {
                Ok(()) => return Ok(()),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    /// Asks the policy; notes the use of the key when it says yes.
    pub(crate) fn may(
        &self,
        caller: &Caller,
        action: Action,
        package: Option<&PackageName>,
        standing: PackageStanding,
    ) -> Result<()> {
        let now = self.now();
        let standing = Standing { account: caller.account_standing(), package: standing };
        decide(caller.credential(), &standing, action, package, now).permitted().map_err(Error::Denied)?;
        if let Some(key) = caller.key() {
            self.inner.usage.key_used(key.id, now);
        }
        Ok(())
    }

    /// The caller as this transaction sees it. No other transaction revokes or edits the key before this one ends.
    pub(crate) async fn refresh(&self, db: &mut Db, caller: &Caller) -> Result<Caller> {
        let Some(key) = caller.key() else { return refresh_account(db, caller).await };
        let key = db.keys().get_locked(key.id).await?.ok_or(Error::Denied(Reason::Unknown))?;
        Ok(caller.refreshed(Arc::new(warm(db, key).await?)))
    }
}

async fn refresh_account(db: &mut Db, caller: &Caller) -> Result<Caller> {
    let account = db.accounts().get(caller.account().id).await?.ok_or(Error::Denied(Reason::Unknown))?;
    Ok(Caller::with_password(AccountFacts::from(&account)))
}

/// The caller's standing on a package, as this transaction sees it.
pub(crate) async fn standing(db: &mut Db, caller: &Caller, package: &Package) -> Result<PackageStanding> {
    let ownership = db.ownerships().find(package.id, caller.account().id).await?;
    Ok(match ownership.filter(|ownership| ownership.confirmed_at.is_some()) {
        Some(ownership) => PackageStanding::Member(ownership.role),
        None => PackageStanding::Stranger,
    })
}
