//! Packages of all ages that are fine.

use std::io::Cursor;

use gem_format::build::{GemBuilder, gzip, package};
use gem_format::{DependencyKind, Limits, Refusal, Specification, check_model, read};
use jiff::civil::date;

/// As `RubyGems` of 2009 wrote them: other tags, base64 for what it did not know to be text, caches of versions, keys that are gone.
const OF_2009: &str = r#"--- !ruby/object:Gem::Specification 
name: hola
version: !ruby/object:Gem::Version 
  hash: 23
  prerelease: false
  segments: 
  - 0
  - 8
  - 7
  version: 0.8.7
platform: i386-mswin32
authors: 
- Jim
- ! 'Someone: Else'
autorequire: 
bindir: bin
cert_chain: []

date: 2009-05-14 00:00:00 -04:00
default_executable: rake
dependencies: 
- !ruby/object:Gem::Dependency 
  name: rack
  type: :runtime
  version_requirement: 
  version_requirements: !ruby/object:Gem::Version::Requirement 
    requirements: 
    - - ">="
      - !ruby/object:Gem::Version 
        version: 0.9.1
    version: 
- !ruby/object:Gem::Dependency 
  name: rspec
  type: :development
  prerelease: false
  requirement: !ruby/object:Gem::Requirement 
    none: false
    requirements: 
    - - ~>
      - !ruby/object:Gem::Version 
        version: "1.0"
description: !binary |
  SG9sYSwg
  bXVuZG8h

email: 
- a@example.com
- - b@example.com
executables: 
- rake
extensions: []

extra_rdoc_files: 
- README
- !binary |
  VE9ETw==

files: 
- lib/hola.rb
has_rdoc: true
homepage: http://rake.rubyforge.org
licenses: []

post_install_message: 
rdoc_options: 
- --line-numbers
- --main
- README
require_paths: 
- lib
required_ruby_version: !ruby/object:Gem::Requirement 
  requirements: 
  - - ">="
    - !ruby/object:Gem::Version 
      version: "0"
  version: 
required_rubygems_version: 
requirements: []

rubyforge_project: rake
rubygems_version: 1.3.3
signing_key: 
specification_version: 3
summary: "Ruby based make-like utility."
test_files: []

"#;

fn read_bytes(bytes: Vec<u8>) -> Result<Specification, Refusal> {
    let now = "2027-01-01T00:00:00Z".parse().expect("an instant");
    read(Cursor::new(bytes), &Limits::default(), now).map(|gem| gem.spec)
}

fn of(gemspec: &str) -> Specification {
    let data = GemBuilder::new("hola", "1").data();
    let entries = [("metadata.gz".to_owned(), gzip(gemspec.as_bytes())), ("data.tar.gz".to_owned(), data)];
    read_bytes(package(&entries)).expect("a good package")
}

#[test]
fn a_gemspec_of_2009_is_read() {
    let spec = of(OF_2009);
    assert_eq!(spec.full_name(), "hola-0.8.7-i386-mswin32");
    assert_eq!(spec.resolved_full_name(), "hola-0.8.7-x86-mswin32");
    assert_eq!(spec.authors, ["Jim", "Someone: Else"]);
    assert_eq!(spec.emails, ["a@example.com", "b@example.com"]);
    assert_eq!(spec.date, Some(date(2009, 5, 14)));
    assert_eq!(spec.description.as_deref(), Some("Hola, mundo!"));
    assert!(spec.required_ruby_version.is_default());
    assert!(spec.required_rubygems_version.is_default());
    assert_eq!(spec.specification_version, 3);
    assert!(check_model(&spec).is_empty());
}

#[test]
fn dependencies_of_2009_are_read_from_either_key() {
    let spec = of(OF_2009);
    let texts: Vec<_> = spec
        .dependencies
        .iter()
        .map(|dependency| format!("{} {} {:?}", dependency.name, dependency.requirement, dependency.kind))
        .collect();
    assert_eq!(texts, ["rack >= 0.9.1 Runtime", "rspec ~> 1.0 Development"]);
    assert!(spec.runtime_dependencies().all(|dependency| dependency.kind == DependencyKind::Runtime));
    assert_eq!(spec.runtime_dependencies().count(), 1);
}

#[test]
fn a_gemspec_of_four_keys_is_enough() {
    let spec = of(
        "--- !ruby/object:Gem::Specification\nname: a\nversion: !ruby/object:Gem::Version {version: 1.0.0}\n\
                   summary: x\nauthors: [b]\n",
    );
    assert_eq!(spec.full_name(), "a-1.0.0");
    assert_eq!(spec.require_paths, ["lib"]);
    assert_eq!(spec.specification_version, 4);
    assert_eq!(spec.date, None);
}

#[test]
fn what_is_null_is_as_if_it_were_not_there() {
    let keys = [
        "platform",
        "description",
        "email",
        "homepage",
        "licenses",
        "metadata",
        "dependencies",
        "files",
        "date",
        "required_ruby_version",
        "require_paths",
        "specification_version",
        "rubygems_version",
        "cert_chain",
    ];
    let gem = keys.iter().fold(GemBuilder::new("hola", "1.0.0"), |gem, key| gem.field(key, "~"));
    let spec = read_bytes(gem.build()).expect("a good package");
    assert_eq!(spec.platform.original, "ruby");
    assert_eq!(spec.require_paths, ["lib"]);
    assert!(spec.required_ruby_version.is_default());
}

#[test]
fn mixtures_in_place_of_lists_are_read() {
    let gem = GemBuilder::new("hola", "1.0.0")
        .field("executables", "hola")
        .field("test_files", "false")
        .field("post_install_message", "[Thank, you]")
        .field("has_rdoc", "true")
        .field("email", "[[a@b.c, ~], d@e.f]")
        .field("engine_dependencies", "{}");
    let spec = read_bytes(gem.build()).expect("a good package");
    assert_eq!(spec.executables, ["hola"]);
    assert_eq!(spec.post_install_message.as_deref(), Some("Thank\nyou"));
    assert_eq!(spec.emails, ["a@b.c", "d@e.f"]);
}

#[test]
fn an_unzipped_gemspec_and_no_checksums_are_fine() {
    let gem = GemBuilder::new("hola", "1.0.0");
    let entries =
        [("data.tar.gz".to_owned(), gem.data()), ("metadata".to_owned(), gem.gemspec().into_bytes())];
    assert!(read_bytes(package(&entries)).is_ok());
}

#[test]
fn the_best_readme_of_the_top_folder_is_kept_if_it_is_a_text_of_bearable_length() {
    let readme = |files: &[(&str, &[u8])]| {
        let with = |gem: GemBuilder, (path, bytes): &(&str, &[u8])| gem.file(path, bytes);
        let gem = files.iter().fold(GemBuilder::new("hola", "1.0.0"), with);
        let now = date(2026, 8, 1).to_zoned(jiff::tz::TimeZone::UTC).expect("a day").timestamp();
        let read = read(Cursor::new(gem.build()), &Limits::default(), now).expect("a good gem");
        read.readme.map(|readme| (readme.name, readme.text.len()))
    };
    let long = vec![b'a'; 256 * 1024];
    assert_eq!(readme(&[("lib/a.rb", b"1")]), None);
    assert_eq!(
        readme(&[("README", b"plain"), ("README.md", b"# Hola"), ("Readme.txt", b"text")]),
        Some(("README.md".into(), 6))
    );
    assert_eq!(
        readme(&[("doc/README.md", b"# Hola"), ("README.rdoc", b"= Hola")]),
        Some(("README.rdoc".into(), 6))
    );
    assert_eq!(readme(&[("README.md", &long)]), Some(("README.md".into(), 256 * 1024)));
    assert_eq!(
        readme(&[("README.md", &[&long[..], b"a"].concat()), ("README.txt", b"short")]),
        Some(("README.txt".into(), 5))
    );
    assert_eq!(readme(&[("README.md", b"\xff\xfe"), ("README", b"")]), Some(("README".into(), 0)));
}
