//! Contents that are too much, or would leave the gem's folder when they are unpacked.

use gem_format::build::{Tar, gzip, header};
use gem_format::{ArchiveFault, ContentsFault, GzipFault, Limits, Refusal};

use crate::{Case, check_all, good, read_within_bounds, unsummed};

/// A package with these contents.
fn of(data: &[u8]) -> Vec<u8> {
    unsummed(good().gemspec().as_bytes(), gzip(data))
}

/// A package with an archive.
fn archive(fill: impl FnOnce(&mut Tar)) -> Vec<u8> {
    let mut tar = Tar::default();
    fill(&mut tar);
    of(&tar.finish())
}

fn file(path: &str) -> Vec<u8> {
    archive(|tar| tar.file(path, b"x"))
}

fn link(path: &str, target: &str) -> Vec<u8> {
    archive(|tar| tar.symlink(path, target))
}

fn record(kind: u8, text: &str) -> Vec<u8> {
    archive(|tar| {
        tar.entry(&header("record", text.len() as u64, kind, ""), text.as_bytes());
        tar.file("lib/a.rb", b"x");
    })
}

fn attribute(key: &str, value: &str) -> Vec<u8> {
    let length = key.len() + value.len() + 5;
    record(b'x', &format!("{length:02} {key}={value}\n"))
}

/// Sixty-five mebibytes of zeros.
pub(crate) fn dense() -> Vec<u8> {
    archive(|tar| tar.file("lib/zeros", &vec![0; 65 << 20]))
}

macro_rules! contents {
    ($pattern:pat) => {
        |refusal| matches!(refusal, Refusal::Contents($pattern))
    };
}

const IS_TRAVERSAL: fn(&Refusal) -> bool = contents!(ContentsFault::Traversal { .. });
const IS_OUTSIDE: fn(&Refusal) -> bool = contents!(ContentsFault::LinkOutside { .. });
const IS_NAME: fn(&Refusal) -> bool = contents!(ContentsFault::Archive(ArchiveFault::Name { .. }));

#[test]
fn too_much_is_refused() {
    check_all(vec![Case::new("a bomb", dense(), contents!(ContentsFault::TooDense { .. }))]);
    let few = Limits { data_entries: 3, ..Limits::default() };
    let many = archive(|tar| (0..4).for_each(|number| tar.file(&number.to_string(), b"")));
    let refusal = read_within_bounds(&many, &few).expect_err("too many");
    assert!(matches!(refusal, Refusal::Contents(ContentsFault::TooManyEntries { limit: 3 })), "{refusal:?}");
    let small = Limits { data_bytes: 10_000, ..Limits::default() };
    let refusal =
        read_within_bounds(&archive(|tar| tar.file("a", &[1; 10_000])), &small).expect_err("too big");
    assert!(matches!(refusal, Refusal::Contents(ContentsFault::TooBig { limit: 10_000 })), "{refusal:?}");
}

#[test]
fn zeros_behind_the_end_are_counted_too() {
    let limits = Limits { data_bytes: 10_000, ..Limits::default() };
    let refusal = read_within_bounds(&of(&vec![0; 20_000]), &limits).expect_err("too big");
    assert!(matches!(refusal, Refusal::Contents(ContentsFault::TooBig { .. })), "{refusal:?}");
}

#[test]
fn paths_outside_are_refused() {
    check_all(vec![
        Case::new("absolute", file("/etc/passwd"), IS_TRAVERSAL),
        Case::new("above", file("../evil"), IS_TRAVERSAL),
        Case::new("above on its way", file("a/../../b"), IS_TRAVERSAL),
        Case::new("above at the end", file("a/b/../../.."), IS_TRAVERSAL),
        Case::new("above, written for Windows", file("..\\evil"), IS_TRAVERSAL),
        Case::new("a mixture", file("a\\../..\\evil"), IS_TRAVERSAL),
        Case::new("a drive", file("C:\\evil"), IS_TRAVERSAL),
        Case::new("a drive and a slash", file("c:/evil"), IS_TRAVERSAL),
        Case::new("a share", file("\\\\host\\evil"), IS_TRAVERSAL),
        Case::new("a long name above", record(b'L', "../evil\0"), IS_TRAVERSAL),
        Case::new("a path attribute above", attribute("path", "../evil"), IS_TRAVERSAL),
        Case::new("a long name with a NUL", record(b'L', "a\0b\0"), IS_TRAVERSAL),
        Case::new(
            "a folder above",
            archive(|tar| tar.entry(&header("../evil/", 0, b'5', ""), b"")),
            IS_TRAVERSAL,
        ),
    ]);
}

#[test]
fn links_outside_are_refused() {
    let through: fn(&Refusal) -> bool = contents!(ContentsFault::ThroughLink { .. });
    check_all(vec![
        Case::new("an absolute link", link("a", "/etc/passwd"), IS_OUTSIDE),
        Case::new("a link above", link("lib/a", "../../etc/passwd"), IS_OUTSIDE),
        Case::new("a link that climbs late", link("a/b/c", "d/../../x"), IS_OUTSIDE),
        Case::new("a link that lies above", link("../a", "b"), IS_TRAVERSAL),
        Case::new(
            "a long link above",
            archive(|tar| {
                tar.entry(&header("record", 8, b'K', ""), b"../../x\0");
                tar.symlink("lib/a", "b");
            }),
            IS_OUTSIDE,
        ),
        Case::new(
            "a hard link above",
            archive(|tar| tar.entry(&header("lib/a", 0, b'1', "../x"), b"")),
            IS_OUTSIDE,
        ),
        Case::new(
            "a file behind a link",
            archive(|tar| {
                tar.symlink("a/b/c/d", "../../../s");
                tar.symlink("a/b/c/d/l", "../..");
            }),
            through,
        ),
        Case::new(
            "a hard link to a file behind a link",
            archive(|tar| {
                tar.symlink("a", "b");
                tar.entry(&header("c", 0, b'1', "a/x"), b"");
            }),
            IS_OUTSIDE,
        ),
    ]);
}

#[test]
fn strange_entries_are_refused() {
    let special = |kind| archive(|tar| tar.entry(&header("dev", 0, kind, ""), b""));
    let is_special: fn(&Refusal) -> bool = contents!(ContentsFault::SpecialFile { .. });
    check_all(vec![
        Case::new("a character device", special(b'3'), is_special),
        Case::new("a block device", special(b'4'), is_special),
        Case::new("a pipe", special(b'6'), is_special),
        Case::new("a sparse file", special(b'S'), is_special),
        Case::new("a size in attributes", attribute("size", "1"), IS_NAME),
        Case::new("a damaged attribute", record(b'x', "99 path=a\n"), IS_NAME),
        Case::new("an attribute without a value", record(b'x', "8 path\n\n"), IS_NAME),
        Case::new("a huge long name", record(b'L', &"a".repeat(70_000)), IS_NAME),
        Case::new(
            "a NUL in a name",
            archive(|tar| {
                let mut header = header("lib/a", 0, b'0', "");
                header[6] = b'b';
                tar.entry(&gem_format::build::with_checksum(header), b"");
            }),
            IS_NAME,
        ),
    ]);
}

#[test]
fn broken_archives_are_refused() {
    let mut tar = Tar::default();
    tar.file("lib/a.rb", &[b'x'; 2000]);
    let whole = tar.finish();
    let truncated: fn(&Refusal) -> bool = contents!(ContentsFault::Archive(ArchiveFault::Truncated));
    let trailing: fn(&Refusal) -> bool = contents!(ContentsFault::Archive(ArchiveFault::TrailingData { .. }));
    let mut announced = Tar::default();
    announced.entry(&header("a", 2 << 30, b'0', ""), b"");
    check_all(vec![
        Case::new("half a header", of(&whole[..100]), truncated),
        Case::new("half a file", of(&whole[..1000]), truncated),
        Case::new("two gibibytes announced", of(&announced.finish()), truncated),
        Case::new("data behind the end", of(&[whole.as_slice(), b"x"].concat()), trailing),
        Case::new("another archive behind the end", of(&[whole.clone(), whole.clone()].concat()), trailing),
        Case::new(
            "no archive",
            of(&[b'x'; 1024]),
            contents!(ContentsFault::Archive(ArchiveFault::Number { .. })),
        ),
        Case::new(
            "a second gzip member",
            unsummed(good().gemspec().as_bytes(), [gzip(&whole), gzip(&whole)].concat()),
            |refusal| matches!(refusal, Refusal::Gzip { fault: GzipFault::TrailingData, .. }),
        ),
    ]);
}

#[test]
fn what_old_and_foreign_tools_write_is_accepted() {
    let long = format!("{}/{}", "d".repeat(120), "e".repeat(90));
    let mut without_end = Tar::default();
    without_end.file("a", b"x");
    let length = without_end.clone().finish().len() - 1024;
    for (name, bytes) in [
        ("no files", archive(|_| {})),
        ("no bytes at all", of(b"")),
        ("no end marker", of(&without_end.finish()[..length])),
        ("a path in two fields", file(&long)),
        ("a GNU long name", record(b'L', &format!("{long}\0"))),
        ("a path attribute", attribute("path", "lib/long")),
        ("a comment for all", record(b'g', "15 comment=abc\n")),
        ("a dot at the beginning", file("./lib/a.rb")),
        ("a detour inside", file("lib/../ext/a.rb")),
        ("two dots in a name", file("lib/a..rb")),
        ("a link inside", link("lib/a.rb", "../ext/./b.rb")),
        ("a long tail of zeros", of(&[0; 10_240])),
        ("a file twice", archive(|tar| (0..2).for_each(|_| tar.file("lib/a.rb", b"x")))),
        ("a folder", archive(|tar| tar.entry(&header("lib/", 0, b'5', ""), b""))),
        (
            "a name that is not UTF-8",
            archive(|tar| {
                let mut header = header("lib/a", 0, b'0', "");
                header[4] = 0xe9;
                tar.entry(&gem_format::build::with_checksum(header), b"");
            }),
        ),
    ] {
        let read = read_within_bounds(&bytes, &Limits::default());
        assert!(read.is_ok(), "{name}: {read:?}");
    }
}
