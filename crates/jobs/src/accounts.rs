//! Mails about an account, to its owner.

use domain::{AccountId, LinkId, Timestamp};
use mail::{AccountMail, AccountMailKind};
use registry::{AccountNews, LinkPurpose, MailLink};

use crate::{Jobs, utc};

impl Jobs {
    /// Sends a link that was asked for.
    pub(crate) async fn send_link(&self, link: LinkId) -> anyhow::Result<()> {
        match self.registry.mail_link(link).await? {
            Some(link) => self.mail_link(link).await,
            // Used or taken back meanwhile: nothing to send.
            None => Ok(()),
        }
    }

    /// Sends a link for a new password, if there is such an account.
    pub(crate) async fn send_reset(&self, login: &str) -> anyhow::Result<()> {
        match self.registry.reset_link(login).await? {
            Some(link) => self.mail_link(link).await,
            None => Ok(()),
        }
    }

    async fn mail_link(&self, link: MailLink) -> anyhow::Result<()> {
        let address = |page: &str| format!("{}/{page}/{}", self.base_url, link.token.expose());
        let kind = match link.purpose {
            LinkPurpose::Confirm => AccountMailKind::Confirm { link: address("email/confirm") },
            LinkPurpose::Reset => AccountMailKind::Reset { link: address("password/reset") },
            LinkPurpose::Invite => {
                AccountMailKind::Invite { link: address("sign_up"), invited_by: link.invited_by.clone() }
            }
        };
        self.mail_account(&link.email, link.handle.clone(), kind).await
    }

    /// Tells an account that somebody wanted to use its address.
    pub(crate) async fn tell_address_in_use(&self, account: AccountId) -> anyhow::Result<()> {
        let Some(addressee) = self.registry.account_addressee(account).await? else { return Ok(()) };
        self.mail_account(&addressee.email, Some(addressee.handle), AccountMailKind::AddressInUse).await
    }

    /// Tells somebody what happened to the account.
    pub(crate) async fn tell_of_account(
        &self,
        handle: String,
        email: &str,
        at: Timestamp,
        news: AccountNews,
    ) -> anyhow::Result<()> {
        let kind = match news {
            AccountNews::PasswordChanged => AccountMailKind::PasswordChanged,
            AccountNews::EmailChanged { to } => AccountMailKind::EmailChanged { to },
            AccountNews::NewDevice { agent, address } => {
                AccountMailKind::NewDevice { agent, address, at: utc(at) }
            }
            AccountNews::Locked => AccountMailKind::Locked,
            AccountNews::Unlocked => AccountMailKind::Unlocked,
            AccountNews::Deleted => AccountMailKind::Deleted,
        };
        self.mail_account(email, Some(handle), kind).await
    }

    async fn mail_account(
        &self,
        to: &str,
        handle: Option<String>,
        kind: AccountMailKind,
    ) -> anyhow::Result<()> {
        let message = AccountMail { kind, handle, base_url: self.base_url.clone() };
        Ok(self.mailer.send(to, &message).await?)
    }
}
