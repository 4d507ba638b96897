//! Makes packages for tests: real ones that `gem install` accepts, and hostile ones entry by entry.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256, Sha512};

/// Collects what a package shall contain, and makes it.
///
/// The same calls give the same bytes.
#[derive(Debug, Clone)]
pub struct GemBuilder {
    name: String,
    version: String,
    platform: String,
    authors: Vec<String>,
    summary: String,
    dependencies: Vec<(String, String, &'static str)>,
    required_ruby_version: String,
    required_rubygems_version: String,
    licenses: Vec<String>,
    metadata: BTreeMap<String, String>,
    fields: BTreeMap<String, String>,
    files: Vec<(String, Vec<u8>)>,
}

impl GemBuilder {
    /// A small gem of this name and number, for every platform, with one author and no files.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            platform: "ruby".to_owned(),
            authors: vec!["An Author".to_owned()],
            summary: format!("The gem {name}"),
            dependencies: Vec::new(),
            required_ruby_version: ">= 0".to_owned(),
            required_rubygems_version: ">= 0".to_owned(),
            licenses: Vec::new(),
            metadata: BTreeMap::new(),
            fields: BTreeMap::new(),
            files: Vec::new(),
        }
    }

    /// Sets the platform.
    #[must_use]
    pub fn platform(mut self, platform: &str) -> Self {
        platform.clone_into(&mut self.platform);
        self
    }

    /// Sets the authors.
    #[must_use]
    pub fn authors(mut self, authors: &[&str]) -> Self {
        self.authors = authors.iter().map(|author| (*author).to_owned()).collect();
        self
    }

    /// Sets the summary.
    #[must_use]
    pub fn summary(mut self, summary: &str) -> Self {
        summary.clone_into(&mut self.summary);
        self
    }

    /// Sets the description.
    #[must_use]
    pub fn description(self, description: &str) -> Self {
        self.field("description", &quoted(description))
    }

    /// Sets the address of the home page.
    #[must_use]
    pub fn homepage(self, homepage: &str) -> Self {
        self.field("homepage", &quoted(homepage))
    }

    /// Sets the mail address.
    #[must_use]
    pub fn email(self, email: &str) -> Self {
        self.field("email", &quoted(email))
    }

    /// Adds a licence.
    #[must_use]
    pub fn license(mut self, license: &str) -> Self {
        self.licenses.push(license.to_owned());
        self
    }

    /// Adds a runtime dependency; the requirement is a list such as `>= 1, < 3`.
    #[must_use]
    pub fn dependency(mut self, name: &str, requirement: &str) -> Self {
        self.dependencies.push((name.to_owned(), requirement.to_owned(), "runtime"));
        self
    }

    /// Adds a development dependency.
    #[must_use]
    pub fn development_dependency(mut self, name: &str, requirement: &str) -> Self {
        self.dependencies.push((name.to_owned(), requirement.to_owned(), "development"));
        self
    }

    /// Sets the versions of Ruby that will do.
    #[must_use]
    pub fn required_ruby_version(mut self, requirement: &str) -> Self {
        requirement.clone_into(&mut self.required_ruby_version);
        self
    }

    /// Sets the versions of `RubyGems` that will do.
    #[must_use]
    pub fn required_rubygems_version(mut self, requirement: &str) -> Self {
        requirement.clone_into(&mut self.required_rubygems_version);
        self
    }

    /// Adds a pair to `metadata`.
    #[must_use]
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        self.metadata.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Adds a file that is installed.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.files.push((path.to_owned(), bytes.as_ref().to_vec()));
        self
    }

    /// Sets any key of the gemspec, known or not, to a piece of YAML, which starts on the line of the key.
    #[must_use]
    pub fn field(mut self, key: &str, yaml: &str) -> Self {
        self.fields.insert(key.to_owned(), yaml.to_owned());
        self
    }

    /// The gemspec, before it is zipped.
    pub fn gemspec(&self) -> String {
        let mut values = self.values();
        values.extend(self.fields.iter().map(|(key, yaml)| (key.as_str(), format!(" {yaml}\n"))));
        let mut yaml = "--- !ruby/object:Gem::Specification\n".to_owned();
        for (key, value) in values {
            push(&mut yaml, &format!("{key}:{value}"));
        }
        yaml
    }

    /// What stands behind each key, from its colon to the end of its last line.
    fn values(&self) -> BTreeMap<&str, String> {
        let text = |text: &str| format!(" {}\n", quoted(text));
        let nothing = || " []\n".to_owned();
        BTreeMap::from([
            ("authors", list(&self.authors)),
            ("bindir", text("bin")),
            ("cert_chain", nothing()),
            ("date", " 2024-01-02 00:00:00.000000000 Z\n".to_owned()),
            ("dependencies", self.dependencies_value()),
            ("executables", nothing()),
            ("extensions", nothing()),
            ("extra_rdoc_files", nothing()),
            ("files", list(self.files.iter().map(|(path, _)| path))),
            ("licenses", list(&self.licenses)),
            ("metadata", self.metadata_value()),
            ("name", text(&self.name)),
            ("platform", text(&self.platform)),
            ("post_install_message", "\n".to_owned()),
            ("rdoc_options", nothing()),
            ("require_paths", list(["lib"])),
            ("required_ruby_version", requirement_yaml(&self.required_ruby_version, 2)),
            ("required_rubygems_version", requirement_yaml(&self.required_rubygems_version, 2)),
            ("requirements", nothing()),
            ("rubygems_version", text("3.5.0")),
            ("signing_key", "\n".to_owned()),
            ("specification_version", " 4\n".to_owned()),
            ("summary", text(&self.summary)),
            ("test_files", nothing()),
            ("version", version_yaml(&self.version, 2)),
        ])
    }

    fn dependencies_value(&self) -> String {
        let mut yaml = if self.dependencies.is_empty() { " []\n" } else { "\n" }.to_owned();
        for (name, requirement, kind) in &self.dependencies {
            let requirement = requirement_yaml(requirement, 4);
            push(&mut yaml, &format!("- !ruby/object:Gem::Dependency\n  name: {}\n", quoted(name)));
            push(&mut yaml, &format!("  requirement:{requirement}  type: :{kind}\n  prerelease: false\n"));
            push(&mut yaml, &format!("  version_requirements:{requirement}"));
        }
        yaml
    }

    fn metadata_value(&self) -> String {
        let mut yaml = if self.metadata.is_empty() { " {}\n" } else { "\n" }.to_owned();
        for (key, value) in &self.metadata {
            push(&mut yaml, &format!("  {}: {}\n", quoted(key), quoted(value)));
        }
        yaml
    }

    /// `data.tar.gz`: the files.
    pub fn data(&self) -> Vec<u8> {
        let mut tar = Tar::default();
        for (path, bytes) in &self.files {
            tar.file(path, bytes);
        }
        gzip(&tar.finish())
    }

    /// The entries in their usual order: `metadata.gz`, `data.tar.gz`, `checksums.yaml.gz`.
    pub fn entries(&self) -> Vec<(String, Vec<u8>)> {
        let mut entries = vec![
            ("metadata.gz".to_owned(), gzip(self.gemspec().as_bytes())),
            ("data.tar.gz".to_owned(), self.data()),
        ];
        entries.push(("checksums.yaml.gz".to_owned(), gzip(checksums(&entries).as_bytes())));
        entries
    }

    /// The package.
    pub fn build(&self) -> Vec<u8> {
        package(&self.entries())
    }
}

/// A package of these entries, whatever they are.
pub fn package(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = Tar::default();
    for (name, bytes) in entries {
        tar.file(name, bytes);
    }
    tar.finish()
}

/// `checksums.yaml`, before it is zipped, with the SHA-256 and SHA-512 of these entries.
pub fn checksums(entries: &[(String, Vec<u8>)]) -> String {
    let mut yaml = "---\nSHA256:\n".to_owned();
    for (name, bytes) in entries {
        push(&mut yaml, &format!("  {name}: {}\n", hex::encode(Sha256::digest(bytes))));
    }
    yaml.push_str("SHA512:\n");
    for (name, bytes) in entries {
        push(&mut yaml, &format!("  {name}: {}\n", hex::encode(Sha512::digest(bytes))));
    }
    yaml
}

/// One gzip member of these bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

/// Writes a tar archive, header by header.
#[derive(Debug, Clone, Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

impl Tar {
    /// Appends a plain file.
    pub fn file(&mut self, path: &str, contents: &[u8]) {
        self.entry(&header(path, contents.len() as u64, b'0', ""), contents);
    }

    /// Appends a symbolic link.
    pub fn symlink(&mut self, path: &str, target: &str) {
        self.entry(&header(path, 0, b'2', target), b"");
    }

    /// Appends any header, and contents padded to a whole block.
    pub fn entry(&mut self, header: &[u8; 512], contents: &[u8]) {
        self.bytes.extend_from_slice(header);
        self.bytes.extend_from_slice(contents);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
    }

    /// The archive with its end marker of two empty blocks.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 1024, 0);
        self.bytes
    }
}

/// A ustar header with a right checksum. Names over 100 bytes are cut in two at a slash.
pub fn header(path: &str, size: u64, kind: u8, link: &str) -> [u8; 512] {
    let mut header = [0; 512];
    let (prefix, name) = split_path(path);
    let mut put = |start: usize, bytes: &[u8]| header[start..start + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000444\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(156, &[kind]);
    put(157, link.as_bytes());
    put(257, b"ustar\x0000");
    put(265, b"wheel");
    put(297, b"wheel");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    put(345, prefix.as_bytes());
    with_checksum(header)
}

/// The header with its checksum made right again, after a test has changed other bytes.
pub fn with_checksum(mut header: [u8; 512]) -> [u8; 512] {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

fn split_path(path: &str) -> (&str, &str) {
    if path.len() <= 100 {
        return ("", path);
    }
    path.match_indices('/')
        .map(|(slash, _)| (&path[..slash], &path[slash + 1..]))
        .find(|(prefix, name)| prefix.len() <= 155 && name.len() <= 100)
        .expect("tests use paths that fit a ustar header")
}

/// A text in double quotes, with what YAML does not take as it is escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                push(&mut out, &format!("\\U{:08x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut yaml = String::new();
    for item in items {
        push(&mut yaml, &format!("\n- {}", quoted(item.as_ref())));
    }
    if yaml.is_empty() { " []\n".to_owned() } else { yaml + "\n" }
}

fn version_yaml(version: &str, indent: usize) -> String {
    format!(" !ruby/object:Gem::Version\n{:indent$}version: {}\n", "", quoted(version))
}

/// A requirement such as `>= 1, < 3` as the object that `RubyGems` writes.
fn requirement_yaml(requirement: &str, indent: usize) -> String {
    let mut yaml = format!(" !ruby/object:Gem::Requirement\n{:indent$}requirements:\n", "");
    for clause in requirement.split(',') {
        let (operator, version) = clause.trim().split_once(' ').unwrap_or(("=", clause.trim()));
        let version = version_yaml(version.trim(), indent + 4);
        push(&mut yaml, &format!("{:indent$}- - {}\n{:indent$}  -{version}", "", quoted(operator), ""));
    }
    yaml
}

fn push(out: &mut String, text: &str) {
    out.write_str(text).expect("a string takes every text");
}
