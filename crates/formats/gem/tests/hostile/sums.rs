//! Checksums that do not fit.

use gem_format::Refusal;
use gem_format::build::{checksums, gzip, package};

use crate::{Case, check_all, good};

/// The good package with other checksums.
fn of(yaml: &str) -> Vec<u8> {
    let mut entries = good().entries();
    entries[2].1 = gzip(yaml.as_bytes());
    package(&entries)
}

/// The right checksums with one text replaced.
fn replaced(from: &str, to: &str) -> Vec<u8> {
    let yaml = checksums(&good().entries()[..2]);
    assert!(yaml.contains(from), "{from:?} is in {yaml:?}");
    of(&yaml.replacen(from, to, 1))
}

const IS_MISSING: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::MissingChecksum { .. });
const IS_MALFORMED: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::MalformedChecksums(_));
const IS_SYNTAX: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::InvalidChecksumsYaml { .. });

#[test]
fn wrong_checksums_are_refused() {
    let is_wrong: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::WrongChecksum { .. });
    let mut changed = good().entries();
    changed[1].1 = gzip(&[0; 1024]);
    check_all(vec![
        Case::new("other contents", package(&changed), is_wrong),
        Case::new(
            "a wrong SHA-512",
            replaced("SHA512:\n  metadata.gz: ", "SHA512:\n  metadata.gz: 0"),
            is_wrong,
        ),
        Case::new(
            "a wrong SHA-1",
            of(&(checksums(&good().entries()[..2]) + "SHA1:\n  metadata.gz: abc\n")),
            is_wrong,
        ),
        Case::new("no digest", of("SHA256: {metadata.gz: , data.tar.gz: }\n"), IS_MALFORMED),
    ]);
}

#[test]
fn a_wrong_checksum_is_told_beside_the_right_one() {
    let bytes = replaced("SHA256:\n  metadata.gz: ", "SHA256:\n  metadata.gz: 0");
    let refusal = crate::read_within_bounds(&bytes, &gem_format::Limits::default()).expect_err("wrong");
    let Refusal::WrongChecksum { name, actual, claimed } = &refusal else { panic!("{refusal:?}") };
    assert_eq!(*claimed, format!("0{actual}"));
    assert_eq!(refusal.to_string(), format!("expected {name:?} to have {actual} but was {claimed}"));
}

#[test]
fn missing_checksums_are_refused() {
    check_all(vec![
        Case::new("no SHA-256", replaced("SHA256", "SHA1"), IS_MISSING),
        Case::new("nothing but SHA-512", of("SHA512: {}\n"), IS_MISSING)
            .says("expected checksum for \"metadata.gz\" but found none"),
        Case::new("one entry only", of(&checksums(&good().entries()[..1])), IS_MISSING)
            .says("expected checksum for \"data.tar.gz\" but found none"),
        Case::new(
            "an entry that is not there",
            replaced("SHA512:\n  metadata.gz", "SHA512:\n  metadata"),
            |refusal| matches!(refusal, Refusal::NeedlessChecksum { .. }),
        ),
    ]);
}

#[test]
fn checksums_that_are_none_are_refused() {
    check_all(vec![
        Case::new("nothing", of(""), IS_SYNTAX),
        Case::new("an open list", of("---\nSHA256: [\n"), IS_SYNTAX),
        Case::new("aliases", of("---\nSHA256: &a {}\nSHA512: *a\n"), IS_SYNTAX)
            .says("invalid YAML syntax in checksums at line 2: aliases are not supported"),
        Case::new("an algorithm twice", of("SHA256: {}\nSHA256: {}\n"), IS_SYNTAX),
        Case::new("a text", of("--- text\n"), IS_MALFORMED),
        Case::new("a list", of("--- [SHA256]\n"), IS_MALFORMED),
        Case::new("an object", of("--- !ruby/object:Kernel {}\n"), IS_MALFORMED),
        Case::new("a bomb", of(&"a".repeat(65 << 10)), |refusal| matches!(refusal, Refusal::TooBig { .. }))
            .says("checksums.yaml.gz is too big (over 65536 bytes)"),
    ]);
}
