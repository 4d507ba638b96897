//! What happens to a package, for its owners to hear.

use domain::{AccountId, KeyId, PackageId, PackageName, Role, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Account, Db};

use crate::{Addressee, Caller, Event, Missing, Registry, Result, change::Change};

/// What happened to a package, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageNews {
    /// The package.
    pub package: PackageId,
    /// What happened.
    pub change: PackageChange,
    /// When.
    pub at: Timestamp,
    /// Which account did it; none for the operator.
    pub by: Option<AccountId>,
    /// With which key.
    pub with: Option<KeyId>,
}

/// What happened to a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum PackageChange {
    /// A version was published.
    Published {
        /// The version, with its platform if it is for one.
        version: String,
    },
    /// A version was withdrawn.
    Withdrawn {
        /// The version, with its platform if it is for one.
        version: String,
    },
    /// It has no version left: from an instant on somebody else may publish under the name.
    NameGivenUp {
        /// From when on.
        from: Timestamp,
    },
    /// Somebody else has published under the name, which had no version left.
    NameReclaimed {
        /// Who owned it until then.
        owner: AccountId,
        /// With which rights until then.
        role: Role,
    },
    /// The operator made somebody an owner.
    OwnerAppointed {
        /// Who.
        owner: AccountId,
        /// With which rights.
        role: Role,
    },
    /// A withdrawn version is back.
    Restored {
        /// The version, with its platform if it is for one.
        version: String,
    },
    /// An invitation was accepted.
    OwnerAdded {
        /// Who accepted.
        owner: AccountId,
        /// With which rights.
        role: Role,
    },
    /// Somebody is an owner no more.
    OwnerRemoved {
        /// Who.
        owner: AccountId,
        /// With which rights until then.
        role: Role,
    },
    /// An owner has another role.
    RoleChanged {
        /// Who.
        owner: AccountId,
        /// The new role.
        role: Role,
    },
}

impl PackageChange {
    /// Whether owners can choose not to hear of it.
    fn is_about_a_version(&self) -> bool {
        matches!(self, Self::Published { .. } | Self::Withdrawn { .. } | Self::Restored { .. })
    }

    /// The owner that it is about, and the role.
    pub fn owner(&self) -> Option<(AccountId, Role)> {
        match *self {
            Self::OwnerAdded { owner, role }
            | Self::OwnerAppointed { owner, role }
            | Self::NameReclaimed { owner, role }
            | Self::OwnerRemoved { owner, role }
            | Self::RoleChanged { owner, role } => Some((owner, role)),
            Self::Published { .. }
            | Self::Withdrawn { .. }
            | Self::Restored { .. }
            | Self::NameGivenUp { .. } => None,
        }
    }

    /// The only one to hear of it, if there is one.
    fn sole_hearer(&self) -> Option<AccountId> {
        match *self {
            Self::OwnerRemoved { owner, .. }
            | Self::NameReclaimed { owner, .. }
            | Self::RoleChanged { owner, .. } => Some(owner),
            _ => None,
        }
    }
}

/// News of a package in the words that one of its owners reads.
#[derive(Debug, Clone)]
pub struct PackageReport {
    /// Who reads.
    pub to: Addressee,
    /// The package.
    pub package: PackageName,
    /// The name of the owner that it is about.
    pub owner: Option<String>,
    /// Who did it.
    pub by: String,
    /// What the key is called that it was done with.
    pub key: Option<String>,
}

/// A version as people write it, `1.0.0` or `1.0.0-java`: with its platform where it is for one.
pub fn full_number(number: &str, platform: &str) -> String {
    if platform == "ruby" { number.to_owned() } else { format!("{number}-{platform}") }
}

impl Registry {
    /// Puts news of a package into the outbox, once however many hear of it: a push costs the same with a hundred owners.
    pub(crate) async fn announce_package(
        &self,
        change: &mut Change,
        package: PackageId,
        news: PackageChange,
    ) -> Result<()> {
        let actor = change.actor();
        self.announce_package_by(change, (actor.account, actor.key), package, news).await
    }

    /// The same for what counts as the doing of somebody else than who makes the change.
    pub(crate) async fn announce_package_by(
        &self,
        db: &mut Db,
        (by, with): (Option<AccountId>, Option<KeyId>),
        package: PackageId,
        change: PackageChange,
    ) -> Result<()> {
        let to = change.sole_hearer();
        let news = PackageNews { package, change, at: self.now(), by, with };
        self.announce(db, Event::PackageNews { news, to }).await
    }

    /// Who is to hear news of a package.
    pub async fn hearers(&self, news: &PackageNews) -> Result<Vec<AccountId>> {
        let mut db = self.store().read().await?;
        let mut hearers = Vec::new();
        for owner in db.ownerships().of_package(news.package).await? {
            if self.hearer(&mut db, news, owner.ownership.account).await?.is_some() {
                hearers.push(owner.ownership.account);
            }
        }
        Ok(hearers)
    }

    /// The account, if it is to hear the news as things are now.
    async fn hearer(&self, db: &mut Db, news: &PackageNews, id: AccountId) -> Result<Option<Account>> {
        let owns = match news.change.sole_hearer() {
            Some(owner) => owner == id,
            None => db.ownerships().find(news.package, id).await?.is_some_and(|o| o.confirmed_at.is_some()),
        };
        let account = db.accounts().get(id).await?.ok_or(Missing::Account)?;
        let wants = account.package_mails || !news.change.is_about_a_version();
        Ok((owns && wants && account.email_confirmed_at.is_some()).then_some(account))
    }

    /// The news for one account; nothing if it is not to hear them any more.
    pub async fn package_report(&self, news: &PackageNews, id: AccountId) -> Result<Option<PackageReport>> {
        let mut db = self.store().read().await?;
        let Some(Account { handle, email: Some(email), .. }) = self.hearer(&mut db, news, id).await? else {
            return Ok(None);
        };
        let owner = match news.change.owner() {
            Some((owner, _)) => Some(handle_of(&mut db, owner).await?),
            None => None,
        };
        let key = match news.with {
            Some(key) => db.keys().get(key).await?.map(|key| key.name),
            None => None,
        };
        Ok(Some(PackageReport {
            to: Addressee { handle, email },
            package: db.packages().get(news.package).await?.ok_or(Missing::Package)?.name,
            owner,
            by: match news.by {
                Some(by) => handle_of(&mut db, by).await?,
                None => "the server administrator".to_owned(),
            },
            key,
        }))
    }

    /// Whether an account hears of versions of its packages.
    pub async fn package_mails(&self, id: AccountId) -> Result<bool> {
        Ok(self.store().read().await?.accounts().get(id).await?.ok_or(Missing::Account)?.package_mails)
    }

    /// Says whether an account hears of versions of its packages.
    pub async fn set_package_mails(&self, caller: &Caller, wanted: bool) -> Result<()> {
        let mut change = self.begin(caller).await?;
        let id = change.account(caller.account().id).await?.id;
        if !change.accounts().set_package_mails(id, wanted).await? {
            return Ok(());
        }
        change.record_account(id, "account.package_mails_changed", json!({ "wanted": wanted })).await?;
        change.commit().await
    }
}

async fn handle_of(db: &mut Db, id: AccountId) -> Result<String> {
    Ok(db.accounts().get(id).await?.ok_or(Missing::Account)?.handle)
}
