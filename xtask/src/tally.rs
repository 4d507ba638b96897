//! Counts tests by reading the closing lines of the test runners as they pass by.

use std::ops::AddAssign;

/// How many tests passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u32,
    /// Tests that failed, ran out of time or could not be started.
    pub(crate) failed: u32,
    /// Tests that a filter or `#[ignore]` left out.
    pub(crate) skipped: u32,
}

impl Tally {
    /// Reads a closing line of nextest (`Summary [ 1.2s] 3 tests run: 2 passed, 1 failed`) or of libtest
    /// (`test result: ok. 3 passed; 0 failed; 1 ignored`). Any other line counts nothing.
    pub(crate) fn of_line(line: &str) -> Self {
        let plain = without_escapes(line);
        let line = plain.trim();
        let counts = if line.starts_with("Summary [") {
            line.split_once(" run: ").map(|(_, counts)| counts)
        } else {
            line.strip_prefix("test result: ")
        };
        counts.map(Self::of_counts).unwrap_or_default()
    }

    /// Reads `2 passed (1 slow), 1 failed, 1 timed out`: pairs of a number and a word.
    fn of_counts(counts: &str) -> Self {
        let mut tally = Self::default();
        let words: Vec<&str> = counts.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u32>() else { continue };
            match pair[1] {
                "passed" => tally.passed += number,
                "failed" | "timed" | "exec" => tally.failed += number,
                "skipped" | "ignored" => tally.skipped += number,
                _ => {}
            }
        }
        tally
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Takes out the sequences that colour a terminal: escape, `[`, parameters, one letter.
fn without_escapes(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).map_or(after.len(), |letter| letter + 1);
        rest = &after[end..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u32, failed: u32, skipped: u32) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn the_summary_of_nextest_is_counted() {
        let line = "     Summary [  12.345s] 104 tests run: 100 passed (2 slow, 1 leaky), 1 failed, 2 timed out, 1 exec failed, 7 skipped";
        assert_eq!(Tally::of_line(line), tally(100, 4, 7));
        assert_eq!(
            Tally::of_line("     Summary [   0.005s] 1 test run: 1 passed, 0 skipped"),
            tally(1, 0, 0)
        );
        assert_eq!(
            Tally::of_line("     Summary [   0.1s] 3/9 tests run: 2 passed, 1 failed, 0 skipped"),
            tally(2, 1, 0)
        );
    }

    #[test]
    fn the_results_of_libtest_are_counted() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_line(line), tally(3, 1, 2));
    }

    #[test]
    fn colours_do_not_hide_a_count() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.005s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m1\u{1b}[0m \u{1b}[33;1mskipped\u{1b}[0m";
        assert_eq!(Tally::of_line(line), tally(2, 0, 1));
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        assert_eq!(Tally::of_line("5 passed, 1 failed"), Tally::default());
        assert_eq!(Tally::of_line("running 3 tests"), Tally::default());
    }
}
