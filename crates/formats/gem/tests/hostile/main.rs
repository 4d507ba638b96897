//! Hostile packages: each is built here, read within bounds, and refused by name.

mod container;
mod contents;
mod gemspec;
mod sums;

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use gem_format::build::{GemBuilder, gzip, package};
use gem_format::{Gem, Limits, Refusal, read};

/// The entries of a package by name.
type Entries = Vec<(String, Vec<u8>)>;

/// A package and the refusal it must meet.
struct Case {
    /// What is hostile about it.
    name: &'static str,
    bytes: Vec<u8>,
    is_expected: fn(&Refusal) -> bool,
    /// The text the publisher must read, where clients know it.
    text: Option<&'static str>,
}

impl Case {
    fn new(name: &'static str, bytes: Vec<u8>, is_expected: fn(&Refusal) -> bool) -> Self {
        Self { name, bytes, is_expected, text: None }
    }

    fn says(mut self, text: &'static str) -> Self {
        self.text = Some(text);
        self
    }

    fn check(&self) {
        let Err(refusal) = read_within_bounds(&self.bytes, &Limits::default()) else {
            panic!("{} is accepted", self.name);
        };
        assert!((self.is_expected)(&refusal), "{}: {refusal:?}", self.name);
        if let Some(text) = self.text {
            assert_eq!(refusal.to_string(), text, "{}", self.name);
        }
    }
}

/// Checks every case of a table.
fn check_all(cases: Vec<Case>) {
    assert!(!cases.is_empty());
    for case in cases {
        case.check();
    }
}

/// A good package to be spoilt.
fn good() -> GemBuilder {
    GemBuilder::new("hola", "1.0.0").file("lib/hola.rb", b"puts 1")
}

/// The entries of the good package, after a change.
fn changed(change: impl FnOnce(&mut Entries)) -> Vec<u8> {
    let mut entries = good().entries();
    change(&mut entries);
    package(&entries)
}

/// A package without checksums, of this gemspec and this `data.tar.gz`.
fn unsummed(metadata: &[u8], data: Vec<u8>) -> Vec<u8> {
    package(&[("metadata.gz".to_owned(), gzip(metadata)), ("data.tar.gz".to_owned(), data)])
}

/// Counts the bytes that are read.
struct Counted<'bytes> {
    source: Cursor<&'bytes [u8]>,
    read: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.read += length as u64;
        Ok(length)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.source.seek(position)
    }
}

/// Reads a package and sees that no byte is read more than a few times, and that it does not take long.
fn read_within_bounds(bytes: &[u8], limits: &Limits) -> Result<Gem, Refusal> {
    let mut source = Counted { source: Cursor::new(bytes), read: 0 };
    let start = Instant::now();
    let result = read(&mut source, limits, "2027-01-01T00:00:00Z".parse().expect("an instant"));
    // Contents are hashed, then scanned; buffers may read a little ahead.
    assert!(source.read <= 3 * bytes.len() as u64 + 4096, "{} of {} bytes", source.read, bytes.len());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    result
}

#[test]
fn the_good_package_that_the_others_are_spoilt_from_is_accepted() {
    let gem = read_within_bounds(&good().build(), &Limits::default()).expect("a good package");
    assert_eq!(gem.spec.full_name(), "hola-1.0.0");
    assert!(!gem.signed);
}

/// The most memory this process ever had, in KiB, where the system tells.
#[cfg(target_os = "linux")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[cfg(target_os = "linux")]
#[test]
fn the_worst_packages_do_not_exhaust_memory() {
    let bombs = [contents::dense(), gemspec::gzip_bomb(), gemspec::most_values(), gemspec::deep("[")];
    let before = peak_memory();
    for bomb in &bombs {
        assert!(read_within_bounds(bomb, &Limits::default()).is_err());
    }
    let grown = peak_memory() - before;
    assert!(grown < 64 * 1024, "grew by {grown} KiB");
}
