//! Gzip files of exactly one member.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use crate::refusal::{GzipFault, Refusal};

/// Unzips a whole entry into memory, up to a limit in bytes.
pub(crate) fn unzip(source: impl Read, name: &'static str, limit: u64) -> Result<Vec<u8>, Refusal> {
    let mut decoder = GzDecoder::new(BufReader::new(source));
    let contents = bounded(&mut decoder, name, limit)?;
    finish(decoder.into_inner(), name)?;
    Ok(contents)
}

/// Reads to the end, up to a limit in bytes.
pub(crate) fn bounded(source: &mut impl Read, name: &'static str, limit: u64) -> Result<Vec<u8>, Refusal> {
    let mut contents = Vec::new();
    source.take(limit + 1).read_to_end(&mut contents).map_err(|error| refusal(error, name))?;
    if contents.len() as u64 > limit { Err(Refusal::TooBig { name, limit }) } else { Ok(contents) }
}

/// Refuses what follows the member that was read.
pub(crate) fn finish(mut source: impl BufRead, name: &'static str) -> Result<(), Refusal> {
    let rest = source.fill_buf().map_err(Refusal::Unreadable)?;
    if rest.is_empty() { Ok(()) } else { Err(Refusal::Gzip { name, fault: GzipFault::TrailingData }) }
}

/// Tells a fault of the gzip file from one of its source.
pub(crate) fn refusal(error: io::Error, name: &'static str) -> Refusal {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Refusal::Gzip { name, fault: GzipFault::Truncated },
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            Refusal::Gzip { name, fault: GzipFault::Damaged }
        }
        _ => Refusal::Unreadable(error),
    }
}
