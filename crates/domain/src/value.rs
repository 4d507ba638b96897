//! The value of a key: what is shown once, what is kept, and what a caller presents.

use std::fmt;

use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// What every value made here begins with, so that scanners recognize one.
const PREFIX: &str = "keyward_";
/// Characters from the random generator: 40 of 62 possible each, 238 bits.
const RANDOM_LEN: usize = 40;
/// With so many characters after the prefix a text is taken for a key: more than a name has without a separator.
const RECOGNIZED_LEN: usize = 24;
/// Characters of the check: CRC-32 over all before, enough for any 32-bit number.
const CHECK_LEN: usize = 6;
/// Where the check begins.
const CHECK_START: usize = PREFIX.len() + RANDOM_LEN;
/// The whole length of a value, in bytes.
const VALUE_LEN: usize = CHECK_START + CHECK_LEN;
/// Characters of a token.
const TOKEN_LEN: usize = 43;
/// The digits of base 62, in the order of ASCII.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The longest value of another shape that is looked up at all.
const FOREIGN_LIMIT: usize = 512;

/// The plain value of a key. It exists from its making until it has been handed over; then its memory is
/// wiped.
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
        push_random(&mut value, CHECK_START);
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

/// A secret that is not a key: in the cookie of a session, in a link that is sent by mail. Nothing in it looks like a key, so that
/// scanners for keys do not take it for one. 43 base62 characters, 256 bits; its memory is wiped.
pub struct Token(Zeroizing<String>);

impl Token {
    /// Makes a new one.
    ///
    /// # Panics
    ///
    /// When the operating system has no random bytes to give.
    pub fn generate() -> Self {
        let mut value = Zeroizing::new(String::with_capacity(TOKEN_LEN));
        push_random(&mut value, TOKEN_LEN);
        Self(value)
    }

    /// Returns the text itself, to be handed to whom it is for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what is kept of it.
    pub fn digest(&self) -> KeyDigest {
        KeyDigest::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Fills the value up to `length` with random characters, each of the 62 equally likely.
fn push_random(value: &mut String, length: usize) {
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while value.len() < length {
        getrandom::fill(bytes.as_mut()).expect("the operating system gives random bytes");
        // 248 is the greatest multiple of 62 in a byte: what lies above would favour the first digits.
        let digits = bytes.iter().filter(|&&byte| byte < 248).map(|&byte| BASE62[usize::from(byte % 62)]);
        value.extend(digits.take(length - value.len()).map(char::from));
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
        f.write_str("KeyDigest(")?;
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
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
    /// Tells the kinds apart without allocating. What begins like ours must be ours in length, alphabet and
    /// check; of the rest, 1 to 512 printable ASCII characters can be a foreign key.
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

/// Whether a text has in it what looks like the value of a key of ours, whole or cut off: such a text belongs into no address and no log.
pub fn contains_key(text: &str) -> bool {
    let looks_random = |rest: &&str| {
        let digits = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        digits >= RECOGNIZED_LEN
    };
    text.split(PREFIX).skip(1).any(|rest| looks_random(&rest))
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Values and digests computed with other programs.
    const KNOWN: [(&str, &str); 2] = [
        (
            "keyward_000000000000000000000000000000000000000033i4MW",
            "dbfe7b7aaf7d3a177722de335e2dc81f2bc863bd05f808c8e4caa7161f5a1d5d",
        ),
        (
            "keyward_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn1kWEXJ",
            "175bb470dfa5382d3413cf66567e551154ce33099948837f183198f67b42355f",
        ),
    ];

    #[test]
    fn a_token_is_random_and_does_not_look_like_a_key() {
        let (one, other) = (Token::generate(), Token::generate());
        assert_eq!(one.expose().len(), TOKEN_LEN);
        assert!(one.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one.digest(), other.digest());
        assert!(!format!("{one:?}").contains(one.expose()));
    }

    #[test]
    fn a_generated_value_is_recognized_with_the_digest_that_is_kept() {
        for _ in 0..1000 {
            let key = PlainKey::generate();
            let value = key.expose();
            assert_eq!(value.len(), 54);
            assert!(value.starts_with("keyward_"));
            assert_eq!(Presented::inspect(value), Presented::Ours(key.digest()));
        }
    }

    #[test]
    fn values_follow_the_published_format() {
        for (value, digest) in KNOWN {
            assert_eq!(Presented::inspect(value), Presented::Ours(KeyDigest::of(value)));
            assert_eq!(hex::encode(KeyDigest::of(value).as_bytes()), digest);
        }
    }

    #[test]
    fn a_key_is_found_in_a_text_also_when_it_is_cut_off_and_names_of_packages_are_none() {
        let value = KNOWN[1].0;
        for text in [value, &format!("a={value}&b=c"), &value[..VALUE_LEN - 10], &format!("keyward_{value}")]
        {
            assert!(contains_key(text), "{text}");
        }
        for text in ["", "keyward_", "keyward_client", "keyward_active_record_session_store_adapter"] {
            assert!(!contains_key(text), "{text}");
        }
    }

    #[test]
    fn any_other_character_in_a_value_makes_it_malformed() {
        let key = PlainKey::generate();
        let value = key.expose();
        for at in PREFIX.len()..VALUE_LEN {
            for other in (0..=0x7f_u8).filter(|&other| other != value.as_bytes()[at]) {
                let mut changed = value.as_bytes().to_vec();
                changed[at] = other;
                let changed = String::from_utf8(changed).unwrap();
                assert_eq!(Presented::inspect(&changed), Presented::Malformed, "place {at}");
            }
        }
    }

    #[test]
    fn a_change_of_the_prefix_is_another_value() {
        let key = PlainKey::generate();
        for at in 0..PREFIX.len() {
            let mut changed = key.expose().to_owned();
            changed.replace_range(at..=at, "X");
            let Presented::Foreign(digest) = Presented::inspect(&changed) else { panic!("place {at}") };
            assert_ne!(digest, key.digest());
        }
    }

    #[test]
    fn a_value_of_another_length_is_malformed() {
        let key = PlainKey::generate();
        let value = key.expose();
        for len in PREFIX.len()..VALUE_LEN {
            assert_eq!(Presented::inspect(&value[..len]), Presented::Malformed, "{len}");
        }
        for longer in [format!("{value}0"), format!("{value} "), format!("{value}\n")] {
            assert_eq!(Presented::inspect(&longer), Presented::Malformed);
        }
    }

    #[test]
    fn values_of_other_shapes_are_looked_up_by_digest_if_they_can_be_keys() {
        let long = "x".repeat(513);
        for foreign in ["rubygems_0123abcd", "oy2abc", "Bearer a", "a", " ", &long[..512]] {
            assert_eq!(Presented::inspect(foreign), Presented::Foreign(KeyDigest::of(foreign)));
        }
        for garbage in ["", "a\n", "\0", "ä", "\u{7f}", &long] {
            assert_eq!(Presented::inspect(garbage), Presented::Malformed, "{garbage:?}");
        }
    }

    #[test]
    fn no_two_values_are_equal() {
        let values: HashSet<_> = (0..2000).map(|_| PlainKey::generate().digest()).collect();
        assert_eq!(values.len(), 2000);
    }

    #[test]
    fn every_character_is_about_equally_likely_in_a_value() {
        let mut counts = [0_u32; 128];
        for _ in 0..2000 {
            let key = PlainKey::generate();
            for byte in &key.expose().as_bytes()[PREFIX.len()..CHECK_START] {
                counts[usize::from(*byte)] += 1;
            }
        }
        // 80,000 characters, 1290 of each expected, standard deviation 36: ten of them leave no room for
        // chance.
        for digit in BASE62 {
            let count = counts[usize::from(*digit)];
            assert!((930..1650).contains(&count), "{} came {count} times", char::from(*digit));
        }
    }

    #[test]
    fn debug_texts_show_no_value_and_only_the_start_of_a_digest() {
        let key = PlainKey::generate();
        assert_eq!(format!("{key:?}"), "PlainKey(…)");
        let digest = KeyDigest::from_bytes([0xab; 32]);
        assert_eq!(format!("{digest:?}"), "KeyDigest(abababab…)");
        assert_eq!(format!("{:?}", Presented::Ours(digest)), "Ours(KeyDigest(abababab…))");
    }

    #[test]
    fn a_digest_comes_back_from_its_bytes() {
        let digest = KeyDigest::of("x");
        assert_eq!(KeyDigest::try_from(digest.as_bytes().as_slice()), Ok(digest));
        assert_eq!(KeyDigest::try_from([0; 31].as_slice()), Err(InvalidDigest(31)));
    }
}
