//! Reads a package from the first byte to the last.

use std::io::{Read, Seek};

use jiff::Timestamp;

use crate::checksums::{Checksums, Digests};
use crate::gemspec::Gemspec;
use crate::limits::Limits;
use crate::package::{CHECKSUMS, Inventory, MetadataName, open};
use crate::readme::Readme;
use crate::refusal::Refusal;
use crate::signature::{Signatures, verify};
use crate::specification::Specification;
use crate::{contents, gzip, policy};

/// A package that keeps all rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Gem {
    /// What its gemspec says.
    pub spec: Specification,
    /// Whether every entry is signed, and all signatures and certificates hold.
    pub signed: bool,
    /// Its readme, if it has one of a bearable length.
    pub readme: Option<Readme>,
}

/// Reads a package and checks everything about it that can be known from its bytes.
///
/// The container comes first, then the gemspec, the checksums, the signatures and the contents. Memory is bounded by `limits`
/// and does not grow with `data.tar.gz`; time is linear in the package and what it unpacks to. `now` is the instant at which
/// certificates must be valid.
pub fn read(mut archive: impl Read + Seek, limits: &Limits, now: Timestamp) -> Result<Gem, Refusal> {
    let archive = &mut archive;
    let inventory = Inventory::of(archive, limits)?;
    let gemspec = read_gemspec(archive, &inventory, limits)?;
    policy::check(&gemspec)?;
    let digests = verify_checksums(archive, &inventory, limits)?;
    let signatures = Signatures::read(archive, &inventory, limits)?;
    let signed = verify(&gemspec.spec.cert_chain, &signatures, &digests, now)?;
    let readme = contents::scan(open(archive, inventory.data)?, inventory.data.size, limits)?;
    Ok(Gem { spec: gemspec.spec, signed, readme })
}

fn read_gemspec(
    archive: &mut (impl Read + Seek),
    inventory: &Inventory,
    limits: &Limits,
) -> Result<Gemspec, Refusal> {
    let (name, entry) = inventory.metadata;
    let mut source = open(archive, entry)?;
    let limit = limits.metadata_bytes;
    let yaml = match name {
        MetadataName::Zipped => gzip::unzip(source, name.as_str(), limit)?,
        MetadataName::Plain => gzip::bounded(&mut source, name.as_str(), limit)?,
    };
    Gemspec::parse(&yaml, limits)
}

/// Hashes every entry, the checksums themselves last, and compares the others with what the checksums say.
fn verify_checksums(
    archive: &mut (impl Read + Seek),
    inventory: &Inventory,
    limits: &Limits,
) -> Result<Vec<(&'static str, Digests)>, Refusal> {
    let mut digests = Vec::new();
    for (name, entry) in inventory.contents() {
        digests.push((name, Digests::of(open(archive, entry)?)?));
    }
    if let Some(entry) = inventory.checksums {
        let yaml = gzip::unzip(open(archive, entry)?, CHECKSUMS, limits.checksums_bytes)?;
        Checksums::parse(&yaml, limits)?.verify(&digests)?;
        digests.push((CHECKSUMS, Digests::of(open(archive, entry)?)?));
    }
    Ok(digests)
}
