use std::{path::PathBuf, sync::Arc, time::Duration};

use domain::{Clock, EventId};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, FileTransport, Tokio1Executor, Transport as _,
    address::AddressError,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};

use crate::{Letter, Message, Sender, Smtp, UnusableSmtp};

/// How long one message may take: less than a piece of work may be held, and short enough to stop a server in time.
const SENDING: Duration = Duration::from_secs(30);

/// What a server answers when it wants another name, password or encryption (RFC 4954).
const SIGN_IN_ANSWERS: [u16; 4] = [530, 534, 535, 538];

/// Why a message could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none.
    #[error("the mail address cannot be used: {0}")]
    Address(#[from] AddressError),
    /// The template failed.
    #[error("the message could not be written: {0}")]
    Template(#[from] askama::Error),
    /// The parts do not make a message.
    #[error("the message could not be put together: {0}")]
    Compose(#[from] lettre::error::Error),
    /// The file could not be written.
    #[error("the message could not be written to the mail folder: {0}")]
    File(#[from] lettre::transport::file::Error),
    /// The server did not take the message.
    #[error("the mail server did not take the message: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The server took too long.
    #[error("the mail server took longer than {} seconds", SENDING.as_secs())]
    TooSlow,
    /// The work was cut short.
    #[error("sending was cut short")]
    Interrupted,
}

impl Error {
    /// Whether the server said that it will never take the message, such as for somebody whom it does not know. That it does not
    /// let us in is another matter: the operator will correct it.
    pub fn is_refusal(&self) -> bool {
        let Self::Smtp(error) = self else { return false };
        let about_us = error.status().is_some_and(|code| SIGN_IN_ANSWERS.contains(&u16::from(code)));
        error.is_permanent() && !about_us
    }
}

/// Sends messages: by SMTP, or as `.eml` files into a folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer {
    way: Way,
    sender: Sender,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone)]
enum Way {
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

impl Mailer {
    /// Writes each message into `folder`, which must exist.
    pub fn to_files(folder: PathBuf, sender: Sender, clock: Arc<dyn Clock>) -> Self {
        Self { way: Way::Folder(folder), sender, clock }
    }

    /// Hands each message to a server. Looks at the certificates to trust, not yet at the server.
    pub fn by_smtp(smtp: &Smtp, sender: Sender, clock: Arc<dyn Clock>) -> Result<Self, UnusableSmtp> {
        Ok(Self { way: Way::Smtp(smtp.transport(sender.domain())?), sender, clock })
    }

    /// Sends a message to one address.
    pub async fn send(&self, to: &str, message: &dyn Message) -> Result<(), Error> {
        let mail = self.compose(to, Letter::of(message)?)?;
        match &self.way {
            Way::Folder(folder) => {
                let transport = FileTransport::new(folder);
                let sent = tokio::task::spawn_blocking(move || transport.send(&mail)).await;
                sent.map_err(|_| Error::Interrupted)??;
            }
            Way::Smtp(transport) => {
                tokio::time::timeout(SENDING, transport.send(mail)).await.map_err(|_| Error::TooSlow)??;
            }
        }
        Ok(())
    }

    fn compose(&self, to: &str, letter: Letter) -> Result<lettre::Message, Error> {
        let now = self.clock.now();
        Ok(lettre::Message::builder()
            .from(self.sender.mailbox().clone())
            .to(to.parse::<Mailbox>()?)
            .subject(letter.subject)
            .date(now.into())
            .message_id(Some(format!("<{}@{}>", EventId::new(now), self.sender.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))?)
    }
}

/// Says that no person wrote the message, so that no out-of-office answer comes back (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Invitation, KeyNews, KeyNewsKind};

    fn mailer(folder: PathBuf) -> Mailer {
        Mailer::to_files(folder, Sender::of_host("keys.example.com"), Arc::new(domain::SystemClock))
    }

    fn invitation() -> Invitation {
        Invitation {
            package: "hola".into(),
            handle: "bob".into(),
            link: "http://127.0.0.1:8080/owners/confirm/TOKEN".into(),
            base_url: "http://127.0.0.1:8080".into(),
        }
    }

    async fn written(message: &dyn Message) -> String {
        let folder = tempfile::tempdir().unwrap();
        mailer(folder.path().to_owned()).send("bob@example.com", message).await.unwrap();
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        assert_eq!(file.extension().unwrap(), "eml");
        std::fs::read_to_string(&file).unwrap()
    }

    #[tokio::test]
    async fn a_message_becomes_a_file_that_mail_programs_open() {
        let text = written(&invitation()).await;
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        for header in [
            "From: Keyward <no-reply@keys.example.com>",
            "To: bob@example.com",
            "Date: ",
            "Message-ID: <",
            "@keys.example.com>",
            "Auto-Submitted: auto-generated",
            "Content-Type: multipart/alternative",
        ] {
            assert!(headers.contains(header), "{header} is in {headers}");
        }
        assert!(text.contains("owners/confirm/TOKEN"), "{text}");
    }

    #[tokio::test]
    async fn a_name_in_a_subject_begins_no_other_header() {
        let news = KeyNews {
            kind: KeyNewsKind::Created,
            handle: "bob".into(),
            name: "ci\r\nBcc: eve@example.com\r\n\r\n<b>".into(),
            ecosystem: "nuget".into(),
            scopes: String::new(),
            packages: String::new(),
            expires: String::new(),
            base_url: String::new(),
        };
        let text = written(&news).await;
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(headers.contains("Subject: The key ci Bcc: eve@example.com <b> was made"), "{headers}");
        assert!(!headers.lines().any(|line| line.starts_with("Bcc:")), "{headers}");
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_an_error() {
        for nobody in ["nobody", "", "a@example.com\r\nBcc: b@example.com"] {
            let sent = mailer(std::env::temp_dir()).send(nobody, &invitation()).await;
            assert!(matches!(sent, Err(Error::Address(_))), "{nobody}");
        }
    }
}
