//! Links that are sent by mail: their tokens are drawn when the mail is written, and are good once.

use domain::{AccountId, EmailAddress, KeyDigest, LinkId, Token};
use jiff::SignedDuration;
use serde_json::json;
use store::{AuditEvent, Db, Link, LinkPurpose};

use crate::{Event, Missing, Registry, Result, change::Change};

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
    /// or revoked meanwhile, or would confirm an address that another account has: then the address hears of it instead.
    pub async fn mail_link(&self, id: LinkId) -> Result<Option<MailLink>> {
        let mut change = self.begin_unproved().await?;
        let Some(link) = change.links().get(id).await? else { return Ok(None) };
        if let Some(holder) = holder_of_address(&mut change, &link).await? {
            change.record_account(holder, "account.address_wanted", json!({ "email": link.email })).await?;
            self.announce(&mut change, Event::AddressInUse { account: holder }).await?;
            return change.commit().await.map(|()| None);
        }
        let drawn = draw(&mut change, link).await?;
        change.commit().await?;
        Ok(Some(drawn))
    }

    /// Makes and draws the link for a new password of the account with this name or mail address. It takes the place of earlier
    /// ones. Nothing when there is no such account.
    pub async fn reset_link(&self, login: &str) -> Result<Option<MailLink>> {
        let mut change = self.begin_unproved().await?;
        let account = change.accounts().find_by_login(login).await?;
        let account = account.filter(|account| account.locked_at.is_none());
        let Some((id, email)) = account.and_then(|account| Some((account.id, account.email?))) else {
            return Ok(None);
        };
        change.links().clear(id, LinkPurpose::Reset).await?;
        let link = self.new_link(LinkPurpose::Reset, Some(id), email, None);
        change.links().add(&link).await?;
        let drawn = draw(&mut change, link).await?;
        change.commit().await?;
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
        invited_by: Option<AccountId>,
        email: &EmailAddress,
    ) -> Result<()> {
        let link = self.new_link(LinkPurpose::Invite, None, email.as_str().to_owned(), invited_by);
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
        let mut db = self.bookkeeping().await?;
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

/// Another account that has the address which a link would confirm.
async fn holder_of_address(db: &mut Db, link: &Link) -> Result<Option<AccountId>> {
    if link.purpose != LinkPurpose::Confirm {
        return Ok(None);
    }
    let holder = db.accounts().find_by_login(&link.email).await?.map(|account| account.id);
    Ok(holder.filter(|holder| Some(*holder) != link.account))
}

async fn draw(change: &mut Change, link: Link) -> Result<MailLink> {
    let token = Token::generate();
    change.links().set_token(link.id, &token.digest()).await?;
    let details = json!({ "purpose": link.purpose.as_str(), "email": link.email });
    let (action, account) = ("account.link_sent", link.account);
    change.record(AuditEvent { action, account, details, ..AuditEvent::default() }).await?;
    let handle = handle_of(change, link.account).await?;
    let invited_by = handle_of(change, link.invited_by).await?;
    Ok(MailLink { purpose: link.purpose, handle, email: link.email, invited_by, token })
}

async fn handle_of(db: &mut Db, account: Option<AccountId>) -> Result<Option<String>> {
    let Some(account) = account else { return Ok(None) };
    Ok(db.accounts().get(account).await?.map(|account| account.handle))
}
