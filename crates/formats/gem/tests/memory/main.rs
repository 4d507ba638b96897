//! What reading costs in memory, counted to the byte by an allocator of the test.

mod corpus;

use std::io::Cursor;

use allocation_counter::measure;
use corpus::Hostile;
use gem_format::build::{GemBuilder, gzip, package};
use gem_format::{Limits, read};

/// What reading a package may take beyond its own bytes, in bytes.
const ALLOWED: u64 = 64 << 20;

/// The most bytes that are held at one instant while a package is read.
fn peak(package: &[u8]) -> u64 {
    let now = "2027-01-01T00:00:00Z".parse().expect("an instant");
    measure(|| drop(std::hint::black_box(read(Cursor::new(package), &Limits::default(), now)))).bytes_max
}

fn with_gemspec(text: &str) -> Vec<u8> {
    let data = GemBuilder::new("hola", "1.0.0").data();
    package(&[("metadata.gz".to_owned(), gzip(text.as_bytes())), ("data.tar.gz".to_owned(), data)])
}

fn with_checksums(text: &str) -> Vec<u8> {
    let mut entries = GemBuilder::new("hola", "1.0.0").entries();
    entries[2].1 = gzip(text.as_bytes());
    package(&entries)
}

fn check(hostile: impl IntoIterator<Item = Hostile>, package: fn(&str) -> Vec<u8>) {
    for Hostile { name, once, text } in hostile {
        let peak = peak(&package(&text));
        assert!(peak <= ALLOWED, "{name}: {} MiB, {once} once", peak >> 20);
    }
}

#[test]
fn no_gemspec_takes_much_memory() {
    check(corpus::gemspecs(), with_gemspec);
}

#[test]
fn no_checksums_take_much_memory() {
    check(corpus::checksums(), with_checksums);
}

#[test]
fn the_counter_counts_what_an_ordinary_package_takes() {
    let gem = GemBuilder::new("hola", "1.0.0").file("lib/hola.rb", b"puts 1");
    let ordinary = peak(&gem.build());
    assert!((16 << 10..1 << 20).contains(&ordinary), "{ordinary} bytes");
    let long = peak(&gem.description(&"a".repeat(64_000)).build());
    assert!(long > ordinary + 64_000, "{ordinary} and {long} bytes");
}
