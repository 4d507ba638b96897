use std::io::Write as _;

use bytes::Bytes;
use crc32fast::Hasher;
use flate2::{Compression, write::DeflateEncoder};

/// A member without name and time, from no system in particular.
const HEADER: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The last block, which is empty.
const END: [u8; 2] = [3, 0];

/// Compressed bytes that refer to nothing before them and end at the border of a byte, so that pieces can be joined in any order.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    bytes: Bytes,
    check: Hasher,
}

impl Piece {
    /// Compresses `plain`.
    pub(super) fn new(plain: &[u8]) -> Self {
        let mut check = Hasher::new();
        check.update(plain);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        // Flushing ends the last block with an empty stored one, which ends with its byte.
        encoder.write_all(plain).and_then(|()| encoder.flush()).expect("a vector takes every byte");
        let bytes = std::mem::take(encoder.get_mut());
        Self { bytes: bytes.into(), check }
    }
}

/// One gzip member made of pieces.
#[derive(Debug)]
pub(super) struct Member {
    segments: Vec<Bytes>,
    check: Hasher,
}

impl Member {
    pub(super) fn new() -> Self {
        Self { segments: vec![Bytes::from_static(HEADER)], check: Hasher::new() }
    }

    /// Appends a piece. Costs little, however long the piece is.
    pub(super) fn push(&mut self, piece: &Piece) {
        self.segments.push(piece.bytes.clone());
        self.check.combine(&piece.check);
    }

    /// Ends the member with its check sum and length.
    pub(super) fn finish(mut self) -> Vec<Bytes> {
        // The format keeps the lowest 32 bits of the length.
        let length = self.check.total_len().to_le_bytes();
        let check = self.check.finalize().to_le_bytes();
        self.segments.push([END.as_slice(), &check, &length[..4]].concat().into());
        self.segments
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn gunzip(segments: &[Bytes]) -> Vec<u8> {
        let joined = segments.concat();
        let (mut decoder, mut plain) = (GzDecoder::new(joined.as_slice()), Vec::new());
        decoder.read_to_end(&mut plain).unwrap();
        assert!(decoder.into_inner().is_empty(), "there is one member and nothing behind it");
        plain
    }

    proptest! {
        #[test]
        fn pieces_in_any_order_are_one_member(
            plains in prop::collection::vec(prop::collection::vec(0u8..4, 0..3000), 0..8),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let pieces: Vec<_> = plains.iter().map(|plain| Piece::new(plain)).collect();
            let (mut member, mut expected) = (Member::new(), Vec::new());
            if !plains.is_empty() {
                for index in order {
                    member.push(&pieces[index.index(pieces.len())]);
                    expected.extend_from_slice(&plains[index.index(pieces.len())]);
                }
            }
            assert_eq!(gunzip(&member.finish()), expected);
        }
    }
}
