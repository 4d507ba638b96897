//! What clients read: the abbreviated gemspec and the index. `data/quick.marshal` and `data/index.marshal` were loaded by Ruby 3.1 with
//! `RubyGems` 3.3.15, which found in them what these tests put in.

use std::io::{Cursor, Read};

use flate2::read::ZlibDecoder;
use gem_format::build::GemBuilder;
use gem_format::{Limits, Specification, index, quick_spec, read};

fn specification(gem: &GemBuilder) -> Specification {
    let now = "2027-01-01T00:00:00Z".parse().expect("an instant");
    read(Cursor::new(gem.build()), &Limits::default(), now).expect("a good package").spec
}

fn sample() -> GemBuilder {
    GemBuilder::new("hola", "1.0.0.rc1")
        .platform("i686-linux-gnu")
        .dependency("rack", "~> 2.0, >= 2.0.3")
        .development_dependency("rake", ">= 0")
        .required_ruby_version(">= 2.5, < 4")
        .required_rubygems_version("> 1.3.1")
        .metadata("source_code_uri", "https://example.com/é")
        .summary(" A summary ")
        .description("Two\nlines")
        .email("a@example.com")
        .license("MIT")
}

#[test]
fn the_abbreviated_gemspec_is_the_one_that_ruby_loads() {
    let mut marshal = Vec::new();
    ZlibDecoder::new(&quick_spec(&specification(&sample()))[..]).read_to_end(&mut marshal).expect("zlib");
    assert!(marshal == include_bytes!("data/quick.marshal"), "differs from what Ruby has loaded");
}

#[test]
fn the_index_is_the_one_that_ruby_loads() {
    let mut marshal = index::header(2);
    index::entry(&mut marshal, true, "hola", "1.0.0", "ruby");
    index::entry(&mut marshal, false, "hölä", "1.0.0.rc1", "x86-linux");
    assert!(marshal == include_bytes!("data/index.marshal"), "differs from what Ruby has loaded");
}

#[test]
fn an_empty_index_is_an_empty_array() {
    assert_eq!(index::header(0), b"\x04\x08[\x00");
}

#[test]
fn later_entries_of_an_index_do_not_depend_on_the_earlier_ones() {
    let entry = |first| {
        let mut out = Vec::new();
        index::entry(&mut out, first, "a", "1", "ruby");
        out
    };
    assert_eq!(entry(false), entry(false));
    assert_ne!(entry(true), entry(false));
}

#[test]
fn full_names_have_the_platform_of_the_gemspec_or_the_resolved_one() {
    let spec = specification(&sample());
    assert_eq!(spec.full_name(), "hola-1.0.0.rc1-i686-linux-gnu");
    assert_eq!(spec.resolved_full_name(), "hola-1.0.0.rc1-x86-linux");
    assert_eq!(specification(&GemBuilder::new("a", "1")).full_name(), "a-1");
}

#[test]
fn a_gemspec_survives_its_way_through_json() {
    let spec = specification(&sample());
    let json = serde_json::to_string(&spec).expect("writes");
    assert_eq!(serde_json::from_str::<Specification>(&json).expect("reads"), spec);
}

#[test]
fn a_date_before_1900_or_none_is_written_as_the_first_of_1980() {
    let of = |date: &str| quick_spec(&specification(&GemBuilder::new("a", "1").field("date", date)));
    assert_eq!(of("1899-12-31"), of("1980-01-01"));
    assert_eq!(of("~"), of("1980-01-01"));
    assert_ne!(of("1900-01-01"), of("1980-01-01"));
}
