use domain::{AccountId, KeyDigest, LinkId, Timestamp};

use crate::{
    Db, Result,
    sql::{Row, Statement, sql},
};

/// What a link that is sent by mail is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To show that the address belongs to the account.
    Confirm,
    /// To choose a new password.
    Reset,
    /// To make an account.
    Invite,
}

impl LinkPurpose {
    /// The word for it in the records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reset => "reset",
            Self::Invite => "invite",
        }
    }
}

impl std::str::FromStr for LinkPurpose {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Confirm, Self::Reset, Self::Invite].into_iter().find(|it| it.as_str() == word).ok_or(())
    }
}

/// A record of a link that is sent by mail. Its token is drawn when the mail is written.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// Whose it is; an invitation is nobody's yet.
    pub account: Option<AccountId>,
    /// Where it is sent.
    pub email: String,
    /// Who invited.
    pub invited_by: Option<AccountId>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Links that are sent by mail and were not used yet.
#[derive(Debug)]
pub struct Links<'db> {
    pub(crate) db: &'db mut Db,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, purpose, account_id, email, invited_by, created_at FROM links ", $rest)
    };
}

impl Links<'_> {
    /// Adds a link. It opens nothing before it has a token.
    pub async fn add(&mut self, link: &Link) -> Result<()> {
        sql!(
            "INSERT INTO links (id, purpose, account_id, email, invited_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        )
        .bind(link.id)
        .bind(link.purpose.as_str())
        .bind(link.account)
        .bind(link.email.as_str())
        .bind(link.invited_by)
        .bind(link.created_at)
        .execute(self.db.on())
        .await
        .map(drop)
    }

    /// The link with this id.
    pub async fn get(&mut self, id: LinkId) -> Result<Option<Link>> {
        self.first(sql!(select!("WHERE id = $1")).bind(id)).await
    }

    /// The link with this token.
    pub async fn find(&mut self, purpose: LinkPurpose, digest: &KeyDigest) -> Result<Option<Link>> {
        let query = sql!(select!("WHERE digest = $1 AND purpose = $2"));
        self.first(query.bind(digest.as_bytes().as_slice()).bind(purpose.as_str())).await
    }

    /// The newest link of an account for this purpose.
    pub async fn newest(&mut self, account: AccountId, purpose: LinkPurpose) -> Result<Option<Link>> {
        let query = sql!(select!("WHERE account_id = $1 AND purpose = $2 ORDER BY id DESC LIMIT 1"));
        self.first(query.bind(account).bind(purpose.as_str())).await
    }

    async fn first(&mut self, statement: Statement) -> Result<Option<Link>> {
        statement.optional(self.db.on()).await?.as_ref().map(link).transpose()
    }

    /// Keeps the digest of the token, in place of an earlier one.
    pub async fn set_token(&mut self, id: LinkId, digest: &KeyDigest) -> Result<()> {
        sql!("UPDATE links SET digest = $2 WHERE id = $1")
            .bind(id)
            .bind(digest.as_bytes().as_slice())
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Takes a link away, so that it can be used once only. Returns whether it was still there.
    pub async fn take(&mut self, id: LinkId) -> Result<bool> {
        Ok(sql!("DELETE FROM links WHERE id = $1").bind(id).execute(self.db.on()).await? > 0)
    }

    /// Takes away all links of an account for this purpose.
    pub async fn clear(&mut self, account: AccountId, purpose: LinkPurpose) -> Result<()> {
        sql!("DELETE FROM links WHERE account_id = $1 AND purpose = $2")
            .bind(account)
            .bind(purpose.as_str())
            .execute(self.db.on())
            .await
            .map(drop)
    }

    /// Takes away all links that were asked for before `then`. Returns how many there were.
    pub async fn clear_old(&mut self, then: Timestamp) -> Result<u64> {
        sql!("DELETE FROM links WHERE created_at < $1").bind(then).execute(self.db.on()).await
    }
}

fn link(row: &Row) -> Result<Link> {
    Ok(Link {
        id: row.id("id")?,
        purpose: row.word("purpose")?,
        account: row.optional_id("account_id")?,
        email: row.get("email")?,
        invited_by: row.optional_id("invited_by")?,
        created_at: row.time("created_at")?,
    })
}
