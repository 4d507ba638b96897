//! The rules of keys, ecosystem by ecosystem, and for each the tests that prove it. The rows are those of the table in the design.

use std::{collections::BTreeSet, fs, path::Path};

use domain::Ecosystem;

/// A rule, and the tests that prove it for gems, for `NuGet` and for PowerShell. Where an ecosystem does not have it, a test proves
/// that it is not offered.
struct Rule {
    name: &'static str,
    proofs: [&'static [&'static str]; 3],
}

const RULES: [Rule; 10] = [
    Rule {
        name: "scopes and their actions",
        proofs: [
            &[
                "the_scopes_of_rubygems_stand_for_their_actions",
                "each_scope_of_gems_makes_a_key_with_it_alone",
            ],
            &["the_scopes_of_nuget_stand_for_their_actions", "each_scope_of_nuget_makes_a_key_with_it_alone"],
            &[
                "the_scopes_of_powershell_stand_for_their_actions",
                "each_scope_of_powershell_makes_a_key_with_it_alone",
            ],
        ],
    },
    Rule {
        name: "selectors",
        proofs: [
            &[
                "a_gem_key_is_bound_to_packages_only_with_a_scope_about_packages",
                "scopes_and_gem_can_be_changed_and_hold_in_the_next_request",
                "a_key_dies_with_the_ownership_it_hangs_on_and_stays_dead",
            ],
            GLOBS,
            GLOBS,
        ],
    },
    Rule {
        name: "exclusive scope",
        proofs: [
            &["the_dashboard_scope_stands_alone", "what_is_wrong_is_said_and_what_was_typed_is_kept"],
            &["the_dashboard_scope_stands_alone"],
            &["the_dashboard_scope_stands_alone"],
        ],
    },
    Rule {
        name: "expiry",
        proofs: [
            &[
                "a_gem_key_may_live_for_ever_or_until_an_instant_at_least_a_minute_ahead",
                "a_key_is_expired_from_the_very_instant_of_its_expiry",
            ],
            &[
                "a_nuget_key_lives_1_to_365_days_and_365_when_nothing_is_said",
                "the_lifetimes_that_are_offered_are_those_of_the_ecosystem",
            ],
            &[
                "a_powershell_key_lives_one_of_five_numbers_of_days_and_never_for_ever",
                "the_lifetimes_that_are_offered_are_those_of_the_ecosystem",
            ],
        ],
    },
    Rule {
        name: "editable later",
        proofs: [
            &[
                "scopes_and_packages_of_a_gem_key_can_be_edited",
                "scopes_and_gem_can_be_changed_and_hold_in_the_next_request",
                "a_narrowed_key_is_narrower_at_once_on_every_node",
            ],
            EDITABLE,
            EDITABLE,
        ],
    },
    Rule {
        name: "regenerate",
        proofs: [
            &[
                "gem_keys_are_not_regenerated_but_reset_all_at_once",
                "a_reset_ends_all_keys_for_gems_and_no_other",
                "deleting_asks_first_says_what_stops_and_holds_in_the_next_request",
            ],
            REGENERATED,
            REGENERATED,
        ],
    },
    Rule {
        name: "second factor on the key",
        proofs: [
            &[
                "no_key_can_require_two_factor_authentication_before_it_is_enforced",
                "the_level_of_the_account_and_the_wish_of_the_key_decide_about_the_second_factor",
            ],
            &["no_key_can_require_two_factor_authentication_before_it_is_enforced"],
            &["no_key_can_require_two_factor_authentication_before_it_is_enforced"],
        ],
    },
    Rule {
        name: "legacy",
        proofs: [
            &[
                "a_legacy_key_has_every_scope_but_the_exclusive_one_on_any_package_for_ever",
                "an_imported_value_pushes_and_once_it_is_deleted_it_never_comes_back",
                "no_other_key_retires",
            ],
            &[
                "a_legacy_key_has_every_scope_but_the_exclusive_one_on_any_package_for_ever",
                "a_legacy_key_of_nuget_or_powershell_can_only_be_deleted",
                "a_legacy_nuget_key_retires_after_365_days_without_a_push",
                "a_full_access_key_of_nuget_is_retired_after_a_year_without_a_push",
            ],
            &[
                "a_legacy_key_has_every_scope_but_the_exclusive_one_on_any_package_for_ever",
                "a_legacy_key_of_nuget_or_powershell_can_only_be_deleted",
                "a_full_access_key_of_powershell_never_retires_and_once_deleted_never_comes_back",
                "no_other_key_retires",
            ],
        ],
    },
    Rule {
        name: "the value is given",
        proofs: [
            &[
                "the_value_is_shown_once_and_really_pushes_a_gem",
                "sign_in_answers_with_the_bare_key_which_works_at_once",
            ],
            COPIED,
            COPIED,
        ],
    },
    Rule {
        name: "expired",
        proofs: [
            &[
                "each_key_tells_its_scopes_packages_times_and_state",
                "an_expired_key_is_refused_from_its_instant_on_though_it_is_in_memory",
            ],
            EXPIRED,
            EXPIRED,
        ],
    },
];

const GLOBS: &[&str] = &[
    "nuget_and_powershell_keys_are_bound_to_names_and_globs",
    "no_packages_are_never_all_packages",
    "the_copied_value_is_a_live_key_and_never_stands_in_the_page",
];
const EDITABLE: &[&str] = &[
    "only_the_packages_of_nuget_and_powershell_keys_can_be_edited",
    "scopes_are_locked_and_a_changed_glob_holds_in_the_next_request",
];
const REGENERATED: &[&str] = &[
    "a_regenerated_key_is_the_same_key_for_as_many_days_from_now",
    "a_regenerated_key_has_a_new_value_and_the_old_one_is_dead_in_the_next_request",
    "an_expired_key_does_nothing_is_warned_of_and_comes_back_when_it_is_regenerated",
];
const COPIED: &[&str] = &[
    "the_copied_value_is_a_live_key_and_never_stands_in_the_page",
    "after_a_reload_there_is_no_button_and_no_second_key",
    "back_and_forward_lead_to_no_value",
];
const EXPIRED: &[&str] = &["an_expired_key_does_nothing_is_warned_of_and_comes_back_when_it_is_regenerated"];

#[test]
fn each_rule_of_keys_is_proven_for_each_ecosystem_by_a_test_that_exists() {
    let tests = tests();
    for rule in &RULES {
        for (ecosystem, proofs) in Ecosystem::ALL.iter().zip(rule.proofs) {
            assert!(!proofs.is_empty(), "{} is proven for {ecosystem:?}", rule.name);
            for proof in proofs {
                assert!(tests.contains(*proof), "{}, {ecosystem:?}: there is no test {proof}", rule.name);
            }
        }
    }
}

#[test]
fn tests_are_found_by_what_stands_above_them() {
    let source = "#[test]\nfn plain() {}\n#[tokio::test]\nasync fn slow() {}\nfn no_test() {}\n";
    assert_eq!(names(source).collect::<Vec<_>>(), ["plain", "slow"]);
}

/// The names of all tests of the workspace.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).expect("a source can be read");
                found.extend(names(&source).map(str::to_owned));
            }
        }
    }
    found
}

/// The names of functions that stand right below a mark of a test.
fn names(source: &str) -> impl Iterator<Item = &str> {
    let marks = |line: &str| line == "#[test]" || line.starts_with("#[tokio::test");
    source.lines().map(str::trim).zip(source.lines().skip(1).map(str::trim)).filter_map(
        move |(above, line)| {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
            marks(above).then(|| name.split('(').next().unwrap_or(name))
        },
    )
}
