#![doc = include_str!("../README.md")]

/// Gives a message its three forms, each from a template of its own that sees the message as `self.0`.
macro_rules! templates {
    ($message:ident, $subject:tt, $text:tt, $html:tt) => {
        #[derive(askama::Template)]
        #[template(path = $subject)]
        struct Subject<'a>(&'a $message);

        #[derive(askama::Template)]
        #[template(path = $text)]
        struct Text<'a>(&'a $message);

        #[derive(askama::Template)]
        #[template(path = $html)]
        struct Html<'a>(&'a $message);

        impl crate::Message for $message {
            fn subject(&self) -> Result<String, askama::Error> {
                askama::Template::render(&Subject(self))
            }

            fn text(&self) -> Result<String, askama::Error> {
                askama::Template::render(&Text(self))
            }

            fn html(&self) -> Result<String, askama::Error> {
                askama::Template::render(&Html(self))
            }
        }
    };
}

mod account;
mod address_invitation;
mod invitation;
mod key_news;
mod letter;
mod mailer;
mod owner_news;
mod release_news;
mod samples;
mod sender;
mod smtp;

pub use account::{AccountMail, AccountMailKind};
pub use address_invitation::AddressInvitation;
pub use invitation::Invitation;
pub use key_news::{KeyNews, KeyNewsKind};
pub use letter::Letter;
pub use mailer::{Error, Mailer};
pub use owner_news::{OwnerNews, OwnerNewsKind};
pub use release_news::{ReleaseNews, ReleaseNewsKind};
pub use samples::{Sample, samples};
pub use sender::{InvalidSender, Sender};
pub use smtp::{Login, Security, Smtp, UnusableSmtp};

/// A message: its template fills in three forms of it.
pub trait Message: Send + Sync {
    /// The subject, one line.
    fn subject(&self) -> Result<String, askama::Error>;
    /// The plain text.
    fn text(&self) -> Result<String, askama::Error>;
    /// The same as HTML, without the page around it: that is the same for all.
    fn html(&self) -> Result<String, askama::Error>;
}
