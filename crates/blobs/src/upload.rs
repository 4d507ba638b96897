use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use crate::Sha256;

/// Why an upload was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// More bytes than allowed.
    #[error("the upload is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The client went away or sent too slowly.
    #[error("the upload ended early: {0}")]
    Interrupted(String),
    /// The temporary file cannot be written.
    #[error("the upload could not be kept: {0}")]
    Io(#[from] std::io::Error),
}

/// Bytes received from outside: complete, bounded and hashed, in a nameless temporary file which vanishes with this value, and
/// with the process.
#[derive(Debug)]
pub struct Upload {
    file: File,
    sha256: [u8; 32],
    size: u64,
}

impl Upload {
    /// Takes at most `limit` bytes from `stream` into a temporary file in `folder`.
    pub async fn receive<E: std::fmt::Display>(
        folder: &Path,
        mut stream: impl Stream<Item = Result<Bytes, E>> + Unpin,
        limit: u64,
    ) -> Result<Self, UploadError> {
        let folder = folder.to_owned();
        let mut file = blocking(move || tempfile::tempfile_in(folder)).await?;
        let mut hasher = Sha256::default();
        let mut size = 0_u64;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| UploadError::Interrupted(error.to_string()))?;
            size += chunk.len() as u64;
            if size > limit {
                return Err(UploadError::TooLarge { limit });
            }
            (file, hasher) = blocking(move || {
                hasher.update(&chunk);
                file.write_all(&chunk).map(|()| (file, hasher))
            })
            .await?;
        }
        Ok(Self { file, sha256: hasher.finish(), size })
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Number of bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The bytes from their beginning.
    pub fn reader(&self) -> std::io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}

/// Runs file work off the runtime's threads. Each piece is a chunk of one upload: where the client hangs up it is the last one, so that
/// nothing needs to hold a permit.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}
