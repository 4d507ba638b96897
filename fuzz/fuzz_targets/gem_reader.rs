//! The reader of packages. The first byte says where the others stand in a package: as all of it, or as the piece that they are to be,
//! so that neither gzip nor checksums are in the fuzzer's way.

#![no_main]

use std::io::Cursor;

use gem_format::build::{Tar, checksums, gzip, package, with_checksum};
use gem_format::{Gem, Limits, Specification, check_model, quick_spec, read};
use libfuzzer_sys::fuzz_target;

const GEMSPEC: &str = "--- !ruby/object:Gem::Specification
name: hola
version: !ruby/object:Gem::Version
  version: 1.0.0
authors: [A]
summary: x
";

fuzz_target!(|bytes: &[u8]| {
    let Some((&place, rest)) = bytes.split_first() else { return };
    let package = match place % 5 {
        0 => rest.to_vec(),
        1 => with_true_checksums(rest),
        2 => of(rest, &gzip(&Tar::default().finish())),
        3 => of(GEMSPEC.as_bytes(), &gzip(&with_true_checksums(rest))),
        _ => of_checksums(rest),
    };
    let limits = Limits { data_bytes: 1 << 20, ..Limits::default() };
    let now = jiff::Timestamp::new(1_800_000_000, 0).expect("an instant");
    match read(Cursor::new(package), &limits, now) {
        Ok(gem) => accepted(&gem),
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
    }
});

/// Whatever is accepted can be checked, sent to clients, and kept.
fn accepted(gem: &Gem) {
    let spec = &gem.spec;
    let _ = check_model(spec);
    assert!(!quick_spec(spec).is_empty());
    let json = serde_json::to_string(spec).expect("writes");
    let kept: Specification = serde_json::from_str(&json).expect("reads");
    assert_eq!(&kept, spec);
    assert!(!spec.full_name().contains(['\0', '\n']) || !check_model(spec).is_empty());
}

/// Makes the checksum of every header right: the fuzzer could not guess it.
fn with_true_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut archive = bytes.to_vec();
    for block in archive.as_chunks_mut::<512>().0 {
        if block[257..].starts_with(b"ustar") {
            *block = with_checksum(*block);
        }
    }
    archive
}

fn entries(gemspec: &[u8], data: &[u8]) -> Vec<(String, Vec<u8>)> {
    vec![("metadata".to_owned(), gemspec.to_vec()), ("data.tar.gz".to_owned(), data.to_vec())]
}

fn of(gemspec: &[u8], data: &[u8]) -> Vec<u8> {
    let mut entries = entries(gemspec, data);
    let sums = gzip(checksums(&entries).as_bytes());
    entries.push(("checksums.yaml.gz".to_owned(), sums));
    package(&entries)
}

fn of_checksums(yaml: &[u8]) -> Vec<u8> {
    let mut entries = entries(GEMSPEC.as_bytes(), &gzip(&Tar::default().finish()));
    entries.push(("checksums.yaml.gz".to_owned(), gzip(yaml)));
    package(&entries)
}
