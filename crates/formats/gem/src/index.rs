//! Pieces of `specs.4.8`: the Marshal of an array of `[name, Gem::Version, platform]`.
//!
//! A caller writes [`header`] once and then its [`entry`]s. All entries but the first have bytes of their own that depend on
//! nothing else, so they can be kept and joined later.

use crate::marshal::{HEADER, write_bytes, write_length};

/// How often a symbol was seen before decides how it is written: in full, or by the order of first use.
const ENCODING: (&[u8], &[u8]) = (b":\x06E", b";\x00");
const VERSION: (&[u8], &[u8]) = (b":\x11Gem::Version", b";\x06");

/// The beginning of an index of `count` entries.
pub fn header(count: usize) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    out.push(b'[');
    write_length(&mut out, count);
    out
}

/// Appends one entry: a name, a version number, and the platform as in the gemspec.
///
/// The `first` entry of an index spells out the symbols that the later ones refer to.
pub fn entry(out: &mut Vec<u8>, first: bool, name: &str, number: &str, platform: &str) {
    let symbol =
        |(full, link): (&'static [u8], &'static [u8]), full_here: bool| if full_here { full } else { link };
    out.push(b'[');
    write_length(out, 3);
    string(out, name, symbol(ENCODING, first));
    out.push(b'U');
    out.extend_from_slice(symbol(VERSION, first));
    out.push(b'[');
    write_length(out, 1);
    string(out, number, symbol(ENCODING, false));
    string(out, platform, symbol(ENCODING, false));
}

/// A string with its encoding, UTF-8.
fn string(out: &mut Vec<u8>, text: &str, encoding_symbol: &[u8]) {
    out.extend_from_slice(b"I\"");
    write_bytes(out, text.as_bytes());
    write_length(out, 1);
    out.extend_from_slice(encoding_symbol);
    out.push(b'T');
}
