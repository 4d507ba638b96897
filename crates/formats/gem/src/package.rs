//! The outer archive: which entries a package has and where they lie.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Take};

use crate::limits::Limits;
use crate::refusal::{ArchiveFault, Refusal};
use crate::tar::{BLOCK, BLOCK_BYTES, Block, Header, Kind, is_empty, padding};

/// A place in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where the contents start, in bytes.
    pub(crate) offset: u64,
    /// How long they are, in bytes.
    pub(crate) size: u64,
}

/// The entries of a package, each known to be there once.
#[derive(Debug)]
pub(crate) struct Inventory {
    /// `metadata.gz`, or `metadata` in the packages of old.
    pub(crate) metadata: (MetadataName, Entry),
    /// `data.tar.gz`.
    pub(crate) data: Entry,
    /// `checksums.yaml.gz`.
    pub(crate) checksums: Option<Entry>,
    /// Signatures, by the name of what they sign.
    pub(crate) signatures: BTreeMap<String, Entry>,
}

/// How the gemspec is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetadataName {
    Zipped,
    Plain,
}

impl MetadataName {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Zipped => "metadata.gz",
            Self::Plain => "metadata",
        }
    }
}

pub(crate) const DATA: &str = "data.tar.gz";
pub(crate) const CHECKSUMS: &str = "checksums.yaml.gz";

impl Inventory {
    /// Walks the headers from the first to the end marker, and over the zeros behind it.
    pub(crate) fn of(archive: &mut (impl Read + Seek), limits: &Limits) -> Result<Self, Refusal> {
        let mut collected = Collected::default();
        let mut walk = Walk::new(archive)?;
        let mut count = 0;
        while let Some((name, entry)) = walk.next_entry()? {
            count += 1;
            if count > limits.entries {
                return Err(Refusal::TooManyEntries { limit: limits.entries });
            }
            collected.add(name, entry)?;
        }
        if count == 0 { Err(Refusal::NoEntries) } else { collected.complete() }
    }

    /// The entries that checksums and signatures vouch for, the checksums themselves not among them.
    pub(crate) fn contents(&self) -> [(&'static str, Entry); 2] {
        [(self.metadata.0.as_str(), self.metadata.1), (DATA, self.data)]
    }
}

/// The bytes of one entry.
pub(crate) fn open<R: Read + Seek>(archive: &mut R, entry: Entry) -> Result<Take<&mut R>, Refusal> {
    archive.seek(SeekFrom::Start(entry.offset)).map_err(Refusal::Unreadable)?;
    Ok(archive.take(entry.size))
}

/// The entries seen so far.
#[derive(Default)]
struct Collected {
    metadata: Option<(MetadataName, Entry)>,
    data: Option<Entry>,
    checksums: Option<Entry>,
    signatures: BTreeMap<String, Entry>,
}

impl Collected {
    fn add(&mut self, name: String, entry: Entry) -> Result<(), Refusal> {
        match name.as_str() {
            "metadata.gz" => self.add_metadata(MetadataName::Zipped, entry),
            "metadata" => self.add_metadata(MetadataName::Plain, entry),
            DATA => set(&mut self.data, entry, Refusal::DuplicateData),
            CHECKSUMS => set(&mut self.checksums, entry, Refusal::DuplicateChecksums),
            _ => match name.strip_suffix(".sig") {
                Some(signed) => self.add_signature(signed.to_owned(), entry),
                None => Err(Refusal::UnexpectedEntry { name }),
            },
        }
    }

    fn add_metadata(&mut self, name: MetadataName, entry: Entry) -> Result<(), Refusal> {
        let duplicate = Refusal::DuplicateMetadata { name: name.as_str().to_owned() };
        set(&mut self.metadata, (name, entry), duplicate)
    }

    fn add_signature(&mut self, signed: String, entry: Entry) -> Result<(), Refusal> {
        match self.signatures.insert(signed, entry) {
            Some(_) => Err(Refusal::DuplicateSignatures),
            None => Ok(()),
        }
    }

    fn complete(self) -> Result<Inventory, Refusal> {
        let inventory = Inventory {
            metadata: self.metadata.ok_or(Refusal::MissingMetadata)?,
            data: self.data.ok_or(Refusal::MissingData)?,
            checksums: self.checksums,
            signatures: self.signatures,
        };
        for signed in inventory.signatures.keys() {
            let is_contents = inventory.contents().iter().any(|(name, _)| name == signed);
            match (signed == CHECKSUMS, inventory.checksums) {
                (true, None) => return Err(Refusal::MissingChecksums),
                (false, _) if !is_contents => {
                    return Err(Refusal::UnexpectedEntry { name: format!("{signed}.sig") });
                }
                _ => {}
            }
        }
        Ok(inventory)
    }
}

fn set<T>(slot: &mut Option<T>, value: T, duplicate: Refusal) -> Result<(), Refusal> {
    match slot.replace(value) {
        Some(_) => Err(duplicate),
        None => Ok(()),
    }
}

/// Goes from header to header of a strict archive: plain files only, zeros between them, and nothing behind the end.
struct Walk<'a, R> {
    archive: &'a mut R,
    length: u64,
    offset: u64,
}

impl<'a, R: Read + Seek> Walk<'a, R> {
    fn new(archive: &'a mut R) -> Result<Self, Refusal> {
        let length = archive.seek(SeekFrom::End(0)).map_err(Refusal::Unreadable)?;
        Ok(Self { archive, length, offset: 0 })
    }

    /// The next entry, or none at the end marker. An archive of no bytes is one of no entries.
    fn next_entry(&mut self) -> Result<Option<(String, Entry)>, Refusal> {
        if self.length == 0 {
            return Ok(None);
        }
        let offset = self.offset;
        let block = self.block()?;
        if is_empty(&block) {
            return self.finish().map(|()| None);
        }
        let header = Header::parse(&block, offset).map_err(Refusal::Archive)?;
        let name = plain_file_name(&header, offset).map_err(Refusal::Archive)?;
        let entry = Entry { offset: self.offset, size: header.size };
        self.skip(entry)?;
        Ok(Some((name, entry)))
    }

    fn block(&mut self) -> Result<Block, Refusal> {
        let mut block = [0; BLOCK];
        self.seek()?;
        self.archive.read_exact(&mut block).map_err(truncated)?;
        self.offset += BLOCK_BYTES;
        Ok(block)
    }

    /// Passes over contents, and over padding that must be zeros.
    fn skip(&mut self, entry: Entry) -> Result<(), Refusal> {
        let end = entry.offset.checked_add(entry.size).filter(|end| *end <= self.length);
        self.offset = end.ok_or(Refusal::Archive(ArchiveFault::Truncated))?;
        let mut bytes = [0; BLOCK];
        let length = usize::try_from(padding(entry.size)).expect("less than a block");
        self.seek()?;
        self.archive.read_exact(&mut bytes[..length]).map_err(truncated)?;
        self.zeros(&bytes[..length])?;
        self.offset += length as u64;
        Ok(())
    }

    /// The second empty block, and zeros from there on.
    fn finish(&mut self) -> Result<(), Refusal> {
        let second = self.block()?;
        self.zeros(&second)?;
        let mut bytes = [0; 8192];
        loop {
            match self.archive.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(length) => self.zeros(&bytes[..length])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Refusal::Unreadable(error)),
            }
        }
    }

    fn zeros(&self, bytes: &[u8]) -> Result<(), Refusal> {
        if is_empty(bytes) {
            Ok(())
        } else {
            Err(Refusal::Archive(ArchiveFault::TrailingData { offset: self.offset }))
        }
    }

    fn seek(&mut self) -> Result<(), Refusal> {
        self.archive.seek(SeekFrom::Start(self.offset)).map(|_| ()).map_err(Refusal::Unreadable)
    }
}

fn plain_file_name(header: &Header, offset: u64) -> Result<String, ArchiveFault> {
    if !header.is_ustar {
        return Err(ArchiveFault::Header { offset });
    }
    if header.kind != Kind::File {
        return Err(ArchiveFault::NotAFile { name: header.display_path() });
    }
    String::from_utf8(header.path.clone()).map_err(|_| ArchiveFault::Name { offset })
}

fn truncated(error: io::Error) -> Refusal {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        Refusal::Archive(ArchiveFault::Truncated)
    } else {
        Refusal::Unreadable(error)
    }
}
