use domain::{Action, PackageName, Role, Timestamp};
use serde_json::json;

use crate::{
    Caller, Conflict, Event, Missing, Registry, Result,
    authorize::standing,
    owners::{INVITATION_LIFE, find_owner},
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
        let owners = db.ownerships().of_package(package.id).await?;
        let entry = |owner: store::Owner| RollEntry {
            standing: self.standing_of(&owner.ownership),
            handle: owner.handle,
            role: owner.ownership.role,
        };
        Ok(owners.into_iter().map(entry).collect())
    }

    fn standing_of(&self, ownership: &store::Ownership) -> Membership {
        let end = ownership.invited_at + INVITATION_LIFE;
        match ownership.confirmed_at {
            Some(since) => Membership::Owner(since),
            None if self.now() < end => Membership::Invited(end),
            None => Membership::InvitationOver(end),
        }
    }

    /// Sends an open invitation again. The link of the mail before does not work any more.
    pub async fn resend_invitation(&self, caller: &Caller, name: &PackageName, login: &str) -> Result<()> {
        let (mut db, package) = self.begin_owner_change(caller, name, Action::AddOwner).await?;
        let owner = find_owner(&mut db, &package, login).await?;
        if owner.ownership.confirmed_at.is_some() {
            return Err(Conflict::AlreadyOwner.into());
        }
        let ownership = owner.ownership;
        self.inner.guard.reminder(&ownership.id.to_string())?;
        db.ownerships().renew_invitation(ownership.id, self.now()).await?;
        let details = json!({ "owner": owner.handle, "role": ownership.role.as_str() });
        let action = "owner.invited_again";
        self.record_owner_change(&mut db, Some(caller), &package, ownership.account, action, details).await?;
        self.announce(&mut db, Event::OwnerInvited { ownership: ownership.id }).await?;
        Ok(db.commit().await?)
    }
}
