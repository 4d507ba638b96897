//! Versions and platforms compared with what `RubyGems` itself said, once, about long lists of them.

use std::cmp::Ordering;

use gem_format::{Platform, Version};

/// The lines of a table, without its explanation.
fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn versions_sort_as_in_rubygems() {
    let classes: Vec<Vec<Version>> = lines(include_str!("data/version-order.txt"))
        .map(|line| line.split(' ').map(version).collect())
        .collect();
    assert!(classes.len() > 50);
    for (left_rank, left_class) in classes.iter().enumerate() {
        for (right_rank, right_class) in classes.iter().enumerate() {
            for left in left_class {
                for right in right_class {
                    assert_eq!(left.cmp(right), left_rank.cmp(&right_rank), "{left} and {right}");
                }
            }
        }
    }
}

#[test]
fn canonical_numbers_and_prereleases_are_those_of_rubygems() {
    for line in lines(include_str!("data/version-facts.txt")) {
        let [text, canonical, prerelease] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}");
        };
        assert_eq!(version(text).canonical(), canonical, "{text}");
        assert_eq!(version(text).is_prerelease().to_string(), prerelease, "{text}");
        assert_eq!(version(text).as_str(), text);
    }
}

#[test]
fn version_numbers_are_well_formed_when_rubygems_says_so_and_they_are_not_blank() {
    for line in lines(include_str!("data/version-syntax.txt")) {
        let (valid, text) = line.split_once(' ').expect("two columns");
        let text: String = serde_json::from_str(text).expect("a JSON string");
        let expected = valid == "true" && !text.trim().is_empty();
        assert_eq!(Version::parse(&text).is_ok(), expected, "{text:?}");
    }
}

#[test]
fn platforms_resolve_as_in_rubygems() {
    let mut count = 0;
    for line in lines(include_str!("data/platforms.txt")) {
        let (original, resolved) = line.split_once('\t').expect("two columns");
        assert_eq!(Platform::new(original).resolved, resolved, "{original:?}");
        assert_eq!(Platform::new(original).original, original);
        count += 1;
    }
    assert!(count > 100);
}

#[test]
fn comparing_long_versions_takes_time_linear_in_their_length() {
    let long = format!("1{}", ".0".repeat(1_000_000));
    let longer = format!("{long}.1");
    let digits = format!("1.{}", "9".repeat(1_000_000));
    assert_eq!(version(&long).cmp(&version("1")), Ordering::Equal);
    assert_eq!(version(&long).cmp(&version(&longer)), Ordering::Less);
    assert_eq!(version(&digits).cmp(&version(&format!("{digits}0"))), Ordering::Less);
}
