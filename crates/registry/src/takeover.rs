//! Whose a name is: a new one is its publisher's, and so is one that was given up.

use domain::{AccountId, OwnershipId, PackageId, PackageName, Role, Timestamp};
use jiff::SignedDuration;
use store::{Db, NewOwnership, Ownership, Package};

use crate::{PackageChange, Registry, Result, change::Change};

/// A name is free to take again when all its releases are withdrawn and nothing happened for this long …
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(100 * 24);
/// … or when it never lived longer than this.
const SHORT_LIVED: SignedDuration = SignedDuration::from_hours(30 * 24);

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
            at: now,
        };
        db.ownerships().add(&ownership).await?;
        Ok((package, ousted))
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
            // Whoever had not accepted yet loses nothing.
            if confirmed_at.is_some() {
                self.announce_package(change, package, PackageChange::OwnerRemoved { owner, role }).await?;
            }
        }
        Ok(changes)
    }
}

/// Whether a name is free to take again, once none of its releases is live.
pub(crate) fn is_abandoned(package: &Package, now: Timestamp) -> bool {
    now.duration_since(package.changed_at) > ABANDONED_AFTER
        || now.duration_since(package.created_at) < SHORT_LIVED
}

/// Ends all ownerships of a package, and with them the keys that hang on them.
async fn oust(db: &mut Db, package: &Package) -> Result<Vec<Ownership>> {
    let mut ousted = Vec::new();
    for owner in db.ownerships().of_package(package.id).await? {
        db.keys().lose_ownership(owner.ownership.id, &package.name).await?;
        db.ownerships().remove(owner.ownership.id).await?;
        ousted.push(owner.ownership);
    }
    Ok(ousted)
}
