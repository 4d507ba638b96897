use std::fmt;

use askama::Template;

use crate::Message;

/// To the owner of an account, or of an address that shall become one.
#[derive(Clone)]
pub struct AccountMail {
    /// What it is about.
    pub kind: AccountMailKind,
    /// The account, if there is one.
    pub handle: Option<String>,
    /// The address of this server.
    pub base_url: String,
}

/// What a mail about an account says.
#[derive(Clone)]
pub enum AccountMailKind {
    /// Please show that this address is yours.
    Confirm {
        /// The page that does it. Secret.
        link: String,
    },
    /// Choose a new password.
    Reset {
        /// The page that does it. Secret.
        link: String,
    },
    /// Make an account.
    Invite {
        /// The page that does it. Secret.
        link: String,
        /// Who invited.
        invited_by: Option<String>,
    },
    /// Somebody wanted to use this address for another account.
    AddressInUse,
    /// The account has another password.
    PasswordChanged,
    /// The account has another mail address.
    EmailChanged {
        /// The new one.
        to: String,
    },
    /// Somebody signed in with a browser that was not seen before.
    NewDevice {
        /// What the browser calls itself.
        agent: String,
        /// Where it came from.
        address: String,
        /// When, in UTC.
        at: String,
    },
    /// The account was deleted.
    Deleted,
}

impl fmt::Debug for AccountMail {
    /// Without the links: they are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountMail").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl AccountMail {
    fn subject_text(&self) -> &'static str {
        match self.kind {
            AccountMailKind::Confirm { .. } => "Please confirm your mail address",
            AccountMailKind::Reset { .. } => "Choose a new password",
            AccountMailKind::Invite { .. } => "You are invited to Keyward",
            AccountMailKind::AddressInUse => "You have an account already",
            AccountMailKind::PasswordChanged => "Your password was changed",
            AccountMailKind::EmailChanged { .. } => "Your mail address was changed",
            AccountMailKind::NewDevice { .. } => "A sign-in from a new browser",
            AccountMailKind::Deleted => "Your account was deleted",
        }
    }

    fn what(&self) -> String {
        match &self.kind {
            AccountMailKind::Confirm { .. } => {
                "open this page within 48 hours to confirm that this mail address is yours:".to_owned()
            }
            AccountMailKind::Reset { .. } => {
                "open this page within three hours to choose a new password for your account:".to_owned()
            }
            AccountMailKind::Invite { invited_by: Some(name), .. } => {
                format!("{name} invites you to make an account. Open this page within two weeks:")
            }
            AccountMailKind::Invite { invited_by: None, .. } => {
                "you are invited to make an account. Open this page within two weeks:".to_owned()
            }
            AccountMailKind::AddressInUse => {
                "somebody wanted to use this mail address for another account. Nothing was changed: it belongs to yours."
                    .to_owned()
            }
            AccountMailKind::PasswordChanged => {
                "your account has a new password now. Sessions that were begun with the old one have ended.".to_owned()
            }
            AccountMailKind::EmailChanged { to } => {
                format!("the mail address of your account is {to} now. We will not write to this one any more.")
            }
            AccountMailKind::NewDevice { .. } => {
                "somebody signed in to your account with a browser that we have not seen before.".to_owned()
            }
            AccountMailKind::Deleted => {
                "your account was deleted. Its keys do not work any more, and nobody else can take its name.".to_owned()
            }
        }
    }

    fn link(&self) -> Option<&str> {
        match &self.kind {
            AccountMailKind::Confirm { link }
            | AccountMailKind::Reset { link }
            | AccountMailKind::Invite { link, .. } => Some(link),
            _ => None,
        }
    }

    fn facts(&self) -> Vec<(&'static str, &str)> {
        match &self.kind {
            AccountMailKind::NewDevice { agent, address, at } => {
                vec![("Browser", agent.as_str()), ("From", address), ("When", at)]
            }
            _ => Vec::new(),
        }
    }

    fn advice(&self) -> String {
        let base = &self.base_url;
        match self.kind {
            AccountMailKind::Confirm { .. } | AccountMailKind::Reset { .. } => {
                "If you did not ask for this, you need not do anything.".to_owned()
            }
            AccountMailKind::Invite { .. } => "If you do not know what this is, leave it.".to_owned(),
            AccountMailKind::AddressInUse => format!(
                "If it was you and you forgot your password, choose a new one at {base}/password/forgotten"
            ),
            AccountMailKind::PasswordChanged | AccountMailKind::NewDevice { .. } => format!(
                "If this was not you, choose a new password at {base}/password/forgotten and let it delete all keys."
            ),
            AccountMailKind::EmailChanged { .. } | AccountMailKind::Deleted => {
                "If this was not you, write to the operator of the server at once.".to_owned()
            }
        }
    }
}

#[derive(Template)]
#[template(path = "account/subject.txt")]
struct Subject<'a>(&'a AccountMail);

#[derive(Template)]
#[template(path = "account/body.txt")]
struct Text<'a>(&'a AccountMail);

#[derive(Template)]
#[template(path = "account/body.html")]
struct Html<'a>(&'a AccountMail);

impl Message for AccountMail {
    fn subject(&self) -> Result<String, askama::Error> {
        Subject(self).render()
    }

    fn text(&self) -> Result<String, askama::Error> {
        Text(self).render()
    }

    fn html(&self) -> Result<String, askama::Error> {
        Html(self).render()
    }
}
