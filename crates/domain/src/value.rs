//! The value of a key: what is shown once, what is kept, and what a caller presents.

use std::fmt;

use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// What every value made here begins with, so that scanners recognize one.
const PREFIX: &str = "keyward_";
/// Characters from the random generator: 40 of 62 possible each, 238 bits.
const RANDOM_LEN: usize = 40;
/// Characters of the check: CRC-32 over all before, enough for any 32-bit number.
const CHECK_LEN: usize = 6;
/// Where the check begins.
const CHECK_START: usize = PREFIX.len() + RANDOM_LEN;
/// The whole length of a value, in bytes.
const VALUE_LEN: usize = CHECK_START + CHECK_LEN;
/// The digits of base 62, in the order of ASCII.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The longest value of another shape that is looked up at all.
const FOREIGN_LIMIT: usize = 512;

/// The plain value of a key. It exists from its making until it has been handed over; then its memory is wiped.
///
/// `keyward_`, 40 base62 characters from the operating system's generator, 6 base62 characters of CRC-32.
pub struct PlainKey(Zeroizing<String>);

impl PlainKey {
    /// Makes a new value.
    ///
    /// # Panics
    ///
    /// When the operating system has no random bytes to give: then no key may be made at all.
    pub fn generate() -> Self {
        // Reserved whole, so that growing never leaves a copy behind.
        let mut value = Zeroizing::new(String::with_capacity(VALUE_LEN));
        value.push_str(PREFIX);
        push_random(&mut value);
        let check = check_digits(value.as_bytes());
        value.extend(check.map(char::from));
        Self(value)
    }

    /// Returns the value itself, to be handed to its owner and to nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what is kept of the value.
    pub fn digest(&self) -> KeyDigest {
        KeyDigest::of(&self.0)
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainKey(…)")
    }
}

/// Fills the value up with random characters, each of the 62 equally likely.
fn push_random(value: &mut String) {
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while value.len() < CHECK_START {
        getrandom::fill(bytes.as_mut()).expect("the operating system gives random bytes");
        // 248 is the greatest multiple of 62 in a byte: what lies above would favour the first digits.
        let digits = bytes.iter().filter(|&&byte| byte < 248).map(|&byte| BASE62[usize::from(byte % 62)]);
        value.extend(digits.take(CHECK_START - value.len()).map(char::from));
        bytes.zeroize();
    }
}

/// Returns the CRC-32 of the bytes in base 62, most significant digit first.
fn check_digits(bytes: &[u8]) -> [u8; CHECK_LEN] {
    let mut rest = crc32fast::hash(bytes);
    let mut digits = [0; CHECK_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// Bytes that are not a digest.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a key digest has 32 bytes, not {0}")]
pub struct InvalidDigest(pub usize);

/// The SHA-256 of a whole key value: all that is kept of it, and what it is found by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// Digests a value as it was presented, prefix and check included.
    pub fn of(value: &str) -> Self {
        Self(Sha256::digest(value.as_bytes()).into())
    }

    /// Takes a digest back from a record.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes, for a record.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for KeyDigest {
    type Error = InvalidDigest;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self).map_err(|_| InvalidDigest(bytes.len()))
    }
}

/// Shows the first 4 bytes: enough to follow one key through a log, too little to find it by.
impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "KeyDigest({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// What somebody presented as a key, before any record is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// A value of our shape whose check is right: worth a look into the records.
    Ours(KeyDigest),
    /// A value of another shape, perhaps an imported key: found by its digest or not at all.
    Foreign(KeyDigest),
    /// Mistyped, cut off or garbage: no record can have it.
    Malformed,
}

impl Presented {
    /// Tells the kinds apart without allocating. What begins like ours must be ours in length, alphabet and check; of the
    /// rest, 1 to 512 printable ASCII characters can be a foreign key.
    pub fn inspect(value: &str) -> Self {
        if value.starts_with(PREFIX) {
            if is_well_formed(value.as_bytes()) { Self::Ours(KeyDigest::of(value)) } else { Self::Malformed }
        } else if is_printable(value) {
            Self::Foreign(KeyDigest::of(value))
        } else {
            Self::Malformed
        }
    }

    /// Returns the digest to look up, or `None` when no record can have it.
    pub fn digest(self) -> Option<KeyDigest> {
        match self {
            Self::Ours(digest) | Self::Foreign(digest) => Some(digest),
            Self::Malformed => None,
        }
    }
}

/// Whether a value with our prefix has our length, alphabet and check.
fn is_well_formed(value: &[u8]) -> bool {
    value.len() == VALUE_LEN
        && value[PREFIX.len()..].iter().all(u8::is_ascii_alphanumeric)
        && value[CHECK_START..] == check_digits(&value[..CHECK_START])
}

/// Whether a value of another shape could be somebody's key.
fn is_printable(value: &str) -> bool {
    (1..=FOREIGN_LIMIT).contains(&value.len()) && value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
