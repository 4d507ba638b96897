//! `keyward serve`.

use std::fmt::Write as _;

use server::{Announcement, Settings};

use crate::{Failure, output};

/// Serves until the process is told to stop.
pub(crate) async fn run(settings: Settings) -> Result<(), Failure> {
    // A server whose standard output is closed serves all the same.
    server::serve(settings, |announcement| drop(output::print(&greeting(announcement)))).await?;
    Ok(())
}

/// What is printed once the server listens. Scripts find the address in the first line.
fn greeting(announcement: &Announcement) -> String {
    let Announcement { address, data, engine, setup_url, mails } = announcement;
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("Keyward {version} — {address} — data in {} ({engine})\n", data.display());
    if let Some(url) = setup_url {
        _ = writeln!(text, "No account yet. Make the first one (administrator): {url}");
    }
    _ = writeln!(text, "Mails go to {mails}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_tells_where_the_server_is_and_what_to_do_first() {
        let first_run = Announcement {
            address: "http://127.0.0.1:8080".into(),
            data: "./keyward-data".into(),
            engine: "SQLite".into(),
            setup_url: Some("http://127.0.0.1:8080/setup?token=TOKEN".into()),
            mails: "files in ./keyward-data/mail".into(),
        };
        let version = env!("CARGO_PKG_VERSION");
        let place = format!("Keyward {version} — http://127.0.0.1:8080 — data in ./keyward-data (SQLite)\n");
        let mails = "Mails go to files in ./keyward-data/mail\n";
        let account =
            "No account yet. Make the first one (administrator): http://127.0.0.1:8080/setup?token=TOKEN\n";
        assert_eq!(greeting(&first_run), format!("{place}{account}{mails}"));

        let later =
            Announcement { setup_url: None, mails: "mail.example.com:587 (STARTTLS)".into(), ..first_run };
        assert_eq!(greeting(&later), format!("{place}Mails go to mail.example.com:587 (STARTTLS)\n"));
    }
}
