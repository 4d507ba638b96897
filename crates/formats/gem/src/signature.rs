//! Signed gems: a chain of certificates in the gemspec, and a signature beside each entry.
//!
//! What `RubyGems` signs is the SHA-256 digest of an entry, as a message of 32 bytes: RSA PKCS #1 v1.5 with SHA-256 over that digest
//! (`Gem::Security::Signer#sign`, `Gem::Security::Policy#check_data`). The root need not be trusted, and nobody needs to sign.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use jiff::Timestamp;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION};
use x509_parser::pem::{Pem, parse_x509_pem};
use x509_parser::time::ASN1Time;

use crate::checksums::Digests;
use crate::limits::Limits;
use crate::package::{Inventory, open};
use crate::refusal::{Refusal, SignatureFault};

/// The most certificates from a root to a signer. Real chains have one or two; each costs a verification.
const LONGEST_CHAIN: usize = 16;

/// The signatures of a package, by the name of what they sign.
pub(crate) struct Signatures(BTreeMap<String, Vec<u8>>);

impl Signatures {
    /// Reads every `*.sig`.
    pub(crate) fn read(
        archive: &mut (impl Read + Seek),
        inventory: &Inventory,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let mut signatures = BTreeMap::new();
        for (signed, entry) in &inventory.signatures {
            if entry.size > limits.signature_bytes {
                return Err(Refusal::SignatureTooLarge);
            }
            let mut bytes = Vec::new();
            open(archive, *entry)?.read_to_end(&mut bytes).map_err(Refusal::Unreadable)?;
            signatures.insert(signed.clone(), bytes);
        }
        Ok(Self(signatures))
    }
}

/// Whether the package is signed. If it is, or claims to be, everything about it must hold.
pub(crate) fn verify(
    cert_chain: &[String],
    signatures: &Signatures,
    digests: &[(&'static str, Digests)],
    now: Timestamp,
) -> Result<bool, Refusal> {
    match (cert_chain.is_empty(), signatures.0.is_empty()) {
        (true, true) => return Ok(false),
        (false, true) => return Err(Refusal::CertChainWithoutSignatures),
        (true, false) => return Err(Refusal::MissingSigningCertificate),
        (false, false) => {}
    }
    let pems = pems(cert_chain).map_err(Refusal::BadSignature)?;
    let chain = certificates(&pems).map_err(Refusal::BadSignature)?;
    check_chain(&chain, now).map_err(Refusal::BadSignature)?;
    let signer = chain.last().ok_or(Refusal::MissingSigningCertificate)?;
    for (name, digests) in digests {
        let missing = || Refusal::MissingSignature { name: (*name).to_owned() };
        let signature = signatures.0.get(*name).ok_or_else(missing)?;
        check_entry(signer, digests, signature).map_err(Refusal::BadSignature)?;
    }
    Ok(true)
}

fn pem(text: &str) -> Result<Pem, SignatureFault> {
    let (_, pem) = parse_x509_pem(text.as_bytes()).map_err(|_| SignatureFault::MalformedCertificate)?;
    Ok(pem)
}

fn pems(cert_chain: &[String]) -> Result<Vec<Pem>, SignatureFault> {
    if cert_chain.len() > LONGEST_CHAIN {
        return Err(SignatureFault::ChainTooLong);
    }
    cert_chain.iter().map(|text| pem(text)).collect()
}

fn certificates(pems: &[Pem]) -> Result<Vec<X509Certificate<'_>>, SignatureFault> {
    if pems.iter().any(|pem| pem.label != "CERTIFICATE") {
        return Err(SignatureFault::MalformedCertificate);
    }
    let parsed = pems.iter().map(Pem::parse_x509).collect::<Result<_, _>>();
    parsed.map_err(|_| SignatureFault::MalformedCertificate)
}

/// Each certificate is valid now, the first signs itself, and each other one is signed by the one before it.
fn check_chain(chain: &[X509Certificate<'_>], now: Timestamp) -> Result<(), SignatureFault> {
    let now = ASN1Time::from_timestamp(now.as_second()).map_err(|_| SignatureFault::OutOfDate)?;
    if !chain.iter().all(|certificate| certificate.validity().is_valid_at(now)) {
        return Err(SignatureFault::OutOfDate);
    }
    let root = chain.first().ok_or(SignatureFault::MalformedCertificate)?;
    if root.issuer().as_raw() != root.subject().as_raw() || !is_issued_by(root, root) {
        return Err(SignatureFault::RootNotSelfSigned);
    }
    if chain.windows(2).all(|pair| is_issued_by(&pair[1], &pair[0])) {
        Ok(())
    } else {
        Err(SignatureFault::BrokenChain)
    }
}

fn is_issued_by(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> bool {
    certificate.verify_signature(Some(issuer.public_key())).is_ok()
}

fn check_entry(
    signer: &X509Certificate<'_>,
    digests: &Digests,
    signature: &[u8],
) -> Result<(), SignatureFault> {
    let key = signer.public_key();
    let algorithm = &key.algorithm.algorithm;
    let verification: &'static dyn VerificationAlgorithm = if *algorithm == OID_PKCS1_RSAENCRYPTION {
        &RSA_PKCS1_2048_8192_SHA256
    } else if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        &ECDSA_P256_SHA256_ASN1
    } else {
        return Err(SignatureFault::Mismatch);
    };
    UnparsedPublicKey::new(verification, &key.subject_public_key.data)
        .verify(&digests.sha256, signature)
        .map_err(|_| SignatureFault::Mismatch)
}
