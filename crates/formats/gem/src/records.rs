//! Records inside a tar archive that give the next entry a longer path or link than its header has room for.

use crate::tar::Kind;

/// What the records before an entry say of it. `RubyGems` ignores some of them and other programs none, so both the header and
/// the records must be harmless.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Records {
    /// The longer path.
    pub(crate) path: Option<Vec<u8>>,
    /// The longer target of a link.
    pub(crate) link: Option<Vec<u8>>,
}

impl Records {
    /// Takes in one record. None if it is malformed.
    pub(crate) fn add(&mut self, kind: Kind, record: &[u8]) -> Option<()> {
        let text = record.strip_suffix(&[0]).unwrap_or(record);
        match kind {
            Kind::LongName => self.path = Some(text.to_vec()),
            Kind::LongLink => self.link = Some(text.to_vec()),
            _ => self.add_attributes(record)?,
        }
        Some(())
    }

    fn add_attributes(&mut self, record: &[u8]) -> Option<()> {
        for (key, value) in attributes(record)? {
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                // It would move the next header, for some programs and not for others.
                b"size" => return None,
                _ => {}
            }
        }
        Some(())
    }
}

/// The pairs of a record of attributes: `LENGTH KEY=VALUE` and a newline, where the length counts all of it.
fn attributes(mut record: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut pairs = Vec::new();
    while !record.is_empty() {
        let space = record.iter().take(8).position(|byte| *byte == b' ')?;
        let length: usize = std::str::from_utf8(&record[..space]).ok()?.parse().ok()?;
        let line = record.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = line.iter().position(|byte| *byte == b'=')?;
        pairs.push((&line[..equals], &line[equals + 1..]));
        record = &record[length..];
    }
    Some(pairs)
}
