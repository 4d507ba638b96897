//! `keyward key import-legacy`.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use clap::Args;
use domain::{Ecosystem, KeyDigest, Presented};
use registry::{LegacyValue, MOST_KEYS, Registry};

use super::{about_account, create::ecosystem};
use crate::{Failure, operator, output};

/// A value shorter than this could be guessed.
const SHORTEST: usize = 16;
/// Largest file of keys, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// Wrong lines that are named.
const NAMED: usize = 20;
/// What a line with a digest begins with.
const DIGEST: &str = "sha256:";

/// What the help text shows after the options.
pub(super) const EXAMPLES: &str = "\
The file has one key a line: the key itself, or `sha256:` and its SHA-256 digest in hexadecimal digits. Empty lines
and lines that begin with `#` are ignored. Either all keys are imported or none.

Examples:
  $ keyward key import-legacy --account alice --ecosystem rubygems --file keys.txt";

/// Whose values they are, and where they stand.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// User name or email address of the account that the keys belong to
    #[arg(long)]
    account: String,
    /// Ecosystem that the keys are for
    #[arg(long, value_parser = ecosystem())]
    ecosystem: Ecosystem,
    /// Name of the keys [default: the ecosystem's name for such keys]
    #[arg(long)]
    name: Option<String>,
    /// File with the keys; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
}

pub(super) async fn run(registry: &Registry, import: Import) -> Result<(), Failure> {
    let values = parse(&read(&import.file)?)?;
    let owner = registry.find_account(&import.account).await;
    let owner = owner.map_err(|error| about_account(error, &import.account))?;
    let keys = registry
        .import_legacy_keys(operator(), owner.id, import.ecosystem, import.name, &values)
        .await
        .map_err(nothing_imported)?;
    let count =
        if keys.len() == 1 { "one legacy key".to_owned() } else { format!("{} legacy keys", keys.len()) };
    output::tell(&format!(
        "Imported {count} for {} into the account `{}`. They do whatever the account may do: replace them by keys with scopes, \
         then revoke them.",
        import.ecosystem, owner.handle
    ));
    Ok(())
}

/// Reads the whole of a file that is no larger than it can be.
fn read(file: &Path) -> Result<String, Failure> {
    let unreadable = |cause| Failure::new(format!("`{}` cannot be read: {cause}", file.display()));
    let source: Box<dyn io::Read> = if file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(unreadable)?)
    };
    let mut text = String::new();
    let length = source.take(LARGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
    if u64::try_from(length).is_ok_and(|length| length <= LARGEST) { Ok(text) } else { Err(too_many()) }
}

fn too_many() -> Failure {
    Failure::new(format!("a file can have at most {MOST_KEYS} keys and {} MiB", LARGEST >> 20))
        .hint("nothing was imported; an account can have no more keys than that")
}

/// Reads the lines, but for empty ones and comments. Says which ones are wrong, and never what stands in them.
fn parse(text: &str) -> Result<Vec<LegacyValue>, Failure> {
    let (mut values, mut problems) = (Vec::new(), Problems::default());
    for (line, text) in (1..).zip(text.lines().map(str::trim)) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match digest(text) {
            Ok(digest) => values.push(LegacyValue { line, digest }),
            Err(problem) => problems.add(format!("Line {line}: {problem}.")),
        }
        if values.len() > MOST_KEYS {
            return Err(too_many());
        }
    }
    if !problems.first.is_empty() {
        return Err(Failure::new(problems.to_string())
            .hint("nothing was imported; correct these lines and try again"));
    }
    if values.is_empty() {
        return Err(Failure::new("there is no value in the file").hint("write one value a line"));
    }
    Ok(values)
}

/// What is wrong with lines: the first of them, and how many more.
#[derive(Debug, Default)]
struct Problems {
    first: Vec<String>,
    more: usize,
}

impl Problems {
    fn add(&mut self, problem: String) {
        if self.first.len() < NAMED {
            self.first.push(problem);
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.join(" "))?;
        match self.more {
            0 => Ok(()),
            1 => f.write_str(" Another line is wrong, too."),
            more => write!(f, " {more} more lines are wrong, too."),
        }
    }
}

fn digest(text: &str) -> Result<KeyDigest, &'static str> {
    if let Some(digits) = text.strip_prefix(DIGEST) {
        return from_hex(digits).ok_or("after `sha256:` come 64 hexadecimal digits");
    }
    if text.len() < SHORTEST {
        return Err("a value of fewer than 16 characters could be guessed");
    }
    // Clients send keys in headers, where a space would divide them.
    Presented::inspect(text)
        .digest()
        .filter(|_| !text.contains(' '))
        .ok_or("this can be no key: it is too long, mistyped, or has a space or other than ASCII characters")
}

fn from_hex(digits: &str) -> Option<KeyDigest> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(KeyDigest::from_bytes(bytes))
}

fn nothing_imported(error: registry::Error) -> Failure {
    let invalid = matches!(error, registry::Error::Invalid(_));
    let failure = Failure::from(error);
    if invalid { failure.hint("nothing was imported; take these lines out and try again") } else { failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_digests_stand_one_a_line_between_comments() {
        let value = "0123456789abcdef0123456789abcdef";
        let digits = hex::encode_upper(KeyDigest::of(value).as_bytes());
        let text = format!("# from the old server\n\n  {value} \r\nsha256:{digits}\n");
        let digest = KeyDigest::of(value);
        assert_eq!(parse(&text).unwrap(), [LegacyValue { line: 3, digest }, LegacyValue { line: 4, digest }]);
    }

    #[test]
    fn bad_lines_are_named_all_at_once_and_not_repeated() {
        let text = "short\nsha256:abc\nkeyward_0123456789\nschlüssel-schlüssel\nBearer 0123456789\n0123456789abcdef\n";
        let told = parse(text).unwrap_err().to_string();
        for line in ["Line 1:", "Line 2:", "Line 3:", "Line 4:", "Line 5:"] {
            assert!(told.contains(line), "{line} is in {told}");
        }
        assert!(
            !told.contains("Line 6") && !told.contains("keyward_0") && !told.contains("short\n"),
            "{told}"
        );
        assert!(parse("# nothing\n").is_err());
    }

    #[test]
    fn a_file_has_no_more_keys_than_an_account_can_have_and_only_some_wrong_lines_are_named() {
        let value = |number: usize| format!("{number:032}\n");
        assert_eq!(parse(&(0..MOST_KEYS).map(value).collect::<String>()).unwrap().len(), MOST_KEYS);
        let told = parse(&(0..=MOST_KEYS).map(value).collect::<String>()).unwrap_err().to_string();
        assert!(told.contains("at most 1000 keys"), "{told}");
        let told = parse(&"short\n".repeat(10_000)).unwrap_err().to_string();
        assert!(told.contains("Line 20:") && !told.contains("Line 21:"), "{told}");
        assert!(told.contains("9980 more lines are wrong, too."), "{told}");

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        std::fs::write(&file, "# a comment\n".repeat(100_000)).unwrap();
        assert!(read(&file).unwrap_err().to_string().contains("1 MiB"));
    }
}
