//! `keyward key import-legacy`.

use std::{
    io::{self, Read as _},
    path::PathBuf,
};

use clap::Args;
use domain::{Ecosystem, KeyDigest, Presented};
use registry::{LegacyValue, Registry};

use super::{about_account, create::ecosystem};
use crate::{Failure, operator, output};

/// A value shorter than this could be guessed.
const SHORTEST: usize = 16;
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

fn read(file: &PathBuf) -> Result<String, Failure> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    text.map_err(|cause| Failure::new(format!("`{}` cannot be read: {cause}", file.display())))
}

/// Reads the lines, but for empty ones and comments. Says which ones are wrong, and never what stands in them.
fn parse(text: &str) -> Result<Vec<LegacyValue>, Failure> {
    let (mut values, mut problems) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(text.lines().map(str::trim)) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match digest(text) {
            Ok(digest) => values.push(LegacyValue { line, digest }),
            Err(problem) => problems.push(format!("Line {line}: {problem}.")),
        }
    }
    match (problems.as_slice(), values.as_slice()) {
        ([], []) => Err(Failure::new("there is no value in the file").hint("write one value a line")),
        ([], _) => Ok(values),
        _ => {
            Err(Failure::new(problems.join(" "))
                .hint("nothing was imported; correct these lines and try again"))
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
}
