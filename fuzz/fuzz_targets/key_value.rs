//! What somebody presents as a key: told apart without a look into the records.

#![no_main]

use domain::{KeyDigest, Presented};
use libfuzzer_sys::fuzz_target;

const PREFIX: &str = "keyward_";
/// The prefix, 40 random characters and 6 of the check.
const LENGTH: usize = PREFIX.len() + 40 + 6;

fuzz_target!(|value: &str| {
    match Presented::inspect(value) {
        Presented::Ours(digest) => {
            assert_eq!(digest, KeyDigest::of(value));
            assert_eq!(value.len(), LENGTH);
            assert!(value.starts_with(PREFIX));
            assert_eq!(Presented::inspect(&mistyped(value)), Presented::Malformed);
        }
        Presented::Foreign(digest) => {
            assert_eq!(digest, KeyDigest::of(value));
            assert!(!value.starts_with(PREFIX));
            assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        }
        Presented::Malformed => {
            assert_eq!(Presented::inspect(value).digest(), None);
        }
    }
});

/// The value with another last character.
fn mistyped(value: &str) -> String {
    let (start, last) = value.split_at(value.len() - 1);
    format!("{start}{}", if last == "0" { '1' } else { '0' })
}
