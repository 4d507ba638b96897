//! Links that are sent by mail: their tokens are drawn when the mail is written, and are good once.

use domain::{AccountId, EmailAddress, KeyDigest, LinkId, Token};
use jiff::SignedDuration;
use store::{Db, Link, LinkPurpose};

use crate::{Actor, Event, Missing, Registry, Result};

/// A mail address can be confirmed for this long.
const CONFIRM_LIFE: SignedDuration = SignedDuration::from_hours(48);
/// A password can be reset for this long.
const RESET_LIFE: SignedDuration = SignedDuration::from_hours(3);
/// An invitation to make an account can be used for this long.
const INVITE_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A link, ready to be sent.
#[derive(Debug)]
pub struct MailLink {
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// Whose account it is about; an invitation is about none yet.
    pub handle: Option<String>,
    /// Where the mail goes.
    pub email: String,
    /// Who invited.
    pub invited_by: Option<String>,
    /// The token for the link. Known to nobody else.
    pub token: Token,
}

impl Registry {
    /// Draws the token of a link that was asked for. Each call makes the token before it useless. Nothing when the link was used
    /// or taken back meanwhile.
    pub async fn mail_link(&self, id: LinkId) -> Result<Option<MailLink>> {
        let mut db = self.store().begin().await?;
        let Some(link) = db.links().get(id).await? else { return Ok(None) };
        let drawn = draw(&mut db, link).await?;
        db.commit().await?;
        Ok(Some(drawn))
    }

    /// Makes and draws the link for a new password of the account with this name or mail address. It takes the place of earlier
    /// ones. Nothing when there is no such account.
    pub async fn reset_link(&self, login: &str) -> Result<Option<MailLink>> {
        let mut db = self.store().begin().await?;
        let account = db.accounts().find_by_login(login).await?.filter(|account| account.locked_at.is_none());
        let Some((id, email)) = account.and_then(|account| Some((account.id, account.email?))) else {
            return Ok(None);
        };
        db.links().clear(id, LinkPurpose::Reset).await?;
        let link = self.new_link(LinkPurpose::Reset, Some(id), email, None);
        db.links().add(&link).await?;
        let drawn = draw(&mut db, link).await?;
        db.commit().await?;
        Ok(Some(drawn))
    }

    /// Asks for a link that shows whose this address is, in place of earlier ones.
    pub(crate) async fn want_confirmation(
        &self,
        db: &mut Db,
        account: AccountId,
        email: &EmailAddress,
    ) -> Result<()> {
        db.links().clear(account, LinkPurpose::Confirm).await?;
        let link = self.new_link(LinkPurpose::Confirm, Some(account), email.as_str().to_owned(), None);
        self.want_link(db, link).await
    }

    /// Asks for a link that lets whoever has this address make an account.
    pub(crate) async fn want_invitation(
        &self,
        db: &mut Db,
        actor: Actor,
        email: &EmailAddress,
    ) -> Result<()> {
        let link = self.new_link(LinkPurpose::Invite, None, email.as_str().to_owned(), actor.account);
        self.want_link(db, link).await
    }

    async fn want_link(&self, db: &mut Db, link: Link) -> Result<()> {
        db.links().add(&link).await?;
        self.announce(db, Event::LinkWanted { link: link.id }).await
    }

    fn new_link(
        &self,
        purpose: LinkPurpose,
        account: Option<AccountId>,
        email: String,
        invited_by: Option<AccountId>,
    ) -> Link {
        let now = self.now();
        Link { id: LinkId::new(now), purpose, account, email, invited_by, created_at: now }
    }

    /// The link with this token, if it is good for this purpose now.
    pub(crate) async fn open_link(&self, db: &mut Db, purpose: LinkPurpose, token: &str) -> Result<Link> {
        let link = db.links().find(purpose, &KeyDigest::of(token)).await?.ok_or(Missing::Link)?;
        if self.is_open(&link) { Ok(link) } else { Err(Missing::Link.into()) }
    }

    /// Whether a link is young enough.
    pub(crate) fn is_open(&self, link: &Link) -> bool {
        self.now().duration_since(link.created_at) < life(link.purpose)
    }

    /// Drops links that nobody can use any more.
    pub(crate) async fn sweep_links(&self) -> Result<()> {
        let mut db = self.store().begin().await?;
        db.links().clear_old(self.now() - INVITE_LIFE).await?;
        Ok(db.commit().await?)
    }
}

fn life(purpose: LinkPurpose) -> SignedDuration {
    match purpose {
        LinkPurpose::Confirm => CONFIRM_LIFE,
        LinkPurpose::Reset => RESET_LIFE,
        LinkPurpose::Invite => INVITE_LIFE,
    }
}

async fn draw(db: &mut Db, link: Link) -> Result<MailLink> {
    let token = Token::generate();
    db.links().set_token(link.id, &token.digest()).await?;
    let handle = handle_of(db, link.account).await?;
    let invited_by = handle_of(db, link.invited_by).await?;
    Ok(MailLink { purpose: link.purpose, handle, email: link.email, invited_by, token })
}

async fn handle_of(db: &mut Db, account: Option<AccountId>) -> Result<Option<String>> {
    let Some(account) = account else { return Ok(None) };
    Ok(db.accounts().get(account).await?.map(|account| account.handle))
}
