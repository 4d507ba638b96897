use std::{fmt, path::PathBuf, time::Duration};

use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};

/// How long the server may take for the connection.
const CONNECT: Duration = Duration::from_secs(15);
/// How long a connection is kept for the next message.
const IDLE: Duration = Duration::from_secs(10);

/// Where an SMTP server is, and how to speak to it.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Name or address of the server. Its certificate must be for this name.
    pub host: String,
    /// Its port; none means the usual one for [`Smtp::security`].
    pub port: Option<u16>,
    /// What keeps the connection secret.
    pub security: Security,
    /// Who signs in, if the server asks for it.
    pub login: Option<Login>,
    /// A PEM file of authorities that are trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
}

/// What keeps the connection to an SMTP server secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// The connection turns to TLS before anything is said; if the server cannot, nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Nothing, and so the password is not secret either.
    None,
}

/// A name and a password for an SMTP server.
#[derive(Clone)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Login {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Why an SMTP server cannot be spoken to as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum UnusableSmtp {
    /// The file of authorities cannot be read.
    #[error("the file of certificates {} cannot be read: {cause}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file of authorities has no certificates.
    #[error("the file {} holds no certificate in the form PEM", .0.display())]
    NoCertificate(PathBuf),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

impl Smtp {
    /// The port that is spoken to.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        })
    }

    /// A transport that greets with this domain.
    pub(crate) fn transport(&self, domain: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, UnusableSmtp> {
        let tls = match self.security {
            Security::StartTls => Tls::Required(self.tls_parameters()?),
            Security::Tls => Tls::Wrapper(self.tls_parameters()?),
            Security::None => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port())
            .tls(tls)
            .timeout(Some(CONNECT))
            .hello_name(ClientId::Domain(domain.to_owned()))
            .pool_config(PoolConfig::new().max_size(2).idle_timeout(IDLE));
        let builder = match &self.login {
            Some(login) => builder.credentials(Credentials::new(login.user.clone(), login.password.clone())),
            None => builder,
        };
        Ok(builder.build())
    }

    fn tls_parameters(&self) -> Result<TlsParameters, UnusableSmtp> {
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(file) = &self.ca_file {
            let pem = std::fs::read(file)
                .map_err(|cause| UnusableSmtp::Unreadable { file: file.clone(), cause })?;
            let missing = || UnusableSmtp::NoCertificate(file.clone());
            if !pem.windows(11).any(|part| part == b"-----BEGIN ") {
                return Err(missing());
            }
            parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| missing())?);
        }
        Ok(parameters.build()?)
    }
}

impl fmt::Display for Smtp {
    /// `host:port`, and how the connection is kept secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let security = match self.security {
            Security::StartTls => "STARTTLS",
            Security::Tls => "TLS",
            Security::None => "not encrypted",
        };
        write!(f, "{}:{} ({security})", self.host, self.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(security: Security) -> Smtp {
        Smtp { host: "mail.example.com".into(), port: None, security, login: None, ca_file: None }
    }

    #[test]
    fn each_kind_of_security_has_its_port() {
        let shown =
            [Security::StartTls, Security::Tls, Security::None].map(|security| smtp(security).to_string());
        assert_eq!(
            shown,
            [
                "mail.example.com:587 (STARTTLS)",
                "mail.example.com:465 (TLS)",
                "mail.example.com:25 (not encrypted)"
            ]
        );
    }

    #[tokio::test]
    async fn a_file_of_authorities_has_to_be_there_and_to_hold_some() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let smtp = Smtp { ca_file: Some(file.clone()), ..smtp(Security::Tls) };
        assert!(matches!(smtp.transport("localhost"), Err(UnusableSmtp::Unreadable { .. })));
        std::fs::write(&file, "no certificate").unwrap();
        assert!(matches!(smtp.transport("localhost"), Err(UnusableSmtp::NoCertificate(_))));
    }

    #[test]
    fn a_password_is_in_no_debug_text() {
        let login = Some(Login { user: "tulip".into(), password: "sesame".into() });
        let shown = format!("{:?}", Smtp { login, ..smtp(Security::Tls) });
        assert!(shown.contains("tulip") && !shown.contains("sesame"), "{shown}");
    }
}
