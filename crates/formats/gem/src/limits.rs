//! How much a package may ask of its reader.

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
}

const MEBIBYTE: u64 = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            metadata_bytes: 10 * MEBIBYTE,
            checksums_bytes: 10 * MEBIBYTE,
            signature_bytes: 10 * MEBIBYTE,
            entries: 32,
            data_entries: 100_000,
            data_bytes: 2048 * MEBIBYTE,
            readme_bytes: MEBIBYTE / 4,
            data_ratio: 200,
            data_ratio_floor: 64 * MEBIBYTE,
            yaml_depth: 32,
            yaml_nodes: 250_000,
        }
    }
}
