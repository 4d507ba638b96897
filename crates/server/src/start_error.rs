use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Why the server, or a command beside it, cannot start. Each text says what happened, [`StartError::hint`] what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program has the port.
    #[error("the address {0} is in use by another program")]
    AddressTaken(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// A folder of ours cannot be made or written.
    #[error("the folder {} cannot be written: {cause}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The schema is newer than the program.
    #[error("{0}")]
    NewerSchema(store::Error),
    /// The database does not answer or refuses us.
    #[error("the database cannot be used: {0}")]
    Database(store::Error),
    /// The blob store cannot be used.
    #[error("the blob store cannot be used: {0}")]
    Blobs(blobs::Error),
    /// The mail server cannot be spoken to as it was asked for.
    #[error("the mail server cannot be used: {0}")]
    Mail(mail::UnusableSmtp),
}

impl StartError {
    pub(crate) fn folder(folder: &Path, cause: io::Error) -> Self {
        Self::Folder { folder: folder.to_owned(), cause }
    }

    /// What the operator can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::AddressTaken(_) => {
                "stop the other program, or choose another port with `--listen 127.0.0.1:PORT`"
            }
            Self::Listen { .. } => "choose an address of this machine with `--listen ADDRESS:PORT`",
            Self::Folder { .. } => {
                "choose a folder that you may write with `--data DIR`, or change its owner"
            }
            Self::NewerSchema(_) => "start the newer program, or restore the backup that belongs to this one",
            Self::Database(_) => "check `--database-url`, and that the database runs and lets this user in",
            Self::Blobs(_) => "check the section `[blobs]` of the configuration",
            Self::Mail(_) => "check the section `[mail]` of the configuration",
        }
    }
}

impl From<store::Error> for StartError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NewerSchema { .. } => Self::NewerSchema(error),
            other => Self::Database(other),
        }
    }
}
