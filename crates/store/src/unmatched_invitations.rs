use domain::{AccountId, EmailAddress, OwnershipId, PackageId, Role, Timestamp};

use crate::{
    Db, Result,
    sql::{Row, Statement, sql},
};

/// An invitation to own a package that was sent to an address which leads to no account. It can never be accepted.
#[derive(Debug, Clone)]
pub struct UnmatchedInvitation {
    /// Its id, of the same kind as those of the invitations that lead somewhere.
    pub id: OwnershipId,
    /// The package.
    pub package: PackageId,
    /// The address.
    pub email: String,
    /// With which rights.
    pub role: Role,
    /// Who invited.
    pub invited_by: AccountId,
    /// When.
    pub invited_at: Timestamp,
}

/// Invitations to addresses that lead to no account.
#[derive(Debug)]
pub struct UnmatchedInvitations<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, package_id, email, role, invited_by, invited_at FROM unmatched_invitations ",
            $rest
        )
    };
}

impl UnmatchedInvitations<'_> {
    /// Adds an invitation. [`crate::Error::Taken`] when the address is invited already.
    pub async fn add(&mut self, invitation: &UnmatchedInvitation, email: &EmailAddress) -> Result<()> {
        sql!(
            "INSERT INTO unmatched_invitations (id, package_id, email, email_key, role, invited_by, invited_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        )
        .bind(invitation.id)
        .bind(invitation.package)
        .bind(email.as_str())
        .bind(email.key())
        .bind(invitation.role.as_str())
        .bind(invitation.invited_by)
        .bind(invitation.invited_at)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The invitation with this id.
    pub async fn get(&mut self, id: OwnershipId) -> Result<Option<UnmatchedInvitation>> {
        self.first(sql!(select!("WHERE id = $1")).bind(id)).await
    }

    /// The invitation of this address.
    pub async fn find(
        &mut self,
        package: PackageId,
        email: &EmailAddress,
    ) -> Result<Option<UnmatchedInvitation>> {
        let query = sql!(select!("WHERE package_id = $1 AND email_key = $2"));
        self.first(query.bind(package).bind(email.key())).await
    }

    async fn first(&mut self, statement: Statement) -> Result<Option<UnmatchedInvitation>> {
        statement.optional(self.db.on()).await?.as_ref().map(invitation).transpose()
    }

    /// All of a package, oldest first.
    pub async fn of_package(&mut self, package: PackageId) -> Result<Vec<UnmatchedInvitation>> {
        let query = sql!(select!("WHERE package_id = $1 ORDER BY id")).bind(package);
        query.all(self.db.on()).await?.iter().map(invitation).collect()
    }

    /// An invitation begins again, now from `by`.
    pub async fn renew(&mut self, id: OwnershipId, by: AccountId, now: Timestamp) -> Result<()> {
        sql!("UPDATE unmatched_invitations SET invited_by = $2, invited_at = $3 WHERE id = $1")
            .bind(id)
            .bind(by)
            .bind(now)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Removes all invitations of a package.
    pub async fn clear(&mut self, package: PackageId) -> Result<()> {
        sql!("DELETE FROM unmatched_invitations WHERE package_id = $1")
            .bind(package)
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Removes an invitation.
    pub async fn remove(&mut self, id: OwnershipId) -> Result<()> {
        sql!("DELETE FROM unmatched_invitations WHERE id = $1").bind(id).execute(self.db.on()).await.map(drop)
    }
}

fn invitation(row: &Row) -> Result<UnmatchedInvitation> {
    Ok(UnmatchedInvitation {
        id: row.id("id")?,
        package: row.id("package_id")?,
        email: row.get("email")?,
        role: row.word("role")?,
        invited_by: row.id("invited_by")?,
        invited_at: row.time("invited_at")?,
    })
}
