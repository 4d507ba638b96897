use domain::{AccountId, KeyDigest, OwnershipId, PackageId, Role, Timestamp};

use crate::{
    Db, Result,
    sql::{Row, Statement, sql},
};

/// What is needed to record an ownership.
#[derive(Debug)]
pub struct NewOwnership {
    /// Its id.
    pub id: OwnershipId,
    /// The package.
    pub package: PackageId,
    /// Who owns it.
    pub account: AccountId,
    /// With which rights.
    pub role: Role,
    /// Who invited, to be confirmed; empty for the first publisher, who is an owner at once.
    pub invited_by: Option<AccountId>,
    /// The email address that the account was invited by; empty if it was by its name.
    pub invited_as: Option<String>,
    /// Now.
    pub at: Timestamp,
}

/// A record of an ownership. It gives rights only once it is confirmed.
#[derive(Debug, Clone)]
pub struct Ownership {
    /// Its id.
    pub id: OwnershipId,
    /// The package.
    pub package: PackageId,
    /// Who.
    pub account: AccountId,
    /// With which rights.
    pub role: Role,
    /// Who invited; nobody for the first publisher.
    pub invited_by: Option<AccountId>,
    /// The email address that the account was invited by; empty if it was by its name.
    pub invited_as: Option<String>,
    /// When it was offered or begun.
    pub invited_at: Timestamp,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

/// An ownership with what people want to know of the account.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The ownership.
    pub ownership: Ownership,
    /// The account's small number.
    pub number: i64,
    /// The account's name.
    pub handle: String,
}

impl Owner {
    /// What owners call this one: the name; of somebody who was invited by an email address the address, until they accept.
    pub fn shown(&self) -> &str {
        match &self.ownership {
            Ownership { confirmed_at: None, invited_as: Some(email), .. } => email,
            _ => &self.handle,
        }
    }

    /// Whether this is whom owners mean by `login`. Somebody who was invited and has not accepted is known only by what they were
    /// invited by, so that nobody learns which account an address belongs to.
    pub fn is_called(&self, login: &str) -> bool {
        self.ownership.confirmed_at.is_some() || self.shown().eq_ignore_ascii_case(login.trim())
    }
}

/// Who owns what.
#[derive(Debug)]
pub struct Ownerships<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.package_id, o.account_id, o.role, o.invited_by, o.invited_as, o.invited_at, \
             o.confirmed_at FROM ownerships o ",
            $rest
        )
    };
}

macro_rules! held {
    () => {
        "SELECT p.name FROM packages p JOIN ownerships o ON o.package_id = p.id \
         WHERE o.account_id = $1 AND o.confirmed_at IS NOT NULL \
         AND EXISTS (SELECT 1 FROM releases r WHERE r.package_id = p.id AND r.withdrawn_at IS NULL) "
    };
}

macro_rules! alone {
    () => {
        "(o.role = 'owner' AND NOT EXISTS (SELECT 1 FROM ownerships x WHERE x.package_id = p.id \
         AND x.account_id <> $1 AND x.role = 'owner' AND x.confirmed_at IS NOT NULL))"
    };
}

impl Ownerships<'_> {
    /// Adds an ownership. [`crate::Error::Taken`] when the account has one already.
    pub async fn add(&mut self, ownership: &NewOwnership) -> Result<()> {
        let confirmed_at = ownership.invited_by.is_none().then_some(ownership.at);
        sql!(
            "INSERT INTO ownerships (id, package_id, account_id, role, invited_by, invited_as, invited_at, confirmed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        )
        .bind(ownership.id)
        .bind(ownership.package)
        .bind(ownership.account)
        .bind(ownership.role.as_str())
        .bind(ownership.invited_by)
        .bind(ownership.invited_as.as_deref())
        .bind(ownership.at)
        .bind(confirmed_at)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The ownership with this id.
    pub async fn get(&mut self, id: OwnershipId) -> Result<Option<Ownership>> {
        self.first(sql!(select!("WHERE o.id = $1")).bind(id)).await
    }

    /// Keeps the digest of the token in the invitation, in place of an earlier one.
    pub async fn set_invitation(&mut self, id: OwnershipId, digest: &KeyDigest) -> Result<()> {
        sql!("UPDATE ownerships SET invitation_digest = $2 WHERE id = $1")
            .bind(id)
            .bind(digest.as_bytes().as_slice())
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// The ownership of this account, confirmed or not.
    pub async fn find(&mut self, package: PackageId, account: AccountId) -> Result<Option<Ownership>> {
        self.first(sql!(select!("WHERE o.package_id = $1 AND o.account_id = $2")).bind(package).bind(account))
            .await
    }

    /// The ownership that was offered with this token.
    pub async fn find_by_invitation(&mut self, digest: &KeyDigest) -> Result<Option<Ownership>> {
        self.first(sql!(select!("WHERE o.invitation_digest = $1")).bind(digest.as_bytes().as_slice())).await
    }

    async fn first(&mut self, statement: Statement) -> Result<Option<Ownership>> {
        statement.optional(self.db.on()).await?.as_ref().map(ownership).transpose()
    }

    /// All owners of a package, invited ones included, oldest first.
    pub async fn of_package(&mut self, package: PackageId) -> Result<Vec<Owner>> {
        sql!(
            "SELECT o.id, o.package_id, o.account_id, o.role, o.invited_by, o.invited_as, o.invited_at, o.confirmed_at, a.number, \
             a.handle FROM ownerships o JOIN accounts a ON a.id = o.account_id WHERE o.package_id = $1 ORDER BY o.id"
        )
        .bind(package)
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| Ok(Owner { ownership: ownership(row)?, number: row.get("number")?, handle: row.get("handle")? }))
        .collect()
    }

    /// How many owners a package has, and how many invitations, those to addresses that lead to no account among them.
    pub async fn count(&mut self, package: PackageId) -> Result<(i64, i64)> {
        let counts = sql!(
            "SELECT COUNT(confirmed_at) AS owners, COUNT(*) - COUNT(confirmed_at) + \
             (SELECT COUNT(*) FROM unmatched_invitations WHERE package_id = $1) AS invited \
             FROM ownerships WHERE package_id = $1"
        );
        let row = counts.bind(package).one(self.db.on()).await?;
        Ok((row.get("owners")?, row.get("invited")?))
    }

    /// All ownerships of an account, open invitations included.
    pub async fn of_account(&mut self, account: AccountId) -> Result<Vec<Ownership>> {
        let query = sql!(select!("WHERE o.account_id = $1 ORDER BY o.id")).bind(account);
        query.all(self.db.on()).await?.iter().map(ownership).collect()
    }

    /// Names of the packages with live releases that an account holds beside others who can manage them, at most `limit`.
    pub async fn owned_with_others(&mut self, account: AccountId, limit: i64) -> Result<Vec<String>> {
        let query = sql!(concat!(held!(), "AND NOT ", alone!(), " ORDER BY p.name_key LIMIT $2"));
        query.bind(account).bind(limit).all(self.db.on()).await?.iter().map(|row| row.get("name")).collect()
    }

    /// Names of the packages with live releases whose only owner is this account, at most `limit`.
    pub async fn owned_alone(&mut self, account: AccountId, limit: i64) -> Result<Vec<String>> {
        let query = sql!(concat!(held!(), "AND ", alone!(), " ORDER BY p.name_key LIMIT $2"));
        query.bind(account).bind(limit).all(self.db.on()).await?.iter().map(|row| row.get("name")).collect()
    }

    /// Keeps the owners of all packages of an account as they are until this transaction ends.
    pub async fn lock_packages_of(&mut self, account: AccountId) -> Result<()> {
        macro_rules! packages {
            ($lock:literal) => {
                concat!(
                    "SELECT id FROM packages WHERE id IN \
                     (SELECT package_id FROM ownerships WHERE account_id = $1) ORDER BY id",
                    $lock
                )
            };
        }
        sql!(sqlite: packages!(""), postgres: packages!(" FOR UPDATE"))
            .bind(account)
            .all(self.db.on())
            .await
            .map(drop)
    }

    /// Confirmed owners, by handle, of these packages; the oldest ownership first.
    pub async fn handles(&mut self, packages: &[PackageId]) -> Result<Vec<(PackageId, String)>> {
        macro_rules! handles {
            ($ids:literal) => {
                concat!(
                    "SELECT o.package_id, a.handle FROM ownerships o JOIN accounts a ON a.id = o.account_id \
                     WHERE o.confirmed_at IS NOT NULL AND o.package_id IN ",
                    $ids,
                    " ORDER BY o.id"
                )
            };
        }
        sql!(
            sqlite: handles!("(SELECT unhex(value, '-') FROM json_each($1))"),
            postgres: handles!("(SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON)))"),
        )
        .bind(serde_json::json!(packages).to_string())
        .all(self.db.on())
        .await?
        .iter()
        .map(|row| Ok((row.id("package_id")?, row.get("handle")?)))
        .collect()
    }

    /// An open invitation begins again, now from `by`; its link no longer works until another is drawn.
    pub async fn renew_invitation(
        &mut self,
        id: OwnershipId,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<()> {
        sql!(
            "UPDATE ownerships SET invited_by = $2, invited_at = $3, invitation_digest = NULL \
             WHERE id = $1 AND confirmed_at IS NULL"
        )
        .bind(id)
        .bind(by)
        .bind(now)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The account accepted: the ownership counts from now on. Returns whether the invitation was still open.
    pub async fn confirm(&mut self, id: OwnershipId, now: Timestamp) -> Result<bool> {
        let rows = sql!(
            "UPDATE ownerships SET confirmed_at = $2, invitation_digest = NULL \
             WHERE id = $1 AND confirmed_at IS NULL"
        )
        .bind(id)
        .bind(now)
        .execute(self.db.on())
        .await?;
        Ok(rows > 0)
    }

    /// Changes the role.
    pub async fn set_role(&mut self, id: OwnershipId, role: Role) -> Result<()> {
        sql!("UPDATE ownerships SET role = $2 WHERE id = $1")
            .bind(id)
            .bind(role.as_str())
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Removes an ownership.
    pub async fn remove(&mut self, id: OwnershipId) -> Result<()> {
        sql!("DELETE FROM ownerships WHERE id = $1").bind(id).execute(self.db.on()).await.map(drop)
    }
}

fn ownership(row: &Row) -> Result<Ownership> {
    Ok(Ownership {
        id: row.id("id")?,
        package: row.id("package_id")?,
        account: row.id("account_id")?,
        role: row.word("role")?,
        invited_by: row.optional_id("invited_by")?,
        invited_as: row.get("invited_as")?,
        invited_at: row.time("invited_at")?,
        confirmed_at: row.optional_time("confirmed_at")?,
    })
}
