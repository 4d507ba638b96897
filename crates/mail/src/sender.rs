use std::{fmt, net::IpAddr, str::FromStr};

use lettre::message::Mailbox;

/// Who mails come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text is no mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mail address looks like `keyward@example.com` or `Keyward <keyward@example.com>`")]
pub struct InvalidSender;

impl Sender {
    /// The sender of a server whose address has this host, when the operator names none.
    pub fn of_host(host: &str) -> Self {
        format!("Keyward <no-reply@{}>", mail_domain(host)).parse().unwrap_or_else(|_| Self::local())
    }

    fn local() -> Self {
        "Keyward <no-reply@localhost>".parse().expect("it is an address")
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    /// The domain of the address.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

/// A literal address or a lone name is no domain of mail.
fn mail_domain(host: &str) -> &str {
    let is_domain = host.contains('.') && host.parse::<IpAddr>().is_err();
    if is_domain { host } else { "localhost" }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    /// `name@example.com`, or `Name <name@example.com>`.
    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        if text.chars().any(char::is_control) {
            return Err(InvalidSender);
        }
        text.parse().map(Self).map_err(|_| InvalidSender)
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_a_domain_name_writes_from_localhost() {
        for host in ["127.0.0.1", "::1", "[::1]", "registry", "", "a b.c"] {
            assert_eq!(Sender::of_host(host).to_string(), "Keyward <no-reply@localhost>", "{host}");
        }
        assert_eq!(Sender::of_host("keys.example.com").to_string(), "Keyward <no-reply@keys.example.com>");
    }

    #[test]
    fn an_address_has_a_name_before_it_or_not() {
        assert_eq!("Keys <k@example.com>".parse::<Sender>().unwrap().domain(), "example.com");
        assert_eq!("k@example.com".parse::<Sender>().unwrap().to_string(), "k@example.com");
        for wrong in ["", "keyward", "k@", "Keys <k@example.com>\r\nBcc: x@example.com"] {
            assert_eq!(wrong.parse::<Sender>(), Err(InvalidSender), "{wrong}");
        }
    }
}
