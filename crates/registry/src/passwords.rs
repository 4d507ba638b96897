//! Argon2id, never more at once than the machine can bear, in memory that is used again.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use zeroize::Zeroizing;

use crate::{
    Error, Result, Workers,
    authenticate::LONGEST_LOGIN,
    new_password::{LONGEST, length_problem, strength_problem},
};

/// Most passwords at once, however many cores there are: 19 MiB each.
const AT_ONCE: usize = 8;
/// How long somebody waits for a password to be hashed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a recorded hash may ask for at most: memory in KiB, passes, lanes. Ours asks for 19 MiB, 2 and 1.
const COSTLIEST: (u32, u32, u32) = (64 * 1024, 10, 8);

#[derive(Debug)]
pub(crate) struct Passwords {
    workers: Workers,
    /// There as long as somebody works or waits: once nobody does, the system gets the memory back.
    memory: Mutex<Weak<Memory>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { workers: Workers::new(AT_ONCE, PATIENCE), memory: Mutex::default() }
    }
}

impl Passwords {
    /// A PHC string for a new password.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        self.run(password, |password, memory| new_hash(password, memory).map(|hash| hash.to_string())).await?
    }

    /// What is wrong with a new password of somebody with these names and email addresses.
    pub(crate) async fn problem(&self, password: &str, names: &[&str]) -> Result<Option<String>> {
        if let Some(problem) = length_problem(password) {
            return Ok(Some(problem.to_owned()));
        }
        let password = Zeroizing::new(password.to_owned());
        let names: Vec<_> =
            names.iter().filter(|name| name.len() <= LONGEST_LOGIN).map(ToString::to_string).collect();
        let problem = self.workers.run(move || strength_problem(&password, &names)).await?;
        Ok(problem.map(ToOwned::to_owned))
    }

    /// Whether the password belongs to the PHC string. Without one it takes as long, and says no.
    pub(crate) async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool> {
        if password.len() > LONGEST {
            // Nobody has such a password, and whoever waits would hold it in memory.
            return Ok(false);
        }
        let verify = move |password: &[u8], memory: &Memory| match &hash {
            Some(hash) => belongs(password, hash, memory),
            None => new_hash(password, memory).map(|_| false),
        };
        self.run(password, verify).await?
    }

    async fn run<T: Send + 'static>(
        &self,
        password: &str,
        work: impl FnOnce(&[u8], &Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (password, memory) = (Zeroizing::new(password.to_owned()), self.memory());
        self.workers.run(move || work(password.as_bytes(), &memory)).await
    }

    fn memory(&self) -> Arc<Memory> {
        let mut shared = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let memory = Arc::default();
            *shared = Arc::downgrade(&memory);
            memory
        })
    }
}

fn new_hash(password: &[u8], memory: &Memory) -> Result<PasswordHash> {
    let (salt, params) = (Salt::generate(), Params::DEFAULT);
    let argon2 = Argon2::new(Algorithm::default(), Version::default(), params.clone());
    let output = memory.hash(&argon2, password, &salt).map_err(unusable)?;
    Ok(PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(&params).map_err(unusable)?,
        salt: Some(salt),
        hash: Some(output),
    })
}

/// Hashes the password as the recorded hash was, and compares.
fn belongs(password: &[u8], recorded: &str, memory: &Memory) -> Result<bool> {
    let recorded = PasswordHash::new(recorded).map_err(unusable)?;
    let PasswordHash { salt: Some(salt), hash: Some(expected), .. } = &recorded else {
        return Err(unusable("it has no salt or no digest"));
    };
    let output = memory.hash(&algorithm(&recorded)?, password, salt).map_err(unusable)?;
    // In constant time: that is how outputs compare.
    Ok(output == *expected)
}

/// The algorithm of a recorded hash, if it asks for no more than it may.
fn algorithm(recorded: &PasswordHash) -> Result<Argon2<'static>> {
    let params = Params::try_from(recorded).map_err(unusable)?;
    let (memory, passes, lanes) = COSTLIEST;
    if params.m_cost() > memory || params.t_cost() > passes || params.p_cost() > lanes {
        return Err(unusable("it asks for too much work"));
    }
    let algorithm = Algorithm::try_from(recorded.algorithm.as_str()).map_err(unusable)?;
    let version = recorded.version.map_or(Ok(Version::default()), Version::try_from).map_err(unusable)?;
    Ok(Argon2::new(algorithm, version, params))
}

fn unusable(cause: impl std::fmt::Display) -> Error {
    Error::internal(format!("a password hash cannot be used: {cause}"))
}

/// The blocks that Argon2 fills, one set for each password that is hashed at once.
#[derive(Default)]
struct Memory {
    free: Mutex<Vec<Vec<Block>>>,
}

impl Memory {
    /// Room for this many blocks is reserved each time, more than a hash of ours uses: 33 MiB. The allocator of glibc maps what is
    /// above 32 MiB apart, and so gives it back to the system when it is freed; smaller pieces stay with the process for good. Pages
    /// that are never written to cost nothing.
    const ROOM: usize = 33 * 1024;

    fn hash(&self, argon2: &Argon2<'_>, password: &[u8], salt: &Salt) -> Result<Output, argon2::Error> {
        let mut blocks = self.free().pop().unwrap_or_else(|| Vec::with_capacity(Self::ROOM));
        let needed = argon2.params().block_count();
        if blocks.len() < needed {
            blocks.resize(needed, Block::new());
        }
        let mut output = [0; Output::MAX_LENGTH];
        let output = &mut output[..argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        argon2.hash_password_into_with_memory(password, salt, output, &mut blocks)?;
        self.free().push(blocks);
        Output::new(output).map_err(|_| argon2::Error::OutputTooLong)
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by the reference implementation: `echo -n 'correct horse' | argon2 somesalt -id -t 3 -k 4096 -p 2 -l 32 -e`.
    const REFERENCE: &str =
        "$argon2id$v=19$m=4096,t=3,p=2$c29tZXNhbHQ$nt7rfMjA+Qas4HvR/EPUE2K/8MOFrOeODlAQJ+fqDzQ";

    #[tokio::test]
    async fn a_password_belongs_to_its_own_hash_alone() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse").await.unwrap());
        assert!(passwords.verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse", Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_with_other_costs_is_verified_with_its_own_unless_they_are_too_high() {
        let passwords = Passwords::default();
        let verify = async |hash: &str| passwords.verify("correct horse", Some(hash.to_owned())).await;
        assert!(verify(REFERENCE).await.unwrap());
        for costs in ["m=65537,t=2,p=1", "m=19456,t=11,p=1", "m=19456,t=2,p=9"] {
            let hash = REFERENCE.replace("m=4096,t=3,p=2", costs);
            assert!(matches!(verify(&hash).await, Err(Error::Internal(_))), "{costs}");
        }
        assert!(matches!(verify("plain").await, Err(Error::Internal(_))));
    }

    #[tokio::test]
    async fn memory_is_kept_while_somebody_needs_it_and_no_longer() {
        let passwords = Passwords::default();
        let held = passwords.memory();
        passwords.hash("correct horse").await.unwrap();
        passwords.hash("correct horse").await.unwrap();
        assert_eq!(held.free().len(), 1);
        drop(held);
        assert!(passwords.memory.lock().unwrap().upgrade().is_none());
    }
}
