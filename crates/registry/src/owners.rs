use domain::{Action, KeyDigest, OwnershipId, PackageName, Role, Token};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEvent, Db, NewOwnership, Owner, Ownership, Package};

use crate::{Caller, Conflict, Error, Event, Missing, PackageChange, Registry, Result, authorize::standing};

/// An invitation can be accepted for this long.
pub(crate) const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(48);

/// An owner of a package, for people.
#[derive(Debug, Clone)]
pub struct OwnerEntry {
    /// The account's small number.
    pub number: i64,
    /// The account's name.
    pub handle: String,
    /// With which rights.
    pub role: Role,
}

/// An invitation to own a package, ready to be sent.
#[derive(Debug)]
pub struct Invitation {
    /// The package.
    pub package: PackageName,
    /// Who is invited.
    pub handle: String,
    /// Where the mail goes.
    pub email: String,
    /// The token for the link. Known to nobody else.
    pub token: Token,
}

impl Registry {
    /// The confirmed owners of a package, oldest first.
    pub async fn owners(&self, name: &PackageName) -> Result<Vec<OwnerEntry>> {
        let mut db = self.store().read().await?;
        let package = db.packages().find(name).await?.ok_or(Missing::Package)?;
        let owners = db.ownerships().of_package(package.id).await?;
        Ok(owners
            .into_iter()
            .filter(|owner| owner.ownership.confirmed_at.is_some())
            .map(|owner| OwnerEntry {
                number: owner.number,
                handle: owner.handle,
                role: owner.ownership.role,
            })
            .collect())
    }

    /// Invites an account, named by handle or mail address, to own a package. It has no rights until it accepts.
    /// Returns the handle of the account.
    pub async fn invite_owner(
        &self,
        caller: &Caller,
        name: &PackageName,
        login: &str,
        role: Role,
    ) -> Result<String> {
        let now = self.now();
        let (mut db, package) = self.begin_owner_change(caller, name, Action::AddOwner).await?;
        let account = db.accounts().find_by_login(login).await?.ok_or(Missing::Owner)?;
        match db.ownerships().find(package.id, account.id).await? {
            Some(Ownership { confirmed_at: Some(_), .. }) => return Err(Conflict::AlreadyOwner.into()),
            Some(_) => return Err(Conflict::AlreadyInvited.into()),
            None => {}
        }
        let id = OwnershipId::new(now);
        let invited_by = Some(caller.account().id);
        db.ownerships()
            .add(&NewOwnership { id, package: package.id, account: account.id, role, invited_by, at: now })
            .await?;
        let details = json!({ "owner": account.handle, "role": role.as_str() });
        self.record_owner_change(&mut db, Some(caller), &package, account.id, "owner.invited", details)
            .await?;
        self.announce(&mut db, Event::OwnerInvited { ownership: id }).await?;
        db.commit().await?;
        Ok(account.handle)
    }

    /// Draws the token for an invitation that is still open. Each call makes the token before it useless.
    pub async fn invitation(&self, id: OwnershipId) -> Result<Option<Invitation>> {
        let mut db = self.store().begin().await?;
        let Some(ownership) =
            db.ownerships().get(id).await?.filter(|ownership| ownership.confirmed_at.is_none())
        else {
            return Ok(None);
        };
        let package = db.packages().get(ownership.package).await?.ok_or(Missing::Package)?;
        let account = db.accounts().get(ownership.account).await?.ok_or(Missing::Account)?;
        let Some(email) = account.email else { return Ok(None) };
        let token = Token::generate();
        db.ownerships().set_invitation(id, &token.digest()).await?;
        db.commit().await?;
        Ok(Some(Invitation { package: package.name, handle: account.handle, email, token }))
    }

    /// The package and the handle of an open invitation.
    pub async fn find_invitation(&self, token: &str) -> Result<(PackageName, String)> {
        let mut db = self.store().read().await?;
        let ownership = self.open_invitation(&mut db, token).await?;
        let package = db.packages().get(ownership.package).await?.ok_or(Missing::Invitation)?;
        let account = db.accounts().get(ownership.account).await?.ok_or(Missing::Invitation)?;
        Ok((package.name, account.handle))
    }

    /// Accepts an invitation: the account owns the package from now on.
    pub async fn accept_invitation(&self, token: &str) -> Result<PackageName> {
        let now = self.now();
        let mut db = self.store().begin().await?;
        let ownership = self.open_invitation(&mut db, token).await?;
        let package = db.packages().get(ownership.package).await?.ok_or(Missing::Invitation)?;
        db.ownerships().confirm(ownership.id, now).await?;
        let details = json!({ "role": ownership.role.as_str() });
        self.record_owner_change(&mut db, None, &package, ownership.account, "owner.confirmed", details)
            .await?;
        let change = PackageChange::OwnerAdded { owner: ownership.account, role: ownership.role };
        let inviter = ownership.invited_by.unwrap_or(ownership.account);
        self.announce_package(&mut db, (inviter, None), package.id, change).await?;
        db.commit().await?;
        Ok(package.name)
    }

    async fn open_invitation(&self, db: &mut Db, token: &str) -> Result<Ownership> {
        let ownership =
            db.ownerships().find_by_invitation(&KeyDigest::of(token)).await?.ok_or(Missing::Invitation)?;
        let fresh = self.now().duration_since(ownership.invited_at) < INVITATION_LIFE;
        if fresh { Ok(ownership) } else { Err(Missing::Invitation.into()) }
    }

    /// Gives a confirmed owner another role.
    pub async fn set_owner_role(
        &self,
        caller: &Caller,
        name: &PackageName,
        login: &str,
        role: Role,
    ) -> Result<()> {
        let (mut db, package) = self.begin_owner_change(caller, name, Action::UpdateOwner).await?;
        let owner = find_owner(&mut db, &package, login).await?;
        let account = owner.ownership.account;
        if owner.ownership.confirmed_at.is_none() {
            return Err(Missing::Owner.into());
        }
        if account == caller.account().id {
            return Err(Conflict::OwnRole.into());
        }
        db.ownerships().set_role(owner.ownership.id, role).await?;
        let details = json!({ "owner": owner.handle, "role": role.as_str() });
        self.record_owner_change(&mut db, Some(caller), &package, account, "owner.role_changed", details)
            .await?;
        let change = PackageChange::RoleChanged { owner: account, role };
        self.announce_package(&mut db, (caller.account().id, caller.actor().key), package.id, change).await?;
        let epoch = db.authorization().changed(account).await?;
        db.commit().await?;
        self.enforce(account, epoch).await
    }

    /// Removes an owner, or takes an invitation back. Keys that were bound to the package through the ownership die with it.
    pub async fn remove_owner(&self, caller: &Caller, name: &PackageName, login: &str) -> Result<()> {
        let (mut db, package) = self.begin_owner_change(caller, name, Action::RemoveOwner).await?;
        let owner = find_owner(&mut db, &package, login).await?;
        let account = owner.ownership.account;
        let owners = db.ownerships().of_package(package.id).await?;
        // Maintainers cannot manage owners: without an owner nobody could any more.
        if manages(&owner) && !owners.iter().any(|other| manages(other) && other.ownership.account != account)
        {
            return Err(Conflict::LastOwner.into());
        }
        let keys = db.keys().lose_ownership(owner.ownership.id, &package.name).await?;
        db.ownerships().remove(owner.ownership.id).await?;
        let details = json!({ "owner": owner.handle, "keys_lost": keys.len() });
        self.record_owner_change(&mut db, Some(caller), &package, account, "owner.removed", details).await?;
        // Whoever had not accepted yet loses nothing.
        if owner.ownership.confirmed_at.is_some() {
            let change = PackageChange::OwnerRemoved { owner: account, role: owner.ownership.role };
            let actor = (caller.account().id, caller.actor().key);
            self.announce_package(&mut db, actor, package.id, change).await?;
        }
        let epoch = db.authorization().changed(account).await?;
        db.commit().await?;
        self.enforce(account, epoch).await
    }

    pub(crate) async fn begin_owner_change(
        &self,
        caller: &Caller,
        name: &PackageName,
        action: Action,
    ) -> Result<(Db, Package)> {
        let mut db = self.store().begin().await?;
        let package = db.packages().find_locked(name).await?.ok_or(Missing::Package)?;
        let caller = self.refresh(&mut db, caller).await?;
        let standing = standing(&mut db, &caller, &package).await?;
        self.may(&caller, action, Some(&package.name), standing)?;
        Ok((db, package))
    }

    pub(crate) async fn record_owner_change(
        &self,
        db: &mut Db,
        caller: Option<&Caller>,
        package: &Package,
        account: domain::AccountId,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let event = AuditEvent {
            action,
            actor: Some(caller.map_or(account, |caller| caller.account().id)),
            actor_key: caller.and_then(|caller| caller.actor().key),
            account: Some(account),
            package: Some(package.id),
            details,
            ..AuditEvent::default()
        };
        Ok(db.audit().add(&event, self.now()).await?)
    }
}

/// Whether somebody may manage the owners.
fn manages(owner: &Owner) -> bool {
    owner.ownership.confirmed_at.is_some() && owner.ownership.role == Role::Owner
}

pub(crate) async fn find_owner(db: &mut Db, package: &Package, login: &str) -> Result<Owner> {
    let account = db.accounts().find_by_login(login).await?.ok_or(Missing::Owner)?;
    let owners = db.ownerships().of_package(package.id).await?;
    owners
        .into_iter()
        .find(|owner| owner.ownership.account == account.id)
        .ok_or(Error::NotFound(Missing::Owner))
}
