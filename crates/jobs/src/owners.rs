//! Mails about who owns a package.

use domain::OwnershipId;

use crate::Jobs;

impl Jobs {
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
