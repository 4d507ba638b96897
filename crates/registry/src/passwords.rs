//! Argon2id, off the runtime's threads and never more than the machine can bear at once.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{Error, Result};

/// Shortest password in characters.
pub(crate) const SHORTEST: usize = 8;
/// Longest password in bytes.
pub(crate) const LONGEST: usize = 1024;

#[derive(Debug)]
pub(crate) struct Passwords {
    at_once: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { at_once: Arc::new(Semaphore::new(cores)) }
    }
}

impl Passwords {
    /// A PHC string for a new password.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = Zeroizing::new(password.to_owned());
        self.run(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::internal(error.to_string()))
    }

    /// Whether the password belongs to the PHC string. Without one it takes as long, and says no.
    pub(crate) async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let password = Zeroizing::new(password.to_owned());
        self.run(move || {
            if let Some(Ok(hash)) = hash.as_deref().map(PasswordHash::new) {
                Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
            } else {
                let _ = Argon2::default().hash_password(password.as_bytes());
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _permit = self.at_once.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// What is wrong with a new password.
pub(crate) fn problem(password: &str) -> Option<String> {
    if password.chars().count() < SHORTEST {
        return Some(format!("The password needs at least {SHORTEST} characters."));
    }
    (password.len() > LONGEST).then(|| format!("The password has more than {LONGEST} bytes."))
}
