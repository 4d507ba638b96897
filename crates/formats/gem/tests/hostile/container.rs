//! Archives that are not what a package looks like.

use gem_format::build::{GemBuilder, Tar, gzip, header, package, with_checksum};
use gem_format::{ArchiveFault, Limits, Refusal};

use crate::{Case, Entries, changed, check_all, good, read_within_bounds};

/// The good entries, with one more written by hand between the contents and the end.
fn with_header(header: &[u8; 512], contents: &[u8]) -> Vec<u8> {
    let mut tar = Tar::default();
    for (name, bytes) in good().entries() {
        tar.file(&name, &bytes);
    }
    tar.entry(header, contents);
    tar.finish()
}

/// The good package with a changed first header.
fn with_first_header(change: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut bytes = good().build();
    let mut header: [u8; 512] = bytes[..512].try_into().expect("a block");
    change(&mut header);
    bytes[..512].copy_from_slice(&with_checksum(header));
    bytes
}

fn duplicate(name: &str) -> Vec<u8> {
    changed(|entries| {
        let entry = entries.iter().find(|(entry, _)| entry == name).expect("a good entry").clone();
        entries.push(entry);
    })
}

fn without(name: &str) -> Vec<u8> {
    changed(|entries| entries.retain(|(entry, _)| entry != name))
}

fn with(name: &str) -> Vec<u8> {
    changed(|entries| entries.push((name.to_owned(), b"x".to_vec())))
}

fn plus(bytes: &[u8]) -> Vec<u8> {
    [good().build().as_slice(), bytes].concat()
}

macro_rules! archive {
    ($pattern:pat) => {
        |refusal| matches!(refusal, Refusal::Archive($pattern))
    };
}

#[test]
fn wrong_sets_of_entries_are_refused() {
    check_all(vec![
        Case::new("no bytes", Vec::new(), |refusal| matches!(refusal, Refusal::NoEntries))
            .says("gem package contains no entries"),
        Case::new("no entries", Tar::default().finish(), |refusal| matches!(refusal, Refusal::NoEntries))
            .says("gem package contains no entries"),
        Case::new("no gemspec", without("metadata.gz"), |refusal| {
            matches!(refusal, Refusal::MissingMetadata)
        })
        .says("missing metadata.gz file"),
        Case::new("no contents", without("data.tar.gz"), |refusal| matches!(refusal, Refusal::MissingData))
            .says("missing data.tar.gz file"),
        Case::new("another entry", with("README"), |refusal| {
            matches!(refusal, Refusal::UnexpectedEntry { .. })
        })
        .says("unexpected gem file entry: \"README\""),
        Case::new("a signature of nothing", with("nothing.sig"), |refusal| {
            matches!(refusal, Refusal::UnexpectedEntry { .. })
        })
        .says("unexpected gem file entry: \"nothing.sig\""),
        Case::new("an entry in a folder", with("x/metadata.gz"), |refusal| {
            matches!(refusal, Refusal::UnexpectedEntry { .. })
        }),
        Case::new("an entry above", with("../metadata.gz"), |refusal| {
            matches!(refusal, Refusal::UnexpectedEntry { .. })
        }),
        Case::new("an absolute entry", with("/metadata.gz"), |refusal| {
            matches!(refusal, Refusal::UnexpectedEntry { .. })
        }),
    ]);
}

#[test]
fn ambiguous_sets_of_entries_are_refused() {
    let duplicate_metadata: fn(&Refusal) -> bool =
        |refusal| matches!(refusal, Refusal::DuplicateMetadata { .. });
    check_all(vec![
        Case::new("two gemspecs", with("metadata"), duplicate_metadata)
            .says("duplicate metadata file: already processed metadata, found metadata"),
        Case::new("a gemspec twice", duplicate("metadata.gz"), duplicate_metadata)
            .says("duplicate metadata file: already processed metadata, found metadata.gz"),
        Case::new("contents twice", duplicate("data.tar.gz"), |refusal| {
            matches!(refusal, Refusal::DuplicateData)
        })
        .says("duplicate data.tar.gz file found"),
        Case::new("checksums twice", duplicate("checksums.yaml.gz"), |refusal| {
            matches!(refusal, Refusal::DuplicateChecksums)
        })
        .says("duplicate checksums.yaml.gz file found"),
        Case::new(
            "a signature twice",
            changed(|entries| {
                entries.extend(["a", "b"].map(|text| ("metadata.gz.sig".to_owned(), text.into())));
            }),
            |refusal| matches!(refusal, Refusal::DuplicateSignatures),
        )
        .says("duplicate signatures files found"),
    ]);
}

#[test]
fn entries_that_are_not_plain_files_are_refused() {
    let not_a_file: fn(&Refusal) -> bool = archive!(ArchiveFault::NotAFile { .. });
    let special = |kind| with_header(&header("metadata", 0, kind, "metadata.gz"), b"");
    check_all(vec![
        Case::new("a hard link", special(b'1'), not_a_file),
        Case::new("a symbolic link", special(b'2'), not_a_file),
        Case::new("a device", special(b'3'), not_a_file),
        Case::new("a folder", special(b'5'), not_a_file),
        Case::new("a pipe", special(b'6'), not_a_file),
        Case::new("a sparse file", special(b'S'), not_a_file),
        Case::new(
            "a GNU long name for the next entry",
            with_header(&header("././@LongLink", 12, b'L', ""), b"metadata.gz\0"),
            not_a_file,
        ),
        Case::new(
            "attributes that rename the next entry",
            with_header(&header("x", 20, b'x', ""), b"20 path=metadata.gz\n"),
            not_a_file,
        ),
        Case::new("attributes for all", with_header(&header("g", 0, b'g', ""), b""), not_a_file),
    ]);
}

#[test]
fn damaged_headers_are_refused() {
    let number: fn(&Refusal) -> bool = archive!(ArchiveFault::Number { offset: 0 });
    let name: fn(&Refusal) -> bool = archive!(ArchiveFault::Name { offset: 0 });
    let set = |start: usize, bytes: &'static [u8]| {
        with_first_header(|header| header[start..start + bytes.len()].copy_from_slice(bytes))
    };
    let mut wrong_sum = good().build();
    wrong_sum[0] = b'M';
    check_all(vec![
        Case::new("a wrong checksum", wrong_sum, archive!(ArchiveFault::Header { offset: 0 })),
        Case::new("no ustar", set(257, b"other"), archive!(ArchiveFault::Header { offset: 0 })),
        Case::new("not a tar at all", vec![b'a'; 2048], number),
        Case::new("the format of 2004", b"     MD5SUM = \"x\"\n".repeat(100), number),
        Case::new("a negative size", set(124, b"-1\0"), number),
        Case::new("a decimal size", set(124, b"00000000009"), number),
        Case::new("a binary size", set(124, b"\x80\0\0\0\0\0\0\0\0\0\x10\0"), number),
        Case::new("a size with something behind it", set(124, b"00000000010\0"), |refusal| {
            matches!(refusal, Refusal::Archive(_))
        }),
        Case::new("a size of two numbers", set(124, b"000010\x00010\0\0"), number),
        Case::new("a mode that is no number", set(100, b"rwxrwxr"), number),
        Case::new("a time that is no number", set(136, b"yesterday"), number),
        Case::new("a NUL in a name", set(0, b"metadata.gz\0.sig"), name),
        Case::new("a name that is not UTF-8", set(0, b"metadata.\xff\xff"), name),
        Case::new("no name", set(0, &[0; 100]), name),
    ]);
}

#[test]
fn sizes_beyond_the_end_are_refused() {
    let truncated: fn(&Refusal) -> bool = archive!(ArchiveFault::Truncated);
    let announced = |size| with_header(&header("checksums.yaml.gz.sig", size, b'0', ""), b"");
    check_all(vec![
        Case::new("two gibibytes", announced(2 << 30), truncated),
        Case::new("as much as can be said", announced(0o777_7777_7777), truncated),
        Case::new(
            "twelve digits",
            with_first_header(|header| header[124..136].copy_from_slice(b"777777777777")),
            truncated,
        ),
    ]);
}

#[test]
fn bytes_where_zeros_must_be_are_refused() {
    let trailing: fn(&Refusal) -> bool = archive!(ArchiveFault::TrailingData { .. });
    let second_package = plus(&GemBuilder::new("other", "1.0.0").build());
    let mut padding = good().build();
    let size = good().entries()[0].1.len();
    padding[512 + size] = b'x';
    let mut one_block = good().build();
    let end = one_block.len();
    one_block[end - 512] = b'x';
    check_all(vec![
        Case::new("another package behind the end", second_package, trailing),
        Case::new("one byte behind the end", plus(b"x"), trailing),
        Case::new("a byte behind many zeros", plus(&[vec![0; 1 << 20], vec![1]].concat()), trailing),
        Case::new("data in the padding of an entry", padding, trailing),
        Case::new("an end marker of one block", one_block, trailing),
    ]);
    assert!(read_within_bounds(&plus(&[0; 10_000]), &Limits::default()).is_ok());
}

#[test]
fn a_package_cut_at_any_block_is_refused() {
    let whole = good().build();
    for length in (512..whole.len()).step_by(512) {
        let refusal = read_within_bounds(&whole[..length], &Limits::default()).expect_err("cut");
        assert!(matches!(refusal, Refusal::Archive(ArchiveFault::Truncated)), "{length}: {refusal:?}");
    }
}

#[test]
fn a_package_cut_inside_a_block_is_refused() {
    let whole = good().build();
    for length in (100..whole.len()).step_by(512) {
        let refusal = read_within_bounds(&whole[..length], &Limits::default()).expect_err("cut");
        assert!(matches!(refusal, Refusal::Archive(ArchiveFault::Truncated)), "{length}: {refusal:?}");
    }
}

#[test]
fn endless_entries_are_refused_early() {
    let entries: Entries = (0..100_000).map(|number| (format!("{number}.sig"), Vec::new())).collect();
    let bytes = package(&entries);
    let refusal = read_within_bounds(&bytes, &Limits::default()).expect_err("too many");
    assert!(matches!(refusal, Refusal::TooManyEntries { limit: 32 }), "{refusal:?}");
}

#[test]
fn a_source_that_fails_is_no_fault_of_the_package() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    impl std::io::Seek for Failing {
        fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
            Ok(4096)
        }
    }
    let refusal =
        gem_format::read(Failing, &Limits::default(), jiff::Timestamp::UNIX_EPOCH).expect_err("fails");
    assert!(refusal.is_unreadable());
}

#[test]
fn entries_that_must_be_gzip_are() {
    let replace = |name: &str, change: fn(&mut Vec<u8>)| {
        changed(|entries| {
            entries.retain(|(entry, _)| entry == name || entry != "checksums.yaml.gz");
            change(&mut entries.iter_mut().find(|(entry, _)| entry == name).expect("there").1);
        })
    };
    let is_gzip: fn(&Refusal) -> bool = |refusal| matches!(refusal, Refusal::Gzip { .. });
    for name in ["metadata.gz", "data.tar.gz", "checksums.yaml.gz"] {
        check_all(vec![
            Case::new("nothing", replace(name, Vec::clear), is_gzip),
            Case::new("no gzip", replace(name, |bytes| *bytes = b"plain text".to_vec()), is_gzip),
            Case::new("half", replace(name, |bytes| bytes.truncate(bytes.len() / 2)), is_gzip),
            Case::new("no checksum", replace(name, |bytes| bytes.truncate(bytes.len() - 8)), is_gzip),
            Case::new(
                "a wrong checksum",
                replace(name, |bytes| {
                    let place = bytes.len() - 6;
                    bytes[place] ^= 1;
                }),
                is_gzip,
            ),
            Case::new("two members", replace(name, |bytes| bytes.extend(gzip(b""))), is_gzip),
            Case::new("something behind it", replace(name, |bytes| bytes.push(0)), is_gzip),
        ]);
    }
}
