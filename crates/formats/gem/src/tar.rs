//! Headers of a tar archive: 512 bytes that name an entry and say how long it is.

use crate::refusal::ArchiveFault;

/// Bytes of a block: headers are one block, and contents are padded to whole ones.
pub(crate) const BLOCK: usize = 512;
/// The same, for arithmetic on offsets.
pub(crate) const BLOCK_BYTES: u64 = 512;

/// One block of an archive.
pub(crate) type Block = [u8; BLOCK];

/// What a header says. Owner and group are not looked at: nobody uses them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The path: the prefix, a slash and the name, or the name alone.
    pub(crate) path: Vec<u8>,
    /// The size of the contents in bytes, without padding.
    pub(crate) size: u64,
    /// What a link points to.
    pub(crate) link: Vec<u8>,
    /// What the entry is.
    pub(crate) kind: Kind,
    /// Whether the header is of the ustar family.
    pub(crate) is_ustar: bool,
}

/// What an entry is, by its type flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `0`, or zero in archives older than ustar, or `7`.
    File,
    /// `1`: another name of an earlier entry.
    HardLink,
    /// `2`
    SymbolicLink,
    /// `5`
    Directory,
    /// `L`: GNU's record of the next entry's path.
    LongName,
    /// `K`: GNU's record of the next entry's link.
    LongLink,
    /// `x` and `g`: records of attributes of the next entry or of all.
    Attributes,
    /// Devices, pipes and what else there is.
    Other,
}

impl Header {
    /// Reads the block at `offset`, which the refusals name.
    pub(crate) fn parse(block: &Block, offset: u64) -> Result<Self, ArchiveFault> {
        let number =
            |range: std::ops::Range<usize>| octal(&block[range]).ok_or(ArchiveFault::Number { offset });
        let text = |range: std::ops::Range<usize>| text(&block[range]).ok_or(ArchiveFault::Name { offset });
        if number(148..156)? != checksum(block) {
            return Err(ArchiveFault::Header { offset });
        }
        // The mode and the time are not used, but RubyGems does not install what has other than numbers there.
        number(100..108)?;
        number(136..148)?;
        let path = join(text(345..500)?, text(0..100)?);
        if path.is_empty() {
            return Err(ArchiveFault::Name { offset });
        }
        Ok(Self {
            path,
            size: number(124..136)?,
            link: text(157..257)?.to_vec(),
            kind: Kind::of(block[156]),
            is_ustar: block[257..].starts_with(b"ustar"),
        })
    }

    /// The path, readable even if it is not UTF-8.
    pub(crate) fn display_path(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

impl Kind {
    fn of(flag: u8) -> Self {
        match flag {
            b'0' | 0 | b'7' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::SymbolicLink,
            b'5' => Self::Directory,
            b'L' => Self::LongName,
            b'K' => Self::LongLink,
            b'x' | b'g' => Self::Attributes,
            _ => Self::Other,
        }
    }
}

/// Whether the block marks the end of the archive.
pub(crate) fn is_empty(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// The padding behind contents of this size, in bytes.
pub(crate) fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK_BYTES) - size
}

/// The sum of the bytes, with the checksum itself read as spaces.
fn checksum(block: &Block) -> u64 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    sum(&block[..148]) + 8 * u64::from(b' ') + sum(&block[156..])
}

/// An octal number among spaces and zero bytes; nothing at all is zero. Twelve digits cannot overflow.
///
/// GNU's binary form for numbers beyond that is refused: nothing in a gem is so large.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|byte| *byte != b' ').unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(start, |last| last + 1);
    field[start..end.max(start)].iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'7' => Some(number << 3 | u64::from(digit - b'0')),
        _ => None,
    })
}

/// The bytes before the first zero, behind which nothing but zeros may follow.
fn text(field: &[u8]) -> Option<&[u8]> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    is_empty(&field[end..]).then_some(&field[..end])
}

fn join(prefix: &[u8], name: &[u8]) -> Vec<u8> {
    if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_numbers_stand_among_spaces_and_zeros_and_nothing_else() {
        for (field, number) in [
            (&b"00000000012\0"[..], Some(10)),
            (b"12 \0", Some(10)),
            (b"   12", Some(10)),
            (b"777777777777", Some(0o7777_7777_7777)),
            (b"\0\0\0", Some(0)),
            (b"    ", Some(0)),
            (b"", Some(0)),
            (b"8", None),
            (b"1 2", None),
            (b"1\x002", None),
            (b"-1", None),
            (b"\x80\0\0\x01", None),
        ] {
            assert_eq!(octal(field), number, "{field:?}");
        }
    }

    #[test]
    fn padding_fills_the_last_block() {
        assert_eq!([0, 1, 511, 512, 513].map(padding), [0, 511, 1, 0, 511]);
    }

    #[test]
    fn nothing_may_stand_behind_the_end_of_a_text() {
        assert_eq!(text(b"abc\0\0"), Some(&b"abc"[..]));
        assert_eq!(text(b"abc"), Some(&b"abc"[..]));
        assert_eq!(text(b"a\0c"), None);
    }
}
