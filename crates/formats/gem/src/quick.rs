//! `quick/Marshal.4.8/FULL.gemspec.rz`: the abbreviated gemspec that `gem install` reads before it fetches a gem.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use jiff::civil::Date;

use crate::marshal::Writer;
use crate::platform::PlatformParts;
use crate::requirement::Requirement;
use crate::specification::{Dependency, DependencyKind, Specification};
use crate::version::Version;

/// The newest gemspec format; clients read unknown ones as if they were of this.
const NEWEST_SPECIFICATION_VERSION: i64 = 4;

/// The bytes of `FULL.gemspec.rz`: zlib of the Marshal of the gemspec without its lists of files and its certificates.
pub fn quick_spec(spec: &Specification) -> Vec<u8> {
    let mut outer = Writer::new();
    outer.dumped("Gem::Specification", &payload(spec));
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&outer.finish()).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

/// The 19 values that `Gem::Specification._load` wants, a stream of their own.
fn payload(spec: &Specification) -> Vec<u8> {
    let mut out = Writer::new();
    out.array(19);
    out.optional_string(spec.rubygems_version.as_deref());
    out.integer(specification_version(spec));
    out.string(&spec.name);
    version(&mut out, &spec.version);
    time(&mut out, spec.date);
    out.string(spec.summary.trim());
    requirement(&mut out, &spec.required_ruby_version);
    requirement(&mut out, &spec.required_rubygems_version);
    out.string(&spec.platform.original);
    out.array(spec.dependencies.len());
    for item in &spec.dependencies {
        dependency(&mut out, item);
    }
    out.string("");
    out.strings(&spec.emails);
    out.strings(&spec.authors);
    out.optional_string(spec.description.as_deref().map(str::trim));
    out.optional_string(spec.homepage.as_deref());
    out.boolean(true);
    platform(&mut out, &spec.platform.original);
    out.strings(&spec.licenses);
    metadata(&mut out, spec);
    out.finish()
}

fn specification_version(spec: &Specification) -> i32 {
    let known = spec.specification_version.clamp(1, NEWEST_SPECIFICATION_VERSION);
    i32::try_from(known).expect("clamped to a small range")
}

fn metadata(out: &mut Writer, spec: &Specification) {
    out.hash(spec.metadata.len());
    for (key, value) in &spec.metadata {
        out.string(key);
        out.string(value);
    }
}

fn version(out: &mut Writer, version: &Version) {
    out.user_object("Gem::Version");
    out.array(1);
    out.string(version.as_str());
}

fn requirement(out: &mut Writer, requirement: &Requirement) {
    out.user_object("Gem::Requirement");
    out.array(1);
    out.array(requirement.clauses().len());
    for clause in requirement.clauses() {
        out.array(2);
        out.string(clause.operator.as_str());
        version(out, &clause.version);
    }
}

fn dependency(out: &mut Writer, dependency: &Dependency) {
    out.object("Gem::Dependency", 5);
    out.symbol("@name");
    out.string(&dependency.name);
    out.symbol("@requirement");
    requirement(out, &dependency.requirement);
    out.symbol("@type");
    out.symbol(match dependency.kind {
        DependencyKind::Runtime => "runtime",
        DependencyKind::Development => "development",
    });
    out.symbol("@prerelease");
    out.boolean(false);
    out.symbol("@version_requirements");
    requirement(out, &dependency.requirement);
}

fn platform(out: &mut Writer, original: &str) {
    let Some(parts) = PlatformParts::of(original) else {
        return out.string("ruby");
    };
    out.object("Gem::Platform", 3);
    out.symbol("@cpu");
    out.optional_string(parts.cpu.as_deref());
    out.symbol("@os");
    out.string(&parts.os);
    out.symbol("@version");
    out.optional_string(parts.version.as_deref());
}

/// Midnight UTC of a day, in Ruby's packed form: two little-endian words of bit fields.
///
/// A gemspec without a usable day gets the first of 1980, which `RubyGems` itself uses for reproducible builds: some clients
/// take nothing as today, and would see a new gemspec every day.
fn time(out: &mut Writer, date: Option<Date>) {
    let date = date.filter(|date| date.year() >= 1900).unwrap_or(jiff::civil::date(1980, 1, 1));
    let years = u32::try_from(i32::from(date.year()) - 1900).expect("not before 1900");
    let field = |value: i8| u32::from(value.unsigned_abs());
    let word = 1 << 31 | 1 << 30 | years << 14 | (field(date.month()) - 1) << 10 | field(date.day()) << 5;
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&word.to_le_bytes());
    out.with_variables();
    out.dumped("Time", &bytes);
    out.variables(1);
    out.symbol("zone");
    out.zone("UTC");
}
