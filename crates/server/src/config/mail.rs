//! How mails leave.

use mail::{Login, Security, Sender, Smtp};

use super::{ConfigError, layers::Layers, parse};

/// How mails leave.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Who they come from; none means an address in the domain of the base address.
    pub from: Option<Sender>,
    /// The server that takes them; without one they become files in the data folder.
    pub smtp: Option<Smtp>,
}

impl Mail {
    pub(super) fn resolve(layers: &Layers<'_>) -> Result<Self, ConfigError> {
        let from = layers.value("mail.from", parse::sender)?;
        let login = login(layers)?;
        let Some(host) = layers.value("mail.host", parse::mail_host)? else {
            // Somebody who signs in somewhere does not expect the mails in a folder.
            return match (login, layers.origin("mail.user")) {
                (Some(_), Some(origin)) => Err(ConfigError::MailLoginWithoutHost { origin }),
                _ => Ok(Self { from, smtp: None }),
            };
        };
        let smtp = Smtp {
            host,
            port: layers.value("mail.port", parse::port)?,
            security: layers.value("mail.security", parse::mail_security)?.unwrap_or(Security::StartTls),
            login,
            ca_file: layers.value("mail.ca_file", parse::file)?,
        };
        Ok(Self { from, smtp: Some(smtp) })
    }
}

/// Both name and password, or neither.
fn login(layers: &Layers<'_>) -> Result<Option<Login>, ConfigError> {
    let user = layers.value("mail.user", parse::text)?;
    let password = layers.value("mail.password", parse::text)?;
    match (user, password) {
        (Some(user), Some(password)) => Ok(Some(Login { user, password })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ConfigError::MailLoginIncomplete { key: "mail.user" }),
        (Some(_), None) => Err(ConfigError::MailLoginIncomplete { key: "mail.password" }),
    }
}
