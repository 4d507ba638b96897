//! The mails that the server has written to files.

use std::time::{Duration, Instant};

use super::{Keyward, email};

/// How long a mail may take: they are sent beside the request, not in it.
const PATIENCE: Duration = Duration::from_secs(30);

impl Keyward {
    /// Waits for the mail that invites somebody to own a gem and returns the link in it.
    pub(crate) fn invitation_link(&self, account: &str) -> String {
        let start = format!("{}/owners/confirm/", self.base());
        let end = Instant::now() + PATIENCE;
        loop {
            let mails = self.mails_to(&email(account));
            if let Some(link) = mails.iter().find_map(|mail| link(mail, &start)) {
                return link;
            }
            assert!(
                Instant::now() < end,
                "no mail to {account} holds a link to {start}…:\n{}",
                mails.join("\n---\n")
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn mails_to(&self, address: &str) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.mail_folder()) else { return vec![] };
        let files = folder
            .flatten()
            .map(|entry| entry.path())
            .filter(|file| file.extension().is_some_and(|e| e == "eml"));
        let mails = files.filter_map(|file| std::fs::read_to_string(file).ok());
        mails.filter(|mail| is_to(mail, address)).map(|mail| without_quoting(&mail)).collect()
    }
}

fn is_to(mail: &str, address: &str) -> bool {
    mail.lines()
        .take_while(|line| !line.is_empty())
        .any(|line| line.starts_with("To:") && line.contains(address))
}

/// Returns the first word of a mail that starts like this, up to what cannot stand in a link of ours.
fn link(mail: &str, start: &str) -> Option<String> {
    let rest = &mail[mail.find(start)?..];
    let end = rest.find(|c: char| c.is_whitespace() || "\"'<>)".contains(c)).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

/// Undoes the transfer encoding `quoted-printable`: joins broken lines, turns `=3D` into `=`.
fn without_quoting(mail: &str) -> String {
    if !mail.to_ascii_lowercase().contains("quoted-printable") {
        return mail.to_owned();
    }
    let joined = mail.replace("=\r\n", "").replace("=\n", "");
    let mut parts = joined.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[2..]);
            }
            None => bytes.extend([b"=", part.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
