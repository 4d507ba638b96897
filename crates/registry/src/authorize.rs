use domain::{Action, Credential, PackageName, PackageStanding, Reason, Standing, decide};
use store::{Db, Package};

use crate::{Author, Caller, Error, Registry, Result, change::Change};

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

    /// May whoever makes this change do this with the package, as the transaction sees both? The binding check.
    pub(crate) async fn authorize(
        &self,
        change: &mut Change,
        action: Action,
        package: &Package,
    ) -> Result<()> {
        match change.author() {
            Some(Author::Caller(caller)) => {
                let caller = caller.clone();
                let standing = standing(change, &caller, package).await?;
                self.may(&caller, action, Some(&package.name), standing)
            }
            Some(Author::Operator(_)) => {
                let decision = decide(
                    Credential::Operator,
                    &Standing::OPERATOR,
                    action,
                    Some(&package.name),
                    self.now(),
                );
                decision.permitted().map(drop).map_err(Error::Denied)
            }
            None => Err(Error::Denied(Reason::Unknown)),
        }
    }
}

/// The caller's standing on a package, as this transaction sees it.
pub(crate) async fn standing(db: &mut Db, caller: &Caller, package: &Package) -> Result<PackageStanding> {
    let ownership = db.ownerships().find(package.id, caller.account().id).await?;
    Ok(match ownership.filter(|ownership| ownership.confirmed_at.is_some()) {
        Some(ownership) => PackageStanding::Member(ownership.role),
        None => PackageStanding::Stranger,
    })
}
