//! `checksums.yaml.gz`: what every other entry must hash to.

use std::io::{self, Read};

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::limits::Limits;
use crate::package::CHECKSUMS;
use crate::refusal::Refusal;
use crate::scalar::Scalar;
use crate::yaml::{self, Node, Reason, Value};

/// The digests of one entry.
#[derive(Debug, Clone)]
pub(crate) struct Digests {
    sha1: Vec<u8>,
    pub(crate) sha256: Vec<u8>,
    sha384: Vec<u8>,
    sha512: Vec<u8>,
}

/// The algorithm that must be there.
const MANDATORY: &str = "SHA256";

impl Digests {
    /// Hashes an entry in one pass.
    pub(crate) fn of(mut source: impl Read) -> Result<Self, Refusal> {
        let (mut sha1, mut sha256) = (Sha1::new(), Sha256::new());
        let (mut sha384, mut sha512) = (Sha384::new(), Sha512::new());
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let length = match source.read(&mut bytes) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Refusal::Unreadable(error)),
            };
            let chunk = &bytes[..length];
            sha1.update(chunk);
            sha256.update(chunk);
            sha384.update(chunk);
            sha512.update(chunk);
        }
        Ok(Self {
            sha1: sha1.finalize().to_vec(),
            sha256: sha256.finalize().to_vec(),
            sha384: sha384.finalize().to_vec(),
            sha512: sha512.finalize().to_vec(),
        })
    }

    /// The digest by an algorithm's name in the file. Others are tolerated, as nothing can be said about them.
    fn by_name(&self, algorithm: &str) -> Option<&[u8]> {
        match algorithm {
            "SHA1" => Some(&self.sha1),
            "SHA256" => Some(&self.sha256),
            "SHA384" => Some(&self.sha384),
            "SHA512" => Some(&self.sha512),
            _ => None,
        }
    }
}

/// What the file claims by one algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Algorithm {
    name: String,
    claims: Vec<Claim>,
}

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    entry: String,
    digest: String,
}

/// What the file claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checksums {
    algorithms: Vec<Algorithm>,
}

impl Checksums {
    /// Reads a map of algorithms to maps of entries to digests.
    pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let root = yaml::parse(bytes, limits.yaml()).map_err(|fault| Refusal::InvalidChecksumsYaml {
            line: fault.line,
            reason: match fault.reason {
                Reason::Reference => "aliases are not supported".to_owned(),
                Reason::Syntax(reason) => reason,
            },
        })?;
        let algorithms = pairs(&root)?.iter().map(|(name, claims)| Algorithm::parse(name, claims));
        Ok(Self { algorithms: algorithms.collect::<Result<_, _>>()? })
    }

    /// Compares every claim with the entries, each of which must have the mandatory one.
    pub(crate) fn verify(&self, entries: &[(&'static str, Digests)]) -> Result<(), Refusal> {
        let mandatory = self.algorithms.iter().find(|algorithm| algorithm.name == MANDATORY);
        let claims = mandatory.map_or(&[][..], |algorithm| &algorithm.claims);
        for (name, _) in entries {
            if !claims.iter().any(|claim| claim.entry == *name) {
                return Err(Refusal::MissingChecksum { name: (*name).to_owned() });
            }
        }
        self.algorithms.iter().try_for_each(|algorithm| algorithm.verify(entries))
    }
}

impl Algorithm {
    fn parse(name: &Node, claims: &Node) -> Result<Self, Refusal> {
        let claim = |(entry, digest): &(Node, Node)| Ok(Claim { entry: text(entry)?, digest: text(digest)? });
        let claims = pairs(claims)?.iter().map(claim).collect::<Result<_, _>>()?;
        Ok(Self { name: text(name)?, claims })
    }

    fn verify(&self, entries: &[(&'static str, Digests)]) -> Result<(), Refusal> {
        self.claims.iter().try_for_each(|claim| claim.verify(&self.name, entries))
    }
}

impl Claim {
    fn verify(&self, algorithm: &str, entries: &[(&'static str, Digests)]) -> Result<(), Refusal> {
        let Some((_, digests)) = entries.iter().find(|(name, _)| *name == self.entry) else {
            return Err(Refusal::NeedlessChecksum { name: self.entry.clone() });
        };
        match digests.by_name(algorithm).map(hex::encode) {
            Some(actual) if actual != self.digest => {
                let claimed = self.digest.clone();
                Err(Refusal::WrongChecksum { name: self.entry.clone(), actual, claimed })
            }
            _ => Ok(()),
        }
    }
}

fn pairs(node: &Node) -> Result<&[(Node, Node)], Refusal> {
    match &node.value {
        Value::Mapping(pairs) if node.tag.is_none() => Ok(pairs),
        _ => Err(malformed(node, "expected a map")),
    }
}

/// A digest of nothing but digits is a number to Ruby, but still a digest.
fn text(node: &Node) -> Result<String, Refusal> {
    Scalar::of(node).and_then(Scalar::into_text).ok_or_else(|| malformed(node, "expected a string"))
}

fn malformed(node: &Node, what: &str) -> Refusal {
    Refusal::MalformedChecksums(format!("{what} in {CHECKSUMS} (line {})", node.line))
}
