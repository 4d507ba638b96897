//! What a scalar means to Ruby's YAML reader.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::yaml::{Node, Value};

/// Tags that say nothing a gemspec needs; scalars that carry them are texts.
const IGNORED_TAGS: [&str; 8] = [
    "!",
    "!str",
    "!timestamp",
    "!int:Fixnum",
    "!ruby/regexp",
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:null",
    "tag:yaml.org,2002:timestamp",
];

/// Tags of texts in base64, as Ruby wrote those it did not know to be UTF-8.
const BINARY_TAGS: [&str; 2] = ["!binary", "tag:yaml.org,2002:binary"];

/// A scalar, read as Ruby would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// Nothing, `~` or `null`.
    Null,
    /// A text for Ruby too.
    Text(String),
    /// A text that Ruby would take for a number, a date, a truth value or a symbol.
    Other(String),
}

impl Scalar {
    /// Reads a node. None if it is no scalar, has a tag that gemspecs do not use, or is damaged base64.
    pub(crate) fn of(node: &Node) -> Option<Self> {
        let Value::Scalar { text, plain } = &node.value else { return None };
        match node.tag.as_deref() {
            None if *plain => Some(Self::plain(text)),
            Some(tag) if BINARY_TAGS.contains(&tag) => decode(text).map(Self::Text),
            None | Some("!str" | "!" | "tag:yaml.org,2002:str") => Some(Self::Text(text.clone())),
            Some(tag) if IGNORED_TAGS.contains(&tag) => Some(Self::plain(text)),
            Some(_) => None,
        }
    }

    fn plain(text: &str) -> Self {
        if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            Self::Null
        } else if is_boolean(text) || is_symbol(text) || is_numeric(text) {
            Self::Other(text.to_owned())
        } else {
            Self::Text(text.to_owned())
        }
    }

    /// The text, whatever Ruby would take it for.
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) | Self::Other(text) => Some(text),
        }
    }
}

/// Base64 over several lines. What is not UTF-8 is made so, as is done for the clients.
fn decode(text: &str) -> Option<String> {
    let packed: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(packed).ok()?;
    (!bytes.contains(&0)).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn is_boolean(text: &str) -> bool {
    ["yes", "no", "true", "false", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_symbol(text: &str) -> bool {
    text.len() > 1 && text.starts_with(':')
}

/// Whether the text looks like a number, a date or a time. Some that Ruby knows to be texts do too; it quotes those.
fn is_numeric(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if [".inf", ".nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return true;
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return digits.bytes().all(|byte| byte.is_ascii_hexdigit() || b"_,".contains(&byte));
    }
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && (is_real(unsigned) || is_date(unsigned) || is_sexagesimal(unsigned))
}

/// Digits, at most one dot among them, and perhaps an exponent.
fn is_real(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || b"_,".contains(&byte));
    text.bytes().any(|byte| byte.is_ascii_digit())
        && digits(whole)
        && digits(fraction)
        && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

/// Four digits and a dash, then digits: whatever follows, it may be a date or a time.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 5
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[5].is_ascii_digit()
}

fn is_sexagesimal(text: &str) -> bool {
    text.contains(':') && text.bytes().all(|byte| byte.is_ascii_digit() || b":_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: Option<&str>, text: &str, plain: bool) -> Option<Scalar> {
        let value = Value::Scalar { text: text.to_owned(), plain };
        Scalar::of(&Node { tag: tag.map(str::to_owned), value, line: 1 })
    }

    #[test]
    fn plain_scalars_mean_what_they_mean_to_ruby() {
        for text in ["hola", "1.0.0", "a:b", ":", "-", "1a", "=", ">=", "0xyz", "v1", "2024", "truely"] {
            let expected = match text {
                "2024" => Scalar::Other(text.to_owned()),
                _ => Scalar::Text(text.to_owned()),
            };
            assert_eq!(read(None, text, true), Some(expected), "{text}");
        }
        let others = [
            "1",
            "1.0",
            "-1",
            "+1.5",
            "1e3",
            "1_000",
            "1,000",
            "0x1f",
            "017",
            ".5",
            ".inf",
            "-.INF",
            ".NaN",
            "true",
            "No",
            "on",
            ":symbol",
            "2024-01-02",
            "2024-01-02 00:00:00 Z",
            "12:30",
            "1:30:00",
        ];
        for text in others {
            assert_eq!(read(None, text, true), Some(Scalar::Other(text.to_owned())), "{text}");
            assert_eq!(read(None, text, false), Some(Scalar::Text(text.to_owned())), "{text}");
            assert_eq!(read(Some("!"), text, true), Some(Scalar::Text(text.to_owned())), "{text}");
        }
        for text in ["", "~", "null", "NULL"] {
            assert_eq!(read(None, text, true), Some(Scalar::Null), "{text}");
            assert_eq!(read(None, text, false), Some(Scalar::Text(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn texts_in_base64_are_unpacked() {
        assert_eq!(read(Some("!binary"), "aG9s\nYQ==\n", false), Some(Scalar::Text("hola".to_owned())));
        assert_eq!(
            read(Some("tag:yaml.org,2002:binary"), "/w==", true),
            Some(Scalar::Text("\u{fffd}".to_owned()))
        );
        assert_eq!(read(Some("!binary"), "not base64!", true), None);
        assert_eq!(read(Some("!binary"), "YQBi", true), None, "a zero byte");
        assert_eq!(read(Some("!ruby/class"), "Kernel", true), None);
    }
}
