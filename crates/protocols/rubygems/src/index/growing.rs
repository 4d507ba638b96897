use bytes::Bytes;
use domain::Timestamp;
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::Document;

/// Segments are not joined beyond this many bytes: appending never copies more at once.
const LARGEST_SEGMENT: usize = 4 * 1024 * 1024;

/// A text that only grows, with its digests.
///
/// Its bytes lie in segments like the digits of a binary counter: each is at least twice as long as the next (up to a limit), so
/// there are few, and a byte is copied only when its segment has grown by half. Snapshots share the segments.
#[derive(Debug, Clone, Default)]
pub(crate) struct GrowingText {
    segments: Vec<Bytes>,
    md5: Md5,
    sha256: Sha256,
}

impl GrowingText {
    /// Adds to the end.
    pub(crate) fn append(&mut self, text: &str) {
        self.md5.update(text);
        self.sha256.update(text);
        let mut length = text.len();
        let mut joined = 0;
        for segment in self.segments.iter().rev() {
            if segment.len() >= 2 * length || segment.len() + length > LARGEST_SEGMENT {
                break;
            }
            length += segment.len();
            joined += 1;
        }
        let mut bytes = Vec::with_capacity(length);
        for segment in self.segments.drain(self.segments.len() - joined..) {
            bytes.extend_from_slice(&segment);
        }
        bytes.extend_from_slice(text.as_bytes());
        self.segments.push(bytes.into());
    }

    /// The text as it is now.
    pub(crate) fn snapshot(&self, last_modified: Timestamp) -> Document {
        let (md5, sha256) = (self.md5.clone().finalize(), self.sha256.clone().finalize());
        Document::digested(self.segments.clone(), md5.into(), sha256.into(), last_modified)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_same(growing: &GrowingText, whole: &str) {
        let (grown, made) = (
            growing.snapshot(Timestamp::UNIX_EPOCH),
            Document::text(whole.to_owned(), Timestamp::UNIX_EPOCH),
        );
        assert_eq!(grown.length(), whole.len() as u64);
        assert_eq!(grown.slice(&(0..grown.length())).concat(), whole.as_bytes());
        assert_eq!((grown.etag(), grown.sha256()), (made.etag(), made.sha256()));
    }

    proptest! {
        #[test]
        fn after_any_appends_it_equals_the_whole_text(texts in prop::collection::vec("[a-z\n]{0,300}", 0..60)) {
            let (mut growing, mut whole) = (GrowingText::default(), String::new());
            for text in texts {
                growing.append(&text);
                whole.push_str(&text);
                assert_same(&growing, &whole);
            }
        }
    }

    #[test]
    fn many_small_appends_leave_few_segments() {
        let mut growing = GrowingText::default();
        for number in 0..10_000 {
            growing.append(&format!("gem-{number} 1.0.0 {number:032x}\n"));
        }
        assert!(growing.segments.len() <= 20, "{}", growing.segments.len());
    }

    #[test]
    fn large_segments_are_left_alone() {
        let mut growing = GrowingText::default();
        let large = "x".repeat(LARGEST_SEGMENT - 1);
        growing.append(&large);
        growing.append("yy");
        growing.append(&large);
        assert_eq!(growing.segments.len(), 3);
        assert_same(&growing, &format!("{large}yy{large}"));
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut growing = GrowingText::default();
        growing.append("one\n");
        let before = growing.snapshot(Timestamp::UNIX_EPOCH);
        growing.append("two\n");
        assert_eq!(before.slice(&(0..before.length())).concat(), b"one\n");
    }
}
