//! What other users of the machine, and others on the network, could read: kept from them, or told to the operator.

use std::net::SocketAddr;
#[cfg(unix)]
use std::path::{Path, PathBuf};

use crate::Settings;

/// From now on whatever this process creates, SQLite's files included, is for its own user alone. To be called before anything is
/// created; what is created already stays as it is, and a warning tells of it.
#[cfg(unix)]
pub fn keep_files_private() {
    use rustix::{fs::Mode, process::umask};
    umask(Mode::RWXG | Mode::RWXO);
}

/// Here files inherit the rights of their folder.
#[cfg(not(unix))]
pub fn keep_files_private() {}

/// Warns of what the operator left open, and says what closes it.
pub(crate) fn warn(settings: &Settings, bound: SocketAddr, base_url: &str) {
    #[cfg(unix)]
    for path in open_to_others(settings) {
        let path = path.display();
        tracing::warn!("{path} is open to other users of this machine: run `chmod go-rwx {path}`");
    }
    if !bound.ip().is_loopback() && base_url.starts_with("http://") {
        tracing::warn!(
            "the server listens on {bound}, which other machines reach, and its base URL is {base_url}: passwords and keys cross the \
             network unencrypted. Put a proxy with TLS in front, and set `base_url` to its https:// address"
        );
    }
}

/// Bits of a mode that let the group and others in.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// What holds secrets and is there, but not for our own user alone.
#[cfg(unix)]
fn open_to_others(settings: &Settings) -> Vec<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let is_open =
        |path: &PathBuf| path.metadata().is_ok_and(|found| found.permissions().mode() & OTHERS != 0);
    let mut paths = vec![settings.data.clone(), settings.data.join("mail")];
    if let store::Address::Sqlite(file) = &settings.database {
        paths.extend(["", "-wal", "-shm"].map(|suffix| beside(file, suffix)));
    }
    paths.retain(is_open);
    paths
}

/// The path of a file that SQLite keeps beside another.
#[cfg(unix)]
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
