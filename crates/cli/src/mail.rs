//! `keyward mail …`

use std::path::PathBuf;

use clap::Subcommand;

use crate::{Failure, output};

#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// Write a sample of every email to a directory, as text and as HTML
    Preview {
        /// Directory to write to; created if it does not exist
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
}

/// Runs a command about mails. None of them needs the database.
pub(crate) fn run(command: MailCommand) -> Result<(), Failure> {
    match command {
        MailCommand::Preview { to } => {
            let count = server::preview_mails(&to)?;
            output::print(&format!("{count} mails are written to {}\n", to.display()))
        }
    }
}
