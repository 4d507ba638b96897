use std::fmt;

use crate::Sample;

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
    /// An administrator locked the account.
    Locked,
    /// An administrator unlocked the account.
    Unlocked,
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
            AccountMailKind::Locked => "Your account has been locked",
            AccountMailKind::Unlocked => "Your account has been unlocked",
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
            AccountMailKind::Locked => {
                "an administrator locked your account. You are signed out everywhere, and your API keys do not work while the \
                 account is locked. Nothing was deleted."
                    .to_owned()
            }
            AccountMailKind::Unlocked => {
                "an administrator unlocked your account. You can sign in again, and your API keys work again.".to_owned()
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
            AccountMailKind::Locked => {
                "If you do not know why, contact the administrator of the server.".to_owned()
            }
            AccountMailKind::Unlocked => format!(
                "If your account may have been compromised, review your API keys at {base}/keys before you use them."
            ),
            AccountMailKind::EmailChanged { .. } | AccountMailKind::Deleted => {
                "If this was not you, write to the operator of the server at once.".to_owned()
            }
        }
    }
}

/// One of each kind, to show.
pub(crate) fn samples(base_url: &str) -> Vec<Sample> {
    let link = |page: &str| format!("{base_url}/{page}/TOKEN");
    let device = AccountMailKind::NewDevice {
        agent: "Mozilla/5.0 (X11; Linux x86_64) <Firefox>".to_owned(),
        address: "192.0.2.7".to_owned(),
        at: "2026-08-01 12:00 UTC".to_owned(),
    };
    let invite = |invited_by: Option<&str>| AccountMailKind::Invite {
        link: link("sign_up"),
        invited_by: invited_by.map(str::to_owned),
    };
    let kinds = [
        ("account_confirm", Some("bob"), AccountMailKind::Confirm { link: link("email/confirm") }),
        ("account_reset", Some("bob"), AccountMailKind::Reset { link: link("password/reset") }),
        ("account_invited", None, invite(Some("alice"))),
        ("account_invited_by_operator", None, invite(None)),
        ("account_address_in_use", Some("bob"), AccountMailKind::AddressInUse),
        ("account_password_changed", Some("bob"), AccountMailKind::PasswordChanged),
        (
            "account_email_changed",
            Some("bob"),
            AccountMailKind::EmailChanged { to: "bob@example.org".to_owned() },
        ),
        ("account_new_device", Some("bob"), device),
        ("account_locked", Some("bob"), AccountMailKind::Locked),
        ("account_unlocked", Some("bob"), AccountMailKind::Unlocked),
        ("account_deleted", Some("bob"), AccountMailKind::Deleted),
    ];
    let mail = |handle: Option<&str>, kind| AccountMail {
        kind,
        handle: handle.map(str::to_owned),
        base_url: base_url.to_owned(),
    };
    kinds.into_iter().map(|(name, handle, kind)| Sample::new(name, mail(handle, kind))).collect()
}

templates!(AccountMail, "account/subject.txt", "account/body.txt", "account/body.html");
