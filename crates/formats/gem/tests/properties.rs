//! What must hold for every input.

use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::Cursor;

use gem_format::build::{GemBuilder, gzip, package};
use gem_format::{Limits, Platform, Requirement, Version, read};
use jiff::Timestamp;
use proptest::prelude::*;

fn versions() -> impl Strategy<Value = Version> {
    // Few different parts, so that versions are often alike.
    let part = prop_oneof!["0{1,2}", "[01]", "1?[0-9]", "[ab]{1,2}", "rc[01]?", "[0-9][a-z][0-9]"];
    ("[0-2]{1,2}", proptest::collection::vec(part, 0..5), proptest::option::of("[ab1-]{1,3}")).prop_map(
        |(first, parts, suffix)| {
            let release = [vec![first], parts].concat().join(".");
            let text = suffix.map_or(release.clone(), |suffix| format!("{release}-{suffix}"));
            Version::parse(&text).expect("made of valid parts")
        },
    )
}

fn hash(version: &Version) -> u64 {
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    hasher.finish()
}

/// The kind of ordering that is at least as strong as both.
fn chained(first: Ordering, second: Ordering) -> Option<Ordering> {
    match (first, second) {
        (a, b) if a == b => Some(a),
        (Ordering::Equal, other) | (other, Ordering::Equal) => Some(other),
        _ => None,
    }
}

proptest! {
    #[test]
    fn versions_are_totally_ordered(a in versions(), b in versions(), c in versions()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&a), Ordering::Equal);
        if let Some(expected) = chained(a.cmp(&b), b.cmp(&c)) {
            prop_assert_eq!(a.cmp(&c), expected);
        }
    }

    #[test]
    fn equal_versions_have_one_canonical_number_and_one_hash(a in versions(), b in versions()) {
        prop_assert_eq!(a == b, a.canonical() == b.canonical(), "{} {}", a, b);
        if a == b {
            prop_assert_eq!(hash(&a), hash(&b));
        }
        prop_assert_eq!(&Version::parse(&a.canonical()).unwrap_or_else(|_| a.clone()), &a);
    }

    #[test]
    fn parsing_never_panics_and_keeps_what_it_accepts(text in ".{0,20}") {
        if let Ok(version) = Version::parse(&text) {
            prop_assert_eq!(Version::parse(version.as_str()), Ok(version));
        }
        if let Ok(requirement) = text.parse::<Requirement>() {
            prop_assert_eq!(requirement.to_string().parse(), Ok(requirement));
        }
        prop_assert_eq!(Platform::new(&text).original.is_empty(), false);
    }
}

fn now() -> Timestamp {
    "2027-01-01T00:00:00Z".parse().expect("an instant")
}

fn sample() -> GemBuilder {
    GemBuilder::new("hola", "1.0.0")
        .dependency("rack", ">= 1")
        .metadata("k", "v")
        .file("lib/hola.rb", b"puts 1")
}

/// Places and new bytes.
fn edits() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8)
}

fn apply(bytes: &mut [u8], edits: &[(usize, u8)]) {
    for (place, byte) in edits {
        let length = bytes.len();
        bytes[place % length] = *byte;
    }
}

proptest! {
    #[test]
    fn a_mutated_package_is_read_or_refused_but_never_breaks_the_reader(edits in edits(), cut in any::<usize>()) {
        let mut bytes = sample().build();
        apply(&mut bytes, &edits);
        let _ = read(Cursor::new(&bytes), &Limits::default(), now());
        bytes.truncate(cut % bytes.len());
        prop_assert!(read(Cursor::new(&bytes), &Limits::default(), now()).is_err());
    }

    #[test]
    fn a_mutated_gemspec_is_read_or_refused_but_never_breaks_the_reader(edits in edits()) {
        let mut gemspec = sample().gemspec().into_bytes();
        apply(&mut gemspec, &edits);
        let entries = [("metadata.gz".to_owned(), gzip(&gemspec)), ("data.tar.gz".to_owned(), sample().data())];
        let _ = read(Cursor::new(package(&entries)), &Limits::default(), now());
    }

    #[test]
    fn mutated_contents_are_read_or_refused_but_never_break_the_reader(edits in edits()) {
        let mut data = gem_format::build::Tar::default();
        data.file("lib/a.rb", b"a");
        data.symlink("lib/b.rb", "a.rb");
        let mut data = data.finish();
        apply(&mut data, &edits);
        let gemspec = gzip(sample().gemspec().as_bytes());
        let entries = [("metadata.gz".to_owned(), gemspec), ("data.tar.gz".to_owned(), gzip(&data))];
        let _ = read(Cursor::new(package(&entries)), &Limits::default(), now());
    }

    #[test]
    fn whatever_stands_in_a_field_comes_out_as_it_went_in(summary in "[^\u{0}]{0,30}", value in "[ -~]{0,30}") {
        let gem = sample().summary(&summary).metadata("free", &value).build();
        let gem = read(Cursor::new(gem), &Limits::default(), now()).expect("a good package");
        prop_assert_eq!(gem.spec.summary, summary);
        prop_assert_eq!(&gem.spec.metadata["free"], &value);
    }
}
