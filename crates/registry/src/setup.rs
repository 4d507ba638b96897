use domain::{AccountId, KeyDigest, Reason, Token};
use store::{AuditEvent, Db};

use crate::{Error, NewUser, Registry, Result};

/// The token of the first run: whoever has it may make the first account, an administrator.
#[derive(Debug)]
pub struct SetupToken(Token);

impl SetupToken {
    /// The text, for the address on the operator's terminal.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Registry {
    /// A token for making the first account, or nothing when there is an account already.
    pub async fn setup_token(&self) -> Result<Option<SetupToken>> {
        let mut change = self.begin_unproved().await?;
        if change.accounts().any().await? {
            return Ok(None);
        }
        let (token, now) = (Token::generate(), change.now());
        change.setup_tokens().add(&token.digest(), now).await?;
        change.record(AuditEvent { action: "setup.link_printed", ..AuditEvent::default() }).await?;
        change.commit().await?;
        Ok(Some(SetupToken(token)))
    }

    /// Whether this token is good for making the first account.
    pub async fn setup_is_open(&self, token: &str) -> Result<bool> {
        is_open(&mut self.store().read().await?, token).await
    }

    /// Makes the first account, an administrator. No token is good afterwards.
    pub async fn set_up(&self, token: &str, user: &NewUser<'_>) -> Result<AccountId> {
        if !self.setup_is_open(token).await? {
            return Err(Error::Denied(Reason::Unknown));
        }
        let user = self.check_user(user).await?;
        let mut change = self.begin_unproved().await?;
        // Asked again where nobody can get in between: whoever removes the tokens first goes on, the others wait here for the end
        // of that transaction and then see its account.
        let known = change.setup_tokens().knows(&KeyDigest::of(token)).await?;
        change.setup_tokens().clear().await?;
        if !known || change.accounts().any().await? {
            return Err(Error::Denied(Reason::Unknown));
        }
        let id = self.record_user(&mut change, &user).await?;
        change.commit().await?;
        Ok(id)
    }
}

/// A token ends with the first account, also with one that was made at the command line.
async fn is_open(db: &mut Db, token: &str) -> Result<bool> {
    Ok(db.setup_tokens().knows(&KeyDigest::of(token)).await? && !db.accounts().any().await?)
}
