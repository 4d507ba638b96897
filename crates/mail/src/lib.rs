#![doc = include_str!("../README.md")]

mod account;
mod invitation;
mod key_news;
mod mailer;

pub use account::{AccountMail, AccountMailKind};
pub use invitation::Invitation;
pub use key_news::{KeyNews, KeyNewsKind};
pub use mailer::{Error, Mailer};

/// A message: its template fills in three forms of it.
pub trait Message: Sync {
    /// The subject, one line.
    fn subject(&self) -> Result<String, askama::Error>;
    /// The plain text.
    fn text(&self) -> Result<String, askama::Error>;
    /// The same as HTML.
    fn html(&self) -> Result<String, askama::Error>;
}
