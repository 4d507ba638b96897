use std::ops::Range;

use bytes::Bytes;
use domain::Timestamp;
use md5::Md5;
use sha2::{Digest as _, Sha256};

/// A document as it is at one moment, ready to be served whole or in parts.
#[derive(Debug)]
pub(crate) struct Document {
    segments: Vec<Bytes>,
    length: u64,
    etag: String,
    sha256: Option<[u8; 32]>,
    last_modified: Timestamp,
}

impl Document {
    /// A text of the compact index. Its entity tag is the quoted MD5 of all bytes: clients compute it from their own copy.
    pub(crate) fn text(text: String, last_modified: Timestamp) -> Self {
        let (md5, sha256) = (Md5::digest(&text), Sha256::digest(&text));
        Self::digested(vec![text.into()], md5.into(), sha256.into(), last_modified)
    }

    /// A text whose digests are known.
    pub(crate) fn digested(
        segments: Vec<Bytes>,
        md5: [u8; 16],
        sha256: [u8; 32],
        last_modified: Timestamp,
    ) -> Self {
        let etag = format!("\"{}\"", hex::encode(md5));
        Self { length: total(&segments), segments, etag, sha256: Some(sha256), last_modified }
    }

    /// Bytes that may differ between processes though they mean the same, under a weak tag for what they mean.
    pub(crate) fn tagged(segments: Vec<Bytes>, tag: &str, last_modified: Timestamp) -> Self {
        let etag = format!("W/\"{tag}\"");
        Self { length: total(&segments), segments, etag, sha256: None, last_modified }
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Its entity tag, as the header says it.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// SHA-256 of all bytes, when the document is a text. Only then may parts of it be sent.
    pub(crate) fn sha256(&self) -> Option<&[u8; 32]> {
        self.sha256.as_ref()
    }

    /// When it last changed.
    pub(crate) fn last_modified(&self) -> Timestamp {
        self.last_modified
    }

    /// The bytes of a range, which must lie within the document. Nothing is copied.
    pub(crate) fn slice(&self, range: &Range<u64>) -> Vec<Bytes> {
        let mut start = 0;
        let mut parts = Vec::new();
        for segment in &self.segments {
            let end = start + segment.len() as u64;
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                parts.push(segment.slice(index(from - start)..index(to - start)));
            }
            start = end;
        }
        parts
    }
}

fn total(segments: &[Bytes]) -> u64 {
    segments.iter().map(|segment| segment.len() as u64).sum()
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("an offset within a segment in memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(parts: &[&'static str]) -> Document {
        let segments = parts.iter().map(|part| Bytes::from_static(part.as_bytes())).collect();
        Document::digested(segments, [0; 16], [0; 32], Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_slice_has_the_bytes_of_its_range_across_segments() {
        let document = document(&["abc", "", "de", "fghij"]);
        let whole = "abcdefghij";
        assert_eq!(document.length(), 10);
        for start in 0..10 {
            for end in start..=10 {
                let slice = document.slice(&(start..end)).concat();
                assert_eq!(slice, whole.as_bytes()[index(start)..index(end)], "{start}..{end}");
            }
        }
    }

    #[test]
    fn a_text_is_tagged_with_its_md5() {
        let document = Document::text("---\n".to_owned(), Timestamp::UNIX_EPOCH);
        assert_eq!(document.etag(), "\"6105347ebb9825ac754615ca55ff3b0c\"");
        assert_eq!(document.sha256().unwrap()[..], Sha256::digest("---\n")[..]);
    }
}
