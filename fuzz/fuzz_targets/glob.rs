//! Globs over names, against a slow and simple matcher. The input is a pattern, a line break and a name.

#![no_main]

use domain::Glob;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let Some((pattern, name)) = input.split_once('\n') else { return };
    let Ok(glob) = Glob::parse(pattern) else { return };
    assert_eq!(glob.as_str(), pattern);
    assert_eq!(glob.matches(name), matches(pattern.as_bytes(), name.as_bytes()), "{pattern:?} {name:?}");
});

/// Goes through the pattern and keeps, for each beginning of the name, whether what was seen of the pattern matches it.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for wanted in pattern {
        if *wanted == b'*' {
            let first = reached.iter().position(|is_reached| *is_reached).unwrap_or(reached.len());
            reached[first..].fill(true);
        } else {
            for length in (1..reached.len()).rev() {
                reached[length] = reached[length - 1] && name[length - 1].eq_ignore_ascii_case(wanted);
            }
            reached[0] = false;
        }
    }
    reached[name.len()]
}
