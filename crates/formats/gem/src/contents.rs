//! A look at `data.tar.gz` without unpacking it: how much it is, and whether it stays where it belongs.

use std::io::{BufReader, Read};

use flate2::bufread::GzDecoder;

use crate::gzip;
use crate::limits::Limits;
use crate::package::DATA;
use crate::path::Paths;
use crate::readme::{Readme, readme_at};
use crate::records::Records;
use crate::refusal::{ArchiveFault, ContentsFault, Refusal};
use crate::tar::{BLOCK, BLOCK_BYTES, Block, Header, Kind, is_empty, padding};

/// The longest record of a long name or of attributes, in bytes. File systems end at 4096.
const LONGEST_RECORD: u64 = 64 * 1024;

/// Reads the whole of `data.tar.gz`, whose length in bytes is `size`, and keeps nothing of it but the readme.
pub(crate) fn scan(source: impl Read, size: u64, limits: &Limits) -> Result<Option<Readme>, Refusal> {
    let decoder = GzDecoder::new(BufReader::with_capacity(64 * 1024, source));
    let mut scan = Scan {
        source: decoder,
        offset: 0,
        paths: Paths::default(),
        records: Records::default(),
        bounds: Bounds::new(size, limits),
        longest_readme: limits.readme_bytes,
        readme: None,
    };
    let mut count = 0;
    while let Some(header) = scan.header()? {
        count += 1;
        if count > limits.data_entries {
            return Err(Refusal::Contents(ContentsFault::TooManyEntries { limit: limits.data_entries }));
        }
        scan.entry(&header)?;
    }
    gzip::finish(scan.source.into_inner(), DATA)?;
    Ok(scan.readme.map(|(_, readme)| readme))
}

/// How much may come out of the gzip file, and what it is called when more does.
struct Bounds {
    bytes: u64,
    exceeded: ContentsFault,
}

impl Bounds {
    fn new(size: u64, limits: &Limits) -> Self {
        let by_ratio = size.saturating_mul(limits.data_ratio).max(limits.data_ratio_floor);
        if by_ratio < limits.data_bytes {
            Self { bytes: by_ratio, exceeded: ContentsFault::TooDense { limit: limits.data_ratio } }
        } else {
            Self { bytes: limits.data_bytes, exceeded: ContentsFault::TooBig { limit: limits.data_bytes } }
        }
    }
}

/// A walk over the entries of a stream.
struct Scan<R> {
    source: R,
    offset: u64,
    paths: Paths,
    records: Records,
    bounds: Bounds,
    longest_readme: u64,
    /// The best readme so far, and how good it is.
    readme: Option<(usize, Readme)>,
}

impl<R: Read> Scan<R> {
    /// The next header, or none at the end. The end marker may be missing: `RubyGems` reads such archives too.
    fn header(&mut self) -> Result<Option<Header>, Refusal> {
        let offset = self.offset;
        let mut block = [0; BLOCK];
        match self.fill(&mut block)? {
            0 => return Ok(None),
            BLOCK => {}
            _ => return Err(archive(ArchiveFault::Truncated)),
        }
        if is_empty(&block) {
            return self.rest_is_empty().map(|()| None);
        }
        Header::parse(&block, offset).map(Some).map_err(archive)
    }

    /// Judges one entry and passes over its contents.
    fn entry(&mut self, header: &Header) -> Result<(), Refusal> {
        let contents = self.offset;
        if matches!(header.kind, Kind::LongName | Kind::LongLink | Kind::Attributes) {
            let record = self.record(header)?;
            let known = self.records.add(header.kind, &record);
            known.ok_or(archive(ArchiveFault::Name { offset: contents }))?;
        } else {
            let readme = self.readme_of(header);
            self.judge(header).map_err(Refusal::Contents)?;
            if let Some((rank, name)) = readme {
                self.keep_readme(rank, name, header.size)?;
            }
        }
        let read = self.offset - contents;
        self.skip(header.size - read + padding(header.size))
    }

    /// Judges the paths and links of an entry, those of its header and those of the records before it.
    fn judge(&mut self, header: &Header) -> Result<(), ContentsFault> {
        let records = std::mem::take(&mut self.records);
        let link = records.link.as_ref().unwrap_or(&header.link);
        for path in [Some(&header.path), records.path.as_ref()].into_iter().flatten() {
            match header.kind {
                Kind::SymbolicLink => self.paths.symbolic_link(path, link)?,
                Kind::HardLink => self.paths.hard_link(path, link)?,
                Kind::Other => return Err(ContentsFault::SpecialFile { path: header.display_path() }),
                _ => self.paths.file(path)?,
            }
        }
        Ok(())
    }

    /// The name of a readme that is better than what was seen so far, and how good it is.
    fn readme_of(&self, header: &Header) -> Option<(usize, String)> {
        let path = self.records.path.as_ref().unwrap_or(&header.path);
        let best = self.readme.as_ref().map_or(usize::MAX, |(rank, _)| *rank);
        let fits = header.kind == Kind::File && header.size <= self.longest_readme;
        readme_at(path).filter(|(rank, _)| fits && *rank < best)
    }

    /// Keeps a text; what is none is passed over.
    fn keep_readme(&mut self, rank: usize, name: String, size: u64) -> Result<(), Refusal> {
        let mut bytes = vec![0; usize::try_from(size).expect("just bounded")];
        if self.fill(&mut bytes)? < bytes.len() {
            return Err(archive(ArchiveFault::Truncated));
        }
        if let Ok(text) = String::from_utf8(bytes) {
            self.readme = Some((rank, Readme { name, text }));
        }
        Ok(())
    }

    fn record(&mut self, header: &Header) -> Result<Vec<u8>, Refusal> {
        if header.size > LONGEST_RECORD {
            return Err(archive(ArchiveFault::Name { offset: self.offset }));
        }
        let mut record = vec![0; usize::try_from(header.size).expect("just bounded")];
        if self.fill(&mut record)? == record.len() {
            Ok(record)
        } else {
            Err(archive(ArchiveFault::Truncated))
        }
    }

    fn skip(&mut self, mut length: u64) -> Result<(), Refusal> {
        let mut bytes = [0; 16 * BLOCK];
        while length > 0 {
            let wanted =
                usize::try_from(length.min(16 * BLOCK_BYTES)).expect("the size of the buffer at most");
            let got = self.fill(&mut bytes[..wanted])?;
            if got < wanted {
                return Err(archive(ArchiveFault::Truncated));
            }
            length -= got as u64;
        }
        Ok(())
    }

    fn rest_is_empty(&mut self) -> Result<(), Refusal> {
        let mut block: Block = [0; BLOCK];
        loop {
            let offset = self.offset;
            let got = self.fill(&mut block)?;
            if !is_empty(&block[..got]) {
                return Err(archive(ArchiveFault::TrailingData { offset }));
            }
            if got == 0 {
                return Ok(());
            }
        }
    }

    /// Reads as much as there is room for or as there is left, and counts it.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Refusal> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.source.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(length) => filled += length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(gzip::refusal(error, DATA)),
            }
        }
        self.offset += filled as u64;
        if self.offset > self.bounds.bytes {
            return Err(Refusal::Contents(self.bounds.exceeded.clone()));
        }
        Ok(filled)
    }
}

fn archive(fault: ArchiveFault) -> Refusal {
    Refusal::Contents(ContentsFault::Archive(fault))
}
