//! Why a package is refused.

use std::io;

/// A rule that the package breaks. The text is what the publisher reads.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The source of the bytes failed; the package itself may be fine.
    #[error("the package could not be read: {0}")]
    Unreadable(#[source] io::Error),

    /// Not one entry before the end.
    #[error("gem package contains no entries")]
    NoEntries,
    /// The package is not a well-formed ustar archive.
    #[error("gem package is not a valid tar archive: {0}")]
    Archive(ArchiveFault),
    /// More entries than a package can have.
    #[error("gem package contains too many entries (over {limit})")]
    TooManyEntries {
        /// The most that are accepted.
        limit: usize,
    },
    /// An entry that no package has.
    #[error("unexpected gem file entry: {name:?}")]
    UnexpectedEntry {
        /// Its name.
        name: String,
    },
    /// `metadata` or `metadata.gz` twice, or both.
    #[error("duplicate metadata file: already processed metadata, found {name}")]
    DuplicateMetadata {
        /// The second one.
        name: String,
    },
    /// A second `data.tar.gz`.
    #[error("duplicate data.tar.gz file found")]
    DuplicateData,
    /// A second `checksums.yaml.gz`.
    #[error("duplicate checksums.yaml.gz file found")]
    DuplicateChecksums,
    /// A second signature of one entry.
    #[error("duplicate signatures files found")]
    DuplicateSignatures,
    /// Neither `metadata.gz` nor `metadata`.
    #[error("missing metadata.gz file")]
    MissingMetadata,
    /// No `data.tar.gz`.
    #[error("missing data.tar.gz file")]
    MissingData,
    /// A signature of `checksums.yaml.gz` without the file.
    #[error("missing checksums.yaml.gz file")]
    MissingChecksums,

    /// The gemspec or the checksums are too long after unzip.
    #[error("{name} is too big (over {limit} bytes)")]
    TooBig {
        /// The entry.
        name: &'static str,
        /// The most bytes that are accepted.
        limit: u64,
    },
    /// A signature is too long.
    #[error("signature is too large")]
    SignatureTooLarge,
    /// An entry that must be gzip is not, is damaged, or goes on after its end.
    #[error("{name} is not a valid gzip file: {fault}")]
    Gzip {
        /// The entry.
        name: &'static str,
        /// What is wrong.
        fault: GzipFault,
    },

    /// The gemspec is not YAML, or is more than one document, or holds a key twice.
    #[error("invalid YAML syntax at line {line}: {reason}")]
    InvalidYaml {
        /// Where, counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The checksums are not YAML, or refer to one another.
    #[error("invalid YAML syntax in checksums at line {line}: {reason}")]
    InvalidChecksumsYaml {
        /// Where, counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The gemspec has anchors or aliases; see [`Refusal::is_alias`].
    #[error("aliases in the YAML gemspec are not supported (line {line})")]
    Aliases {
        /// Where, counted from 1.
        line: usize,
    },
    /// The gemspec says something that no gemspec says.
    #[error("gemspec validation failed: {0}")]
    Schema(String),
    /// The gemspec breaks a rule of `gem build`.
    #[error("{0}")]
    Policy(String),

    /// The checksums are not a map of algorithms to maps of entries to digests.
    #[error("invalid checksums: {0}")]
    MalformedChecksums(String),
    /// No mandatory checksum of an entry.
    #[error("expected checksum for {name:?} but found none")]
    MissingChecksum {
        /// The entry.
        name: String,
    },
    /// A checksum of an entry that does not exist.
    #[error("found checksum for {name:?} but no such file")]
    NeedlessChecksum {
        /// The missing entry.
        name: String,
    },
    /// An entry is not what its checksum says.
    #[error("expected {name:?} to have {actual} but was {claimed}")]
    WrongChecksum {
        /// The entry.
        name: String,
        /// The digest of its bytes, in lower-case hex.
        actual: String,
        /// The digest in `checksums.yaml.gz`.
        claimed: String,
    },

    /// The contents are too large, too many or not safe to unpack.
    #[error("data.tar.gz is refused: {0}")]
    Contents(ContentsFault),

    /// Certificates, but nothing is signed.
    #[error("Cert chain provided, but no signatures found")]
    CertChainWithoutSignatures,
    /// Some entries are signed and this one is not.
    #[error("missing signature for {name}")]
    MissingSignature {
        /// The entry.
        name: String,
    },
    /// Signatures, but no certificate.
    #[error("missing signing certificate")]
    MissingSigningCertificate,
    /// A signature or a certificate does not hold; the text tells no more, as clients know it.
    #[error("couldn't verify gem signature")]
    BadSignature(#[source] SignatureFault),
}

impl Refusal {
    /// Whether the gemspec has YAML anchors or aliases, for which clients expect an answer of its own.
    pub fn is_alias(&self) -> bool {
        matches!(self, Self::Aliases { .. })
    }

    /// Whether the source of the bytes failed, so that the publisher should try again.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

/// What is wrong with a tar archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFault {
    /// The bytes end before the archive does.
    #[error("it is truncated")]
    Truncated,
    /// A header's own checksum does not fit it.
    #[error("the header at byte {offset} is damaged")]
    Header {
        /// Where the header starts.
        offset: u64,
    },
    /// A field that must hold an octal number does not, or the number is too large.
    #[error("the header at byte {offset} has an invalid number")]
    Number {
        /// Where the header starts.
        offset: u64,
    },
    /// A name that is not UTF-8, is empty, or has bytes after its end.
    #[error("the header at byte {offset} has an invalid name")]
    Name {
        /// Where the header starts.
        offset: u64,
    },
    /// An entry that is not a plain file: a folder, a link, a device, or a record that renames the next entry.
    #[error("{name:?} is not a plain file")]
    NotAFile {
        /// The entry.
        name: String,
    },
    /// Bytes other than zeros after an entry or after the end of the archive.
    #[error("there is trailing data at byte {offset}")]
    TrailingData {
        /// Where they start, to within a block of 512 bytes.
        offset: u64,
    },
}

/// What is wrong with a gzip file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GzipFault {
    /// The header, the compressed data or the checksum at the end.
    #[error("it is damaged")]
    Damaged,
    /// The bytes end too early.
    #[error("it is truncated")]
    Truncated,
    /// Something follows the end, be it another gzip member.
    #[error("there is trailing data")]
    TrailingData,
}

/// What is wrong with `data.tar.gz`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentsFault {
    /// It is not a valid tar archive.
    #[error("not a valid tar archive: {0}")]
    Archive(ArchiveFault),
    /// More entries than accepted.
    #[error("it contains too many entries (over {limit})")]
    TooManyEntries {
        /// The most that are accepted.
        limit: u64,
    },
    /// Unpacks to more bytes than accepted.
    #[error("it is too big (over {limit} bytes unpacked)")]
    TooBig {
        /// The most bytes that are accepted.
        limit: u64,
    },
    /// Packed so tightly that it can only be meant to exhaust its reader.
    #[error("it unpacks to over {limit} times its size")]
    TooDense {
        /// The largest ratio that is accepted.
        limit: u64,
    },
    /// A path that would be written outside of the gem's folder.
    #[error("{path:?} leaves the gem's directory")]
    Traversal {
        /// The path.
        path: String,
    },
    /// A link to something outside of the gem's folder.
    #[error("{path:?} links to {target:?}, outside of the gem's directory")]
    LinkOutside {
        /// The link.
        path: String,
        /// What it points to.
        target: String,
    },
    /// A path that leads through a symbolic link of the same archive.
    #[error("{path:?} lies behind a symbolic link")]
    ThroughLink {
        /// The path.
        path: String,
    },
    /// A device, a pipe or another thing that is neither file, folder nor link.
    #[error("{path:?} is not a file, a directory or a symbolic link")]
    SpecialFile {
        /// The path.
        path: String,
    },
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// A certificate cannot be read.
    #[error("a certificate is malformed")]
    MalformedCertificate,
    /// More certificates than any real chain has.
    #[error("there are too many certificates")]
    ChainTooLong,
    /// A certificate is not valid yet or no longer.
    #[error("a certificate is not valid at this time")]
    OutOfDate,
    /// A certificate was not issued by the one before it.
    #[error("a certificate was not issued by the one before it")]
    BrokenChain,
    /// The first certificate does not sign itself.
    #[error("the root certificate is not self-signed")]
    RootNotSelfSigned,
    /// The signature does not fit the entry and the signer's key, or the kind of key is not supported.
    #[error("a signature does not fit")]
    Mismatch,
}
