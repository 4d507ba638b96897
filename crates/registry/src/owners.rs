use domain::{
    AccountId, Action, EmailAddress, KeyDigest, OwnershipId, PackageName, Reason, Role, Standing, Timestamp,
    Token, decide,
};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEvent, Db, NewOwnership, Owner, Ownership, Package, UnmatchedInvitation};

use crate::{
    AccountFacts, Author, Caller, Conflict, Error, Event, Missing, PackageChange, Registry, Result, SignUp,
    authorize::standing, change::Change,
};

/// An invitation can be accepted for this long.
pub(crate) const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(48);

/// The most owners of a package, those who are invited included.
const MOST_OWNERS: i64 = 500;

/// The most invitations to own a package that can be open at a time.
const MOST_INVITATIONS: i64 = 100;

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

/// An invitation to an address that no account has, ready to be sent.
#[derive(Debug)]
pub struct AddressInvitation {
    /// The package.
    pub package: PackageName,
    /// The address.
    pub email: String,
    /// Who invited.
    pub by: String,
    /// Whether whoever reads this may create an account.
    pub sign_up: bool,
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

    /// Invites an account, named by handle or email address, to own a package. It has no rights until it accepts. Whether an
    /// address has an account is told to the address alone: to owners both cases look the same.
    pub async fn invite_owner(
        &self,
        caller: &Caller,
        name: &PackageName,
        login: &str,
        role: Role,
    ) -> Result<()> {
        let (mut change, package) = self.begin_package_change(caller, name, Action::AddOwner).await?;
        let (now, invited_by) = (change.now(), caller.account().id);
        self.inner.limits.invitation(invited_by, login, now)?;
        let email = EmailAddress::parse(login.trim()).ok();
        let account = change.accounts().find_by_login(login).await?;
        let existing = match &account {
            Some(account) => change.ownerships().find(package.id, account.id).await?,
            None => None,
        };
        if existing.as_ref().is_some_and(|existing| existing.confirmed_at.is_some()) {
            return Err(Conflict::AlreadyOwner.into());
        }
        change.has_room_for_owner(&package).await?;
        let (id, package_id) = (OwnershipId::new(now), package.id);
        match (account, email) {
            (Some(account), email) if existing.is_none() => {
                self.may_be_invited(&mut change, &package, email.as_ref()).await?;
                let invited_as = email.as_ref().map(|email| email.as_str().to_owned());
                let (account, invited_by) = (account.id, Some(invited_by));
                let ownership =
                    NewOwnership { id, package: package_id, account, role, invited_by, invited_as, at: now };
                change.ownerships().add(&ownership).await?;
                self.announce(&mut change, Event::OwnerInvited { ownership: id }).await?;
            }
            (_, Some(email)) => {
                self.may_be_invited(&mut change, &package, Some(&email)).await?;
                let (email_text, invited_at) = (email.as_str().to_owned(), now);
                let unmatched = UnmatchedInvitation {
                    id,
                    package: package_id,
                    email: email_text,
                    role,
                    invited_by,
                    invited_at,
                };
                change.unmatched_invitations().add(&unmatched, &email).await?;
                self.announce(&mut change, Event::AddressInvited { invitation: id }).await?;
            }
            (Some(_), None) => return Err(Conflict::AlreadyInvited.into()),
            (None, None) => return Err(Missing::Owner.into()),
        }
        let details = json!({ "owner": login.trim(), "role": role.as_str() });
        change.record_owner(&package, None, "owner.invited", details).await?;
        change.commit().await
    }

    /// Refuses an address that is invited already, in whichever way.
    async fn may_be_invited(
        &self,
        change: &mut Change,
        package: &Package,
        email: Option<&EmailAddress>,
    ) -> Result<()> {
        let Some(email) = email else { return Ok(()) };
        let unmatched = change.unmatched_invitations().find(package.id, email).await?.is_some();
        let account = change.accounts().find_by_login(email.as_str()).await?;
        let matched = match account {
            Some(account) => change.ownerships().find(package.id, account.id).await?.is_some_and(|it| {
                it.invited_as.as_deref().is_some_and(|invited| invited.eq_ignore_ascii_case(email.as_str()))
            }),
            None => false,
        };
        if unmatched || matched { Err(Conflict::AlreadyInvited.into()) } else { Ok(()) }
    }

    /// An invitation to an address that no account has, for its email; nothing when it was revoked meanwhile, or when the account
    /// of the address was invited by its name.
    pub async fn address_invitation(&self, id: OwnershipId) -> Result<Option<AddressInvitation>> {
        let mut change = self.begin_unproved().await?;
        let Some(unmatched) = change.unmatched_invitations().get(id).await? else { return Ok(None) };
        let package = change.packages().get(unmatched.package).await?.ok_or(Missing::Package)?;
        let by = change.accounts().get(unmatched.invited_by).await?.ok_or(Missing::Account)?;
        let has_account = change.accounts().find_by_login(&unmatched.email).await?.is_some();
        let details = json!({ "owner": unmatched.email });
        change.record_owner(&package, None, "owner.invitation_sent", details).await?;
        change.commit().await?;
        let (package, email, by) = (package.name, unmatched.email, by.handle);
        let sign_up = self.sign_up_policy() == SignUp::Open;
        Ok((!has_account).then_some(AddressInvitation { package, email, by, sign_up }))
    }

    /// Makes an account an owner at once, without an invitation. Only the operator may: it is how a package gets an owner whose
    /// owners are gone.
    pub async fn add_owner(
        &self,
        author: impl Into<Author<'_>>,
        name: &PackageName,
        login: &str,
        role: Role,
    ) -> Result<String> {
        let (mut change, package) = self.begin_package_change(author, name, Action::AddOwner).await?;
        if !change.is_operator() {
            return Err(Error::Denied(Reason::NotOwner));
        }
        let (now, account) = (change.now(), change.accounts().find_by_login(login).await?);
        let account = account.ok_or(Missing::Account)?;
        match change.ownerships().find(package.id, account.id).await? {
            Some(Ownership { confirmed_at: Some(_), .. }) => return Err(Conflict::AlreadyOwner.into()),
            Some(invited) => change.ownerships().remove(invited.id).await?,
            None => {}
        }
        let (owners, invited) = change.ownerships().count(package.id).await?;
        if owners + invited >= MOST_OWNERS {
            return Err(Conflict::TooManyOwners { limit: MOST_OWNERS }.into());
        }
        let ownership = NewOwnership {
            id: OwnershipId::new(now),
            package: package.id,
            account: account.id,
            role,
            invited_by: None,
            invited_as: None,
            at: now,
        };
        change.ownerships().add(&ownership).await?;
        let details = json!({ "owner": account.handle, "role": role.as_str() });
        change.record_owner(&package, Some(account.id), "owner.added", details).await?;
        let news = PackageChange::OwnerAppointed { owner: account.id, role };
        self.announce_package(&mut change, package.id, news).await?;
        change.commit().await?;
        Ok(account.handle)
    }

    /// Draws the token for an invitation that is still open. Each call makes the token before it useless.
    pub async fn invitation(&self, id: OwnershipId) -> Result<Option<Invitation>> {
        let mut change = self.begin_unproved().await?;
        let Some(ownership) =
            change.ownerships().get(id).await?.filter(|ownership| ownership.confirmed_at.is_none())
        else {
            return Ok(None);
        };
        let package = change.packages().get(ownership.package).await?.ok_or(Missing::Package)?;
        let account = change.accounts().get(ownership.account).await?.ok_or(Missing::Account)?;
        let Some(email) = account.email else { return Ok(None) };
        let token = Token::generate();
        change.ownerships().set_invitation(id, &token.digest()).await?;
        let details = json!({ "owner": ownership.invited_as.as_deref().unwrap_or(&account.handle) });
        change.record_owner(&package, None, "owner.invitation_sent", details).await?;
        change.commit().await?;
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
        let mut change = self.begin_unproved().await?;
        // Only to learn which package: it is locked before accounts are, and then nobody gets in between. Whoever removes the giver,
        // or the invitation, holds the package.
        let offered = change.ownerships().find_by_invitation(&KeyDigest::of(token)).await?;
        let package = offered.ok_or(Missing::Invitation)?.package;
        let package = change.packages().get_locked(package).await?.ok_or(Missing::Invitation)?;
        let ownership = self.open_invitation(&mut change, token).await?;
        change.proved_by(ownership.account);
        let now = change.now();
        if !change.ownerships().confirm(ownership.id, now).await? {
            return Err(Missing::Invitation.into());
        }
        self.forget_unmatched(&mut change, &package, ownership.account).await?;
        let details = json!({ "role": ownership.role.as_str() });
        change.record_owner(&package, Some(ownership.account), "owner.confirmed", details).await?;
        let news = PackageChange::OwnerAdded { owner: ownership.account, role: ownership.role };
        let by = Some(ownership.invited_by.unwrap_or(ownership.account));
        self.announce_package_by(&mut change, (by, None), package.id, news).await?;
        change.commit().await?;
        Ok(package.name)
    }

    /// An account that owns the package now waits under its address no longer.
    async fn forget_unmatched(
        &self,
        change: &mut Change,
        package: &Package,
        account: AccountId,
    ) -> Result<()> {
        let account = change.accounts().get(account).await?;
        let email = account.and_then(|account| EmailAddress::parse(account.email.as_deref()?).ok());
        let Some(email) = email else { return Ok(()) };
        if let Some(unmatched) = change.unmatched_invitations().find(package.id, &email).await? {
            change.unmatched_invitations().remove(unmatched.id).await?;
        }
        Ok(())
    }

    async fn open_invitation(&self, db: &mut Db, token: &str) -> Result<Ownership> {
        let ownership =
            db.ownerships().find_by_invitation(&KeyDigest::of(token)).await?.ok_or(Missing::Invitation)?;
        let fresh = self.now().duration_since(ownership.invited_at) < INVITATION_LIFE;
        let invited = db.accounts().get_shared(ownership.account).await?;
        let stands = invited.is_some_and(|it| it.deleted_at.is_none() && it.locked_at.is_none());
        if fresh && stands && giver_stands(db, &ownership, self.now()).await? {
            Ok(ownership)
        } else {
            Err(Missing::Invitation.into())
        }
    }

    /// Gives a confirmed owner another role.
    pub async fn set_owner_role(
        &self,
        caller: &Caller,
        name: &PackageName,
        login: &str,
        role: Role,
    ) -> Result<()> {
        let (mut change, package) = self.begin_package_change(caller, name, Action::UpdateOwner).await?;
        let owner = find_owner(&mut change, &package, login).await?;
        let account = owner.ownership.account;
        if owner.ownership.confirmed_at.is_none() {
            return Err(Missing::Owner.into());
        }
        if account == caller.account().id {
            return Err(Conflict::OwnRole.into());
        }
        change.ownerships().set_role(owner.ownership.id, role).await?;
        let details = json!({ "owner": owner.handle, "role": role.as_str() });
        change.record_owner(&package, Some(account), "owner.role_changed", details).await?;
        let news = PackageChange::RoleChanged { owner: account, role };
        self.announce_package(&mut change, package.id, news).await?;
        let epoch = change.authorization().changed(account).await?;
        change.commit().await?;
        self.enforce(account, epoch).await
    }

    /// Removes an owner, or takes an invitation back. Keys that were bound to the package through the ownership die with it.
    pub async fn remove_owner(
        &self,
        author: impl Into<Author<'_>>,
        name: &PackageName,
        login: &str,
    ) -> Result<()> {
        let (mut change, package) = self.begin_package_change(author, name, Action::RemoveOwner).await?;
        let owner = match find_invited(&mut change, &package, login).await? {
            Invited::Account(owner) => owner,
            Invited::Unmatched(unmatched) => {
                change.unmatched_invitations().remove(unmatched.id).await?;
                let details = json!({ "owner": unmatched.email, "keys_lost": 0 });
                change.record_owner(&package, None, "owner.removed", details).await?;
                return change.commit().await;
            }
        };
        let account = owner.ownership.account;
        let owners = change.ownerships().of_package(package.id).await?;
        // Maintainers cannot manage owners: without an owner nobody could any more.
        if manages(&owner) && !owners.iter().any(|other| manages(other) && other.ownership.account != account)
        {
            return Err(Conflict::LastOwner.into());
        }
        let keys = change.keys().lose_ownership(owner.ownership.id, &package.name).await?;
        change.ownerships().remove(owner.ownership.id).await?;
        let details = json!({ "owner": owner.shown(), "keys_lost": keys.len() });
        change.record_owner(&package, Some(account), "owner.removed", details).await?;
        // Whoever had not accepted yet loses nothing.
        if owner.ownership.confirmed_at.is_some() {
            let news = PackageChange::OwnerRemoved { owner: account, role: owner.ownership.role };
            self.announce_package(&mut change, package.id, news).await?;
        }
        let epoch = change.authorization().changed(account).await?;
        change.commit().await?;
        self.enforce(account, epoch).await
    }

    /// Begins a change of a package by somebody who may make it.
    pub(crate) async fn begin_package_change<'a>(
        &self,
        author: impl Into<Author<'a>>,
        name: &PackageName,
        action: Action,
    ) -> Result<(Change, Package)> {
        let mut opening = self.opening(author).await?;
        let package = opening.package(name).await?.ok_or(Missing::Package)?;
        let mut change = opening.admit().await?;
        self.authorize(&mut change, action, &package).await?;
        Ok((change, package))
    }
}

impl Change {
    /// Refuses another invitation where there are as many as can be. The package is locked. Addresses that lead to no account count
    /// like others: what is refused tells nobody who has one.
    async fn has_room_for_owner(&mut self, package: &Package) -> Result<()> {
        let (owners, invited) = self.ownerships().count(package.id).await?;
        if invited >= MOST_INVITATIONS {
            return Err(Conflict::TooManyInvitations { limit: MOST_INVITATIONS }.into());
        }
        if owners + invited >= MOST_OWNERS {
            return Err(Conflict::TooManyOwners { limit: MOST_OWNERS }.into());
        }
        Ok(())
    }

    /// Writes the audit event of a change of who owns a package.
    pub(crate) async fn record_owner(
        &mut self,
        package: &Package,
        account: Option<AccountId>,
        action: &'static str,
        details: serde_json::Value,
    ) -> Result<()> {
        let package = Some(package.id);
        self.record(AuditEvent { action, account, package, details, ..AuditEvent::default() }).await
    }
}

/// Whether whoever invited could still do so. An invitation is as good as its giver: none once that owner was removed, made a
/// maintainer, locked or deleted.
pub(crate) async fn giver_stands(db: &mut Db, ownership: &Ownership, now: Timestamp) -> Result<bool> {
    let Some(giver) = ownership.invited_by else { return Ok(true) };
    let Some(account) = db.accounts().get_shared(giver).await? else { return Ok(false) };
    let caller = Caller::with_password(AccountFacts::from(&account));
    let package = db.packages().get(ownership.package).await?.ok_or(Missing::Package)?;
    let standing =
        Standing { account: caller.account_standing(), package: standing(db, &caller, &package).await? };
    Ok(decide(caller.credential(), &standing, Action::AddOwner, Some(&package.name), now).is_permitted())
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
        .find(|owner| owner.ownership.account == account.id && owner.is_called(login))
        .ok_or(Error::NotFound(Missing::Owner))
}

/// Whom owners mean by a name or an address.
pub(crate) enum Invited {
    /// An owner, or an account that is invited.
    Account(Owner),
    /// An address that leads to no account.
    Unmatched(UnmatchedInvitation),
}

/// An owner of a package, or somebody who is invited.
pub(crate) async fn find_invited(db: &mut Db, package: &Package, login: &str) -> Result<Invited> {
    match find_owner(db, package, login).await {
        Err(Error::NotFound(Missing::Owner)) => {}
        found => return found.map(Invited::Account),
    }
    let Ok(email) = EmailAddress::parse(login.trim()) else { return Err(Missing::Owner.into()) };
    let unmatched = db.unmatched_invitations().find(package.id, &email).await?;
    unmatched.map(Invited::Unmatched).ok_or(Error::NotFound(Missing::Owner))
}
