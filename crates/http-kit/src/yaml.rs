use std::fmt::Write as _;

use serde_json::Value;

/// Writes a JSON value as a YAML document in block style: what every YAML reader of RubyGems accepts, the small one of newer
/// clients included. Each scalar stays on one line.
pub fn yaml(value: &Value) -> String {
    let mut out = String::from("---");
    match value {
        Value::Array(items) if !items.is_empty() => out.push('\n'),
        Value::Object(fields) if !fields.is_empty() => out.push('\n'),
        _ => out.push(' '),
    }
    write(&mut out, value, 0);
    out
}

fn write(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                pad(out, indent);
                out.push_str("- ");
                write_inline(out, item, indent + 2);
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                pad(out, indent);
                write_field(out, name, field, indent);
            }
        }
        scalar => {
            out.push_str(&scalar_text(scalar));
            out.push('\n');
        }
    }
}

/// An item of a list: the first field of a map stands beside the dash.
fn write_inline(out: &mut String, item: &Value, indent: usize) {
    let Value::Object(fields) = item else { return write_nested(out, item, indent) };
    if fields.is_empty() {
        out.push_str("{}\n");
    }
    for (position, (name, field)) in fields.iter().enumerate() {
        if position > 0 {
            pad(out, indent);
        }
        write_field(out, name, field, indent);
    }
}

fn write_field(out: &mut String, name: &str, field: &Value, indent: usize) {
    out.push_str(&string_text(name));
    out.push(':');
    let nested = match field {
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    out.push(if nested { '\n' } else { ' ' });
    // A list may stand at the indentation of its name.
    write(out, field, if field.is_array() { indent } else { indent + 2 });
}

fn write_nested(out: &mut String, item: &Value, indent: usize) {
    if matches!(item, Value::Array(items) if !items.is_empty()) {
        out.push('\n');
    }
    write(out, item, indent);
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => string_text(text),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A string plain where that is safe, else in double quotes.
fn string_text(text: &str) -> String {
    let safe_first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let safe =
        text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+'));
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
    );
    if safe_first && safe && !word {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' || c == '\u{feff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_maps_is_a_plain_sequence() {
        let owners =
            json!([{ "handle": "alice", "id": 1 }, { "handle": "bob", "id": 2, "email": "bob@example.com" }]);
        assert_eq!(
            yaml(&owners),
            "---\n- handle: alice\n  id: 1\n- handle: bob\n  id: 2\n  email: bob@example.com\n"
        );
    }

    #[test]
    fn nested_values_and_awkward_strings_stay_on_their_lines() {
        let value = json!({ "a": { "b": ["x", "y: z"], "c": [] }, "d": "two\nlines", "e": null, "f": "true", "g": "1.0" });
        assert_eq!(
            yaml(&value),
            "---\na:\n  b:\n  - x\n  - \"y: z\"\n  c: []\nd: \"two\\nlines\"\ne: \nf: \"true\"\ng: \"1.0\"\n"
        );
    }

    #[test]
    fn empty_collections_and_scalars_are_documents_too() {
        assert_eq!(yaml(&json!([])), "--- []\n");
        assert_eq!(yaml(&json!({})), "--- {}\n");
        assert_eq!(yaml(&json!("hello world")), "--- \"hello world\"\n");
    }
}
