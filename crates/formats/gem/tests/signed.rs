//! Signed packages. `signed/hola-1.0.0.gem` was built and signed by `RubyGems` 3.3.15, with a root (`root.pem`) and a certificate that
//! it issued (`leaf.pem`), both valid from 2026-11-20 to 2036-11-17; `other.pem` is another root. Their keys are lost.

use std::io::Cursor;

use gem_format::build::{GemBuilder, checksums, gzip, package};
use gem_format::{Gem, Limits, Refusal, SignatureFault, read};
use jiff::Timestamp;

const SIGNED: &[u8] = include_bytes!("signed/hola-1.0.0.gem");
const ROOT: &str = include_str!("signed/root.pem");
const LEAF: &str = include_str!("signed/leaf.pem");
const OTHER: &str = include_str!("signed/other.pem");

type Entries = Vec<(String, Vec<u8>)>;

fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

fn read_at(bytes: &[u8], instant: &str) -> Result<Gem, Refusal> {
    read(Cursor::new(bytes), &Limits::default(), at(instant))
}

fn read_now(entries: &Entries) -> Result<Gem, Refusal> {
    read_at(&package(entries), "2027-01-01T00:00:00Z")
}

/// The entries of the signed package.
fn entries() -> Entries {
    let mut entries = Vec::new();
    let mut rest = SIGNED;
    while rest[0] != 0 {
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&rest[range]).trim_end_matches('\0').to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).expect("an octal size");
        entries.push((text(0..100), rest[512..512 + size].to_vec()));
        rest = &rest[512 + size.next_multiple_of(512)..];
    }
    entries
}

/// A package of our own with this chain, every entry of which has a signature of something else.
fn with_chain(chain: &[&str]) -> Entries {
    let pems: Vec<_> = chain.iter().map(|pem| format!("{pem:?}")).collect();
    let spec = GemBuilder::new("hola", "1.0.0").field("cert_chain", &format!("[{}]", pems.join(", ")));
    let mut entries = spec.entries();
    for name in ["metadata.gz", "data.tar.gz", "checksums.yaml.gz"] {
        let signature = signature_of(name);
        entries.push((format!("{name}.sig"), signature));
    }
    entries
}

fn signature_of(name: &str) -> Vec<u8> {
    let signature = entries().into_iter().find(|(entry, _)| *entry == format!("{name}.sig"));
    signature.expect("every entry is signed").1
}

fn fault(entries: &Entries) -> SignatureFault {
    match read_now(entries) {
        Err(Refusal::BadSignature(fault)) => fault,
        other => panic!("expected a bad signature, got {other:?}"),
    }
}

#[test]
fn a_gem_signed_by_rubygems_is_signed() {
    let gem = read_at(SIGNED, "2027-01-01T00:00:00Z").expect("a good package");
    assert!(gem.signed);
    assert_eq!(gem.spec.full_name(), "hola-1.0.0");
    assert_eq!(gem.spec.cert_chain, [ROOT, LEAF]);
}

#[test]
fn the_same_bytes_are_signed_every_time() {
    for round in 0..300 {
        assert!(read_at(SIGNED, "2027-01-01T00:00:00Z").expect("a good package").signed, "round {round}");
    }
}

#[test]
fn a_signature_holds_only_while_the_certificates_are_valid() {
    for instant in ["2026-11-20T23:00:00Z", "2036-11-18T00:00:00Z"] {
        let refusal = read_at(SIGNED, instant).expect_err("not valid then");
        assert_eq!(refusal.to_string(), "couldn't verify gem signature");
        assert!(matches!(refusal, Refusal::BadSignature(SignatureFault::OutOfDate)));
    }
}

#[test]
fn every_entry_needs_its_signature() {
    for name in ["metadata.gz", "data.tar.gz", "checksums.yaml.gz"] {
        let mut entries = entries();
        entries.retain(|(entry, _)| *entry != format!("{name}.sig"));
        let refusal = read_now(&entries).expect_err("one is missing");
        assert_eq!(refusal.to_string(), format!("missing signature for {name}"));
    }
}

#[test]
fn certificates_without_any_signature_are_refused() {
    let mut entries = entries();
    entries.retain(|(entry, _)| !entry.contains(".sig"));
    let refusal = read_now(&entries).expect_err("nothing is signed");
    assert_eq!(refusal.to_string(), "Cert chain provided, but no signatures found");
}

#[test]
fn signatures_without_a_certificate_are_refused() {
    let refusal = read_now(&with_chain(&[])).expect_err("nobody signed");
    assert_eq!(refusal.to_string(), "missing signing certificate");
}

#[test]
fn a_signature_of_something_else_does_not_fit() {
    let mut swapped = entries();
    let other = signature_of("metadata.gz");
    let data = swapped.iter_mut().find(|(name, _)| name == "data.tar.gz.sig").expect("signed");
    data.1 = other;
    assert_eq!(fault(&swapped), SignatureFault::Mismatch);
    assert_eq!(fault(&with_chain(&[ROOT])), SignatureFault::Mismatch);
}

#[test]
fn a_changed_entry_with_right_checksums_does_not_fit_its_signature() {
    let mut changed = entries();
    changed.iter_mut().find(|(name, _)| name == "data.tar.gz").expect("there").1 = gzip(&[0; 1024]);
    let summed: Entries = changed
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "metadata.gz" | "data.tar.gz"))
        .cloned()
        .collect();
    changed.iter_mut().find(|(name, _)| name == "checksums.yaml.gz").expect("there").1 =
        gzip(checksums(&summed).as_bytes());
    assert_eq!(fault(&changed), SignatureFault::Mismatch);
}

#[test]
fn the_chain_must_begin_with_a_root_and_hold_together() {
    assert_eq!(fault(&with_chain(&[LEAF])), SignatureFault::RootNotSelfSigned);
    assert_eq!(fault(&with_chain(&[OTHER, LEAF])), SignatureFault::BrokenChain);
    assert_eq!(fault(&with_chain(&[ROOT, OTHER])), SignatureFault::BrokenChain);
    assert_eq!(fault(&with_chain(&[ROOT; 17])), SignatureFault::ChainTooLong);
}

#[test]
fn what_is_no_certificate_is_refused() {
    let key = ROOT.replace("CERTIFICATE", "PUBLIC KEY");
    let damaged = ROOT.replacen("MII", "MIJ", 1);
    for text in ["", "not a certificate", key.as_str(), damaged.as_str()] {
        assert_eq!(fault(&with_chain(&[text])), SignatureFault::MalformedCertificate, "{text}");
    }
}

#[test]
fn a_signature_of_missing_checksums_is_refused() {
    let mut entries = entries();
    entries.retain(|(name, _)| name != "checksums.yaml.gz");
    assert_eq!(read_now(&entries).expect_err("missing").to_string(), "missing checksums.yaml.gz file");
}

#[test]
fn a_huge_signature_is_refused() {
    let limits = Limits { signature_bytes: 100, ..Limits::default() };
    let refusal = read(Cursor::new(SIGNED), &limits, at("2027-01-01T00:00:00Z")).expect_err("too large");
    assert_eq!(refusal.to_string(), "signature is too large");
}
