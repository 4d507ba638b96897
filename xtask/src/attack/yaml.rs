//! Gemspecs of a few kilobytes, packed, that make a YAML parser hold much.

use std::fmt::Write as _;

use anyhow::Result;

use super::attacker::crowd;
use super::bounds::CROWD;
use super::campaign::{Attack, Campaign};
use super::gem::{gem, gemspec, gzip, push_attack, tar};
use super::request::Request;
use super::server::Setup;

/// As much text as a reader has ever taken, in bytes.
const LARGE: usize = 10 * 1024 * 1024 - 4096;
/// As much as a reader takes that allows a mebibyte.
const MEDIUM: usize = 1024 * 1024 - 4096;

/// Each shape in a large and in a medium size: one is for a bound on the text, the other passes it.
pub(crate) fn campaign() -> Result<Campaign> {
    let mut attacks = Vec::new();
    for (name, text) in shapes(LARGE) {
        attacks.push(push_attack(&format!("yaml 10 MiB: {name}"), gem(&text)?));
    }
    for (name, text) in shapes(MEDIUM) {
        attacks.push(push_attack(&format!("yaml 1 MiB: {name}"), gem(&text)?));
        attacks.push(push_attack(&format!("checksums 1 MiB: {name}"), with_checksums(&text)?));
    }
    attacks.push(at_once()?);
    Ok(Campaign { setup: Setup::unguarded(), attacks })
}

/// A good gem whose checksums are this text.
fn with_checksums(text: &str) -> Result<Vec<u8>> {
    let metadata = gzip(gemspec("sums", "1.0.0", "").as_bytes())?;
    let (data, sums) = (gzip(&[0; 1024])?, gzip(text.as_bytes())?);
    Ok(tar(&[("metadata.gz", &metadata), ("data.tar.gz", &data), ("checksums.yaml.gz", &sums)]))
}

/// Forty gemspecs at once, each as costly as one may be.
fn at_once() -> Result<Attack> {
    let gems = shapes(MEDIUM).into_iter().map(|(_, text)| gem(&text)).collect::<Result<Vec<_>>>()?;
    Ok(Attack::plain("yaml: 40 at once", CROWD, move |server| {
        crowd(40, 40, |number| {
            let request = Request::push(&server.key, gems[number % gems.len()].as_slice());
            drop(server.attacker(number).ask(&request));
        });
    }))
}

/// Texts of about `size` bytes, each a way to make much of it.
fn shapes(size: usize) -> Vec<(&'static str, String)> {
    let spec = |more: &str| gemspec("yaml", "1.0.0", more);
    // The start of a field, then one piece as often as it fits.
    let field = |start: &str, piece: &str| spec(&format!("{start}{}", piece.repeat(size / piece.len())));
    let numbered = |start: &str, line: &dyn Fn(usize) -> String| {
        let mut text = start.to_owned();
        for number in 0.. {
            if text.len() >= size {
                break;
            }
            text.push_str(&line(number));
        }
        spec(&text)
    };
    vec![
        ("%TAG prefix", tag_prefix(size)),
        ("%TAG directives", numbered_directives(size)),
        // In a list a flow may become a key: the parser keeps all of it until it knows.
        ("flow list on a line", field("x:\n- [", "a,")),
        ("flow lists on a line", field("x:\n- [", "[],")),
        ("nested flow lists", field("x:\n- ", "[")),
        ("nested flow maps", field("x:\n- ", "{a: ")),
        ("flow list after a key", field("x: [", "[],")),
        ("flow map on a line", field("x:\n- {", "a,")),
        ("flow pairs on a line", field("x:\n- [", "a: b,")),
        ("flow list on lines", field("x:\n- [", "a,\n  ")),
        ("explicit keys in a flow", field("x:\n- [", "? a,")),
        ("nothing in a flow", field("x:\n- [", ",")),
        ("flow document", format!("[{}", "[],".repeat(size / 3))),
        ("explicit keys on a line", field("", "? ")),
        ("list in list on a line", field("x:\n", "- ")),
        ("anchors", numbered("x:\n", &|number| format!("- &a{number} b\n"))),
        ("aliases", field("x:\n- &a b\n", "- *a\n")),
        ("long anchor", field("x: &", "a")),
        ("long tag", field("x: !", "a")),
        ("escaped tag", field("x: !", "%41")),
        ("tags", field("x:\n", "- !a b\n")),
        ("deep indentation", deep(size)),
        ("plain scalar", field("x: ", "a")),
        ("plain scalar on lines", field("x: ", "a\n ")),
        ("quoted scalar", format!("{}\"\n", field("x: \"", "a"))),
        ("escapes", format!("{}\"\n", field("x: \"", "\\n"))),
        ("literal scalar", field("x: |\n", " a\n")),
        ("empty lines in a literal", field("x: |\n", "\n")),
        ("comment", field("#", "a")),
        ("comments", field("", "#\n")),
        ("spaces", field("x:", " ")),
        ("tabs", field("x:", "\t")),
        ("empty lines", field("", "\n")),
        ("carriage returns", field("", "\r")),
        ("documents", field("", "---\n")),
        ("ends of documents", field("", "...\n")),
        ("list of empty", field("x:\n", "-\n")),
        ("keys", numbered("", &|number| format!("k{number}: v\n"))),
        ("the same key", field("", "k: v\n")),
        ("files", numbered("files:\n", &|number| format!("- f{number}\n"))),
        ("licenses", field("licenses:\n", "- MIT\n")),
        ("metadata", numbered("metadata:\n", &|number| format!("  k{number}: v\n"))),
        ("certificates", field("cert_chain:\n- |\n", "  -----BEGIN CERTIFICATE-----\n")),
        ("wide characters", field("x: \"", "\u{1f600}")),
        ("dependencies", with_dependencies("yaml", size)),
    ]
}

/// A prefix of many bytes, and as many nodes as allowed that each have it in their tag.
fn tag_prefix(size: usize) -> String {
    let nodes = (size / 8).min(240_000);
    let prefix = "x".repeat(size / 64);
    format!("%TAG ! {prefix}\n--- !a\nx:\n{}", "- !a b\n".repeat(nodes))
}

fn numbered_directives(size: usize) -> String {
    let mut text = String::new();
    for number in 0..size / 16 {
        writeln!(text, "%TAG !{number}! x").expect("a string takes every text");
    }
    text + "--- !a\nx: y\n"
}

/// Each line one deeper than the one before.
fn deep(size: usize) -> String {
    let mut text = String::new();
    for depth in 0.. {
        if text.len() >= size {
            break;
        }
        writeln!(text, "{:depth$}a:", "").expect("a string takes every text");
    }
    text
}

/// A gemspec of about `size` bytes, of dependencies for the most part.
pub(crate) fn with_dependencies(name: &str, size: usize) -> String {
    const REQUIREMENT: &str = "!ruby/object:Gem::Requirement\n    requirements:\n    - - \">=\"\n      - \
                               !ruby/object:Gem::Version\n        version: '0'\n";
    let mut list = String::from("dependencies:\n");
    for number in 0.. {
        if list.len() >= size {
            break;
        }
        let start =
            format!("- !ruby/object:Gem::Dependency\n  name: d{number}\n  requirement: {REQUIREMENT}");
        let end = "  type: :runtime\n  prerelease: false\n  version_requirements: ";
        list.extend([start.as_str(), end, REQUIREMENT]);
    }
    gemspec(name, "1.0.0", "").replace("dependencies: []\n", &list)
}
