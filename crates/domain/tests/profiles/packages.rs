//! What keys can be bound to.

use crate::{draft, owned, patterns, push_word, request};
use domain::Ecosystem::{NuGet, PowerShell, RubyGems};
use domain::{Ecosystem, Expiry, KeyProblem, MOST_PATTERNS, Profile, Selection, SelectionRule};

#[test]
fn no_packages_are_never_all_packages() {
    for &ecosystem in Ecosystem::ALL {
        let asked = request(&[push_word(ecosystem)], Selection::Patterns(vec![]), Expiry::Default);
        assert_eq!(draft(ecosystem, asked), Err(vec![KeyProblem::NothingSelected]));
    }
}

#[test]
fn a_gem_key_is_bound_to_packages_only_with_a_scope_about_packages() {
    assert_eq!(Profile::of(RubyGems).selection_rule(), SelectionRule::OneOwnedOrPatterns);
    for word in Profile::of(RubyGems).words() {
        for selection in [owned(RubyGems, "rack"), patterns(RubyGems, &["rack-*", "new-one"])] {
            let outcome = draft(RubyGems, request(&[word.word], selection, Expiry::Default));
            let expected = [
                "push_rubygem",
                "yank_rubygem",
                "add_owner",
                "update_owner",
                "remove_owner",
                "configure_trusted_publishers",
            ];
            if expected.contains(&word.word) {
                assert!(outcome.is_ok(), "{}", word.word);
            } else {
                assert_eq!(outcome, Err(vec![KeyProblem::NoScopeForSelection]), "{}", word.word);
            }
        }
    }
    let mixed = request(&["index_rubygems", "push_rubygem"], owned(RubyGems, "rack"), Expiry::Default);
    assert!(draft(RubyGems, mixed).is_ok());
}

#[test]
fn nuget_and_powershell_keys_are_bound_to_names_and_globs() {
    for ecosystem in [NuGet, PowerShell] {
        assert_eq!(Profile::of(ecosystem).selection_rule(), SelectionRule::Patterns);
        let many = patterns(ecosystem, &["Fabrikam.*", "Contoso", "*.Tests", "*"]);
        for selection in [many, Selection::Any] {
            let made = draft(ecosystem, request(&["package:push"], selection.clone(), Expiry::Default));
            assert_eq!(made.unwrap().selection, selection);
        }
        let asked = request(&["package:push"], owned(ecosystem, "Contoso"), Expiry::Default);
        assert_eq!(draft(ecosystem, asked), Err(vec![KeyProblem::OwnershipNotOffered]));
    }
}

#[test]
fn a_package_of_another_ecosystem_is_refused() {
    for (ecosystem, other) in [(RubyGems, NuGet), (NuGet, PowerShell), (PowerShell, RubyGems)] {
        let asked = request(&[push_word(ecosystem)], patterns(other, &["x"]), Expiry::Default);
        assert_eq!(draft(ecosystem, asked), Err(vec![KeyProblem::OtherEcosystem]));
    }
    let asked = request(&["push_rubygem"], owned(NuGet, "x"), Expiry::Default);
    assert_eq!(draft(RubyGems, asked), Err(vec![KeyProblem::OtherEcosystem]));
}

#[test]
fn a_key_has_at_most_500_packages_and_patterns_together() {
    for &ecosystem in Ecosystem::ALL {
        let texts: Vec<_> = (0..=MOST_PATTERNS).map(|number| format!("name{number}")).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let ask = |texts: &[&str]| {
            draft(ecosystem, request(&[push_word(ecosystem)], patterns(ecosystem, texts), Expiry::Default))
        };
        assert!(ask(&texts[1..]).is_ok());
        assert_eq!(ask(&texts), Err(vec![KeyProblem::TooManyPatterns { limit: 500 }]));
    }
}
