//! How much a package may ask of its reader.

use crate::yaml;

/// Bounds on what [`read`](crate::read()) accepts. The defaults fit every real gem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The gemspec after unzip, in bytes.
    pub metadata_bytes: u64,
    /// `checksums.yaml.gz` after unzip, in bytes.
    pub checksums_bytes: u64,
    /// One signature, in bytes.
    pub signature_bytes: u64,
    /// Entries of the package itself (it needs two, and at most six).
    pub entries: usize,
    /// Entries of `data.tar.gz`, long-name and attribute records included.
    pub data_entries: u64,
    /// `data.tar.gz` after unzip, in bytes, headers and padding included.
    pub data_bytes: u64,
    /// A readme that is kept, in bytes. A longer one is passed over.
    pub readme_bytes: u64,
    /// How many bytes one byte of `data.tar.gz` may become. Gzip itself cannot exceed 1032.
    pub data_ratio: u64,
    /// Below this many unpacked bytes the ratio is not looked at: small texts of zeros are harmless.
    pub data_ratio_floor: u64,
    /// How deep lists and maps of a YAML document may be nested, in levels.
    pub yaml_depth: usize,
    /// Scalars, lists and maps of a YAML document, counted together.
    pub yaml_nodes: usize,
    /// Text of a YAML document from one scalar, list or map to the next, in characters: the longest scalar or comment. The longest
    /// text that may be published has 64,000.
    pub yaml_stretch: usize,
    /// A line of a YAML document, in bytes. Some write a whole text as one line.
    pub yaml_line_bytes: usize,
}

const KIBIBYTE: u64 = 1024;
const MEBIBYTE: u64 = 1024 * KIBIBYTE;

impl Default for Limits {
    fn default() -> Self {
        Self {
            metadata_bytes: MEBIBYTE,
            checksums_bytes: 64 * KIBIBYTE,
            signature_bytes: 64 * KIBIBYTE,
            entries: 32,
            data_entries: 100_000,
            data_bytes: 2048 * MEBIBYTE,
            readme_bytes: 256 * KIBIBYTE,
            data_ratio: 200,
            data_ratio_floor: 64 * MEBIBYTE,
            yaml_depth: 32,
            yaml_nodes: 100_000,
            yaml_stretch: 96 * 1024,
            yaml_line_bytes: 256 * 1024,
        }
    }
}

impl Limits {
    /// The bounds on YAML among them.
    pub(crate) fn yaml(&self) -> yaml::Bounds {
        yaml::Bounds {
            depth: self.yaml_depth,
            nodes: self.yaml_nodes,
            stretch: self.yaml_stretch,
            line: self.yaml_line_bytes,
        }
    }
}
