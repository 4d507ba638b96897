//! Mails about who owns a package.

use domain::OwnershipId;

use crate::Jobs;

impl Jobs {
    /// Tells an address that no account has that it was invited to own a package.
    pub(crate) async fn invite_address(&self, invitation: OwnershipId) -> anyhow::Result<()> {
        let Some(invited) = self.registry.address_invitation(invitation).await? else { return Ok(()) };
        let message = mail::AddressInvitation {
            package: invited.package.as_str().to_owned(),
            by: invited.by,
            sign_up: invited.sign_up.then(|| format!("{}/sign_up", self.base_url)),
            base_url: self.base_url.clone(),
        };
        Ok(self.mailer.send(&invited.email, &message).await?)
    }

    /// Sends an invitation to own a package, with a fresh link.
    pub(crate) async fn invite_owner(&self, ownership: OwnershipId) -> anyhow::Result<()> {
        // Accepted or taken back meanwhile: nothing to send.
        let Some(invitation) = self.registry.invitation(ownership).await? else { return Ok(()) };
        let message = mail::Invitation {
            package: invitation.package.as_str().to_owned(),
            handle: invitation.handle,
            link: format!("{}/owners/confirm/{}", self.base_url, invitation.token.expose()),
            base_url: self.base_url.clone(),
        };
        Ok(self.mailer.send(&invitation.email, &message).await?)
    }
}
