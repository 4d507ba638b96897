use domain::{Action, PackageName, Role, Timestamp};
use serde_json::json;
use store::{Db, Ownership, Package, UnmatchedInvitation};

use crate::{
    Caller, Conflict, Event, Missing, Registry, Result,
    authorize::standing,
    change::Change,
    owners::{INVITATION_LIFE, Invited, find_invited, giver_stands},
};

/// How somebody stands on a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// An owner since that instant.
    Owner(Timestamp),
    /// Invited, and the link in the mail works until that instant.
    Invited(Timestamp),
    /// Invited, and the link in the mail does not work any more since that instant.
    InvitationOver(Timestamp),
}

/// An owner of a package or somebody who is invited, for those who manage them.
#[derive(Debug, Clone)]
pub struct RollEntry {
    /// The account's name.
    pub handle: String,
    /// With which rights, now or once it is confirmed.
    pub role: Role,
    /// Whether it is an owner yet.
    pub standing: Membership,
}

impl Registry {
    /// All owners of a package and everybody who is invited, for those who may manage them.
    pub async fn owner_roll(&self, caller: &Caller, name: &PackageName) -> Result<Vec<RollEntry>> {
        let mut db = self.store().read().await?;
        let package = db.packages().find(name).await?.ok_or(Missing::Package)?;
        let standing = standing(&mut db, caller, &package).await?;
        self.may(caller, Action::UpdateOwner, Some(&package.name), standing)?;
        let mut entries = Vec::new();
        for owner in db.ownerships().of_package(package.id).await? {
            let standing = self.standing_of(&mut db, &owner.ownership).await?;
            let (handle, role) = (owner.shown().to_owned(), owner.ownership.role);
            entries.push((owner.ownership.id, RollEntry { handle, role, standing }));
        }
        for unmatched in db.unmatched_invitations().of_package(package.id).await? {
            let (id, role, handle) = (unmatched.id, unmatched.role, unmatched.email.clone());
            let standing = self.standing_of(&mut db, &as_ownership(unmatched)).await?;
            entries.push((id, RollEntry { handle, role, standing }));
        }
        // Ids grow with time: those that lead to no account stand among the others.
        entries.sort_unstable_by_key(|(id, _)| *id);
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    async fn standing_of(&self, db: &mut Db, ownership: &store::Ownership) -> Result<Membership> {
        let (now, end) = (self.now(), ownership.invited_at + INVITATION_LIFE);
        Ok(match ownership.confirmed_at {
            Some(since) => Membership::Owner(since),
            None if now >= end => Membership::InvitationOver(end),
            None if giver_stands(db, ownership, now).await? => Membership::Invited(end),
            None => Membership::InvitationOver(now),
        })
    }

    /// Sends an open invitation again. The link of the mail before does not work any more.
    pub async fn resend_invitation(&self, caller: &Caller, name: &PackageName, login: &str) -> Result<()> {
        let (mut change, package) = self.begin_package_change(caller, name, Action::AddOwner).await?;
        let owner = match find_invited(&mut change, &package, login).await? {
            Invited::Account(owner) => owner,
            Invited::Unmatched(unmatched) => {
                self.inner.limits.invitation(caller.account().id, login, self.now())?;
                return self.resend_unmatched(change, &package, unmatched).await;
            }
        };
        if owner.ownership.confirmed_at.is_some() {
            return Err(Conflict::AlreadyOwner.into());
        }
        let (shown, ownership) = (owner.shown().to_owned(), owner.ownership);
        self.inner.limits.invitation(caller.account().id, login, self.now())?;
        let (by, now) = (change.actor().account, change.now());
        change.ownerships().renew_invitation(ownership.id, by, now).await?;
        let details = json!({ "owner": shown, "role": ownership.role.as_str() });
        change.record_owner(&package, None, "owner.invited_again", details).await?;
        self.announce(&mut change, Event::OwnerInvited { ownership: ownership.id }).await?;
        change.commit().await
    }

    async fn resend_unmatched(
        &self,
        mut change: Change,
        package: &Package,
        unmatched: UnmatchedInvitation,
    ) -> Result<()> {
        let now = change.now();
        let by = change.actor().account.unwrap_or(unmatched.invited_by);
        change.unmatched_invitations().renew(unmatched.id, by, now).await?;
        let details = json!({ "owner": unmatched.email, "role": unmatched.role.as_str() });
        change.record_owner(package, None, "owner.invited_again", details).await?;
        self.announce(&mut change, Event::AddressInvited { invitation: unmatched.id }).await?;
        change.commit().await
    }
}

/// An invitation that leads to no account, as one that does: both are as good as their giver, for as long.
fn as_ownership(unmatched: UnmatchedInvitation) -> Ownership {
    Ownership {
        id: unmatched.id,
        package: unmatched.package,
        account: unmatched.invited_by,
        role: unmatched.role,
        invited_by: Some(unmatched.invited_by),
        invited_as: Some(unmatched.email),
        invited_at: unmatched.invited_at,
        confirmed_at: None,
    }
}
