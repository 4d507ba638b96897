//! Whose a name is: a new one is its publisher's, and so is one that was given up.

use domain::{AccountId, Ecosystem, OwnershipId, PackageId, PackageName, Role};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEvent, Db, NewOwnership, Ownership, Package};

use crate::{PackageChange, Registry, Result, change::Change};

/// Where names may be reclaimed: a name without versions is its owners' for this long …
const KEPT: SignedDuration = SignedDuration::from_hours(100 * 24);
/// … or, if it was first published less than [`YOUNG`] ago, for this long. Its owners are told the day when it is given up.
const YOUNG_KEPT: SignedDuration = SignedDuration::from_hours(10 * 24);
/// See [`YOUNG_KEPT`].
const YOUNG: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the records allow: go on with a known or a new package.
pub(crate) struct Claim {
    pub(crate) package: Option<Package>,
    /// The name was abandoned: the publisher becomes its only owner.
    pub(crate) takeover: bool,
}

impl Registry {
    /// Makes the package, or takes an abandoned one over. Returns who had it before.
    pub(crate) async fn claim_package(
        &self,
        db: &mut Db,
        account: AccountId,
        name: &PackageName,
        claim: Claim,
    ) -> Result<(PackageId, Vec<Ownership>)> {
        let now = self.now();
        let (package, ousted) = if let Some(package) = claim.package {
            if package.name.as_str() != name.as_str() {
                db.packages().rename(package.id, name).await?;
            }
            if package.reclaimable_at.is_some() {
                db.packages().set_reclaimable(package.id, None).await?;
            }
            if !claim.takeover {
                return Ok((package.id, Vec::new()));
            }
            (package.id, oust(db, &package).await?)
        } else {
            let id = PackageId::new(now);
            db.packages().add(id, name, now).await?;
            (id, Vec::new())
        };
        let ownership = NewOwnership {
            id: OwnershipId::new(now),
            package,
            account,
            role: Role::Owner,
            invited_by: None,
            invited_as: None,
            at: now,
        };
        db.ownerships().add(&ownership).await?;
        Ok((package, ousted))
    }

    /// Whether somebody else may publish under the name of a package that has no live release.
    pub(crate) fn is_reclaimable(&self, package: &Package) -> bool {
        self.policy().reclaim_gem_names && package.reclaimable_at.is_some_and(|from| self.now() >= from)
    }

    /// Where names may be reclaimed, says from when on one may that just lost its last release, and tells its owners.
    pub(crate) async fn give_name_up(&self, change: &mut Change, package: &Package) -> Result<()> {
        if !self.policy().reclaim_gem_names || package.name.ecosystem() != Ecosystem::RubyGems {
            return Ok(());
        }
        let now = change.now();
        let kept = if now.duration_since(package.created_at) < YOUNG { YOUNG_KEPT } else { KEPT };
        let from = now + kept;
        change.packages().set_reclaimable(package.id, Some(from)).await?;
        self.announce_package(change, package.id, PackageChange::NameGivenUp { from }).await
    }

    /// Notes that owners lost the package, and tells them. Returns the accounts with the numbers of their changes.
    pub(crate) async fn let_go(
        &self,
        change: &mut Change,
        package: PackageId,
        ousted: Vec<Ownership>,
    ) -> Result<Vec<(AccountId, i64)>> {
        let mut changes = Vec::new();
        for Ownership { account: owner, role, confirmed_at, .. } in ousted {
            changes.push((owner, change.authorization().changed(owner).await?));
            let handle = change.accounts().get(owner).await?.map(|account| account.handle);
            let event = AuditEvent {
                action: "owner.removed",
                account: Some(owner),
                package: Some(package),
                details: json!({ "owner": handle, "name_reclaimed": true }),
                ..AuditEvent::default()
            };
            change.record(event).await?;
            // Whoever had not accepted yet loses nothing.
            if confirmed_at.is_some() {
                self.announce_package(change, package, PackageChange::NameReclaimed { owner, role }).await?;
            }
        }
        Ok(changes)
    }
}

/// Ends all ownerships of a package, and with them the keys that hang on them.
async fn oust(db: &mut Db, package: &Package) -> Result<Vec<Ownership>> {
    db.unmatched_invitations().clear(package.id).await?;
    let mut ousted = Vec::new();
    for owner in db.ownerships().of_package(package.id).await? {
        db.keys().lose_ownership(owner.ownership.id, &package.name).await?;
        db.ownerships().remove(owner.ownership.id).await?;
        ousted.push(owner.ownership);
    }
    Ok(ousted)
}
