//! What is known to be wrong with a text before the parser sees it.

use super::{Bounds, Fault, syntax};

/// Refuses what is not UTF-8, control characters, directives, long lines, and the line breaks of YAML 1.1 that are none in YAML 1.2:
/// clients read 1.1, we read 1.2, and both must see the same lines.
pub(super) fn decode(bytes: &[u8], bounds: Bounds) -> Result<&str, Fault> {
    let line_at = |end: usize| bytes[..end].split(|byte| *byte == b'\n').count();
    let text = std::str::from_utf8(bytes)
        .map_err(|error| syntax(line_at(error.valid_up_to()), "invalid UTF-8".to_owned()))?;
    if let Some(start) = text.find(|c| !is_printable(c)) {
        return Err(syntax(line_at(start), "control characters are not allowed".to_owned()));
    }
    for (index, line) in text.split(['\n', '\r']).enumerate() {
        if line.len() > bounds.line {
            return Err(syntax(index + 1, format!("a line is longer than {} bytes", bounds.line)));
        }
        // Wherever it stands: whoever writes gemspecs indents the lines of a text, so that none of them begins like this.
        if line.starts_with('%') {
            return Err(syntax(index + 1, "directives are not supported".to_owned()));
        }
    }
    Ok(text)
}

/// The characters that YAML 1.1 takes, without the line breaks that YAML 1.2 took back and the mark of byte order.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
