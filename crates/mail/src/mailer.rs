use std::path::PathBuf;

use lettre::{
    FileTransport, Transport as _,
    address::AddressError,
    message::{Mailbox, MultiPart},
};

use crate::Message;

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
    /// The work was cut short.
    #[error("sending was cut short")]
    Interrupted,
}

/// Sends messages: as `.eml` files into a folder.
#[derive(Debug, Clone)]
pub struct Mailer {
    folder: PathBuf,
    sender: String,
}

impl Mailer {
    /// Writes each message into `folder`, which must exist. `host` stands in the sender's address.
    pub fn to_files(folder: PathBuf, host: &str) -> Self {
        // A literal address or a port is no domain of mail.
        let named = !host.is_empty() && host.parse::<std::net::IpAddr>().is_err() && host.contains('.');
        let domain = if named { host } else { "localhost" };
        Self { folder, sender: format!("Keyward <no-reply@{domain}>") }
    }

    /// Sends a message to one address.
    pub async fn send(&self, to: &str, message: &dyn Message) -> Result<(), Error> {
        let mail = lettre::Message::builder()
            .from(self.sender.parse::<Mailbox>()?)
            .to(to.parse::<Mailbox>()?)
            .subject(message.subject()?.trim())
            .multipart(MultiPart::alternative_plain_html(message.text()?, message.html()?))?;
        let transport = FileTransport::new(&self.folder);
        let sent = tokio::task::spawn_blocking(move || transport.send(&mail)).await;
        sent.map_err(|_| Error::Interrupted)??;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Invitation;

    #[tokio::test]
    async fn a_message_becomes_a_file_that_mail_programs_open() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Mailer::to_files(folder.path().to_owned(), "127.0.0.1");
        let message = Invitation {
            package: "hola".into(),
            handle: "bob".into(),
            link: "http://127.0.0.1:8080/owners/confirm/TOKEN".into(),
            base_url: "http://127.0.0.1:8080".into(),
        };
        mailer.send("bob@example.com", &message).await.unwrap();
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("To: bob@example.com") && text.contains("owners/confirm/TOKEN"), "{text}");
        assert_eq!(file.extension().unwrap(), "eml");
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_an_error() {
        let mailer = Mailer::to_files(std::env::temp_dir(), "gems.example.com");
        let message =
            Invitation { package: "p".into(), handle: "h".into(), link: "l".into(), base_url: "b".into() };
        assert!(matches!(mailer.send("nobody", &message).await, Err(Error::Address(_))));
    }
}
