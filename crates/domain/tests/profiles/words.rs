//! Scope words: which there are, and how they combine.

use crate::{draft, push_word, request, words_of};
use domain::Ecosystem::{NuGet, PowerShell, RubyGems};
use domain::{Action, Ecosystem, Expiry, KeyProblem, Profile, ScopeWord, Selection};

/// Lists the words of a profile: `word: actions`, `*` when bound to packages, `!` when exclusive.
fn described(ecosystem: Ecosystem) -> Vec<String> {
    let describe = |word: &ScopeWord| {
        let actions: Vec<_> = word.actions.iter().map(|action| action.as_str()).collect();
        let bound = if word.package_bound { "*" } else { "" };
        let exclusive = if word.exclusive { "!" } else { "" };
        format!("{}{bound}{exclusive}: {}", word.word, actions.join(" "))
    };
    Profile::of(ecosystem).words().iter().map(describe).collect()
}

#[test]
fn the_scopes_of_rubygems_stand_for_their_actions() {
    assert_eq!(
        described(RubyGems),
        [
            "show_dashboard!: read_dashboard",
            "index_rubygems: list_own",
            "push_rubygem*: publish_new publish_version",
            "yank_rubygem*: withdraw",
            "add_owner*: add_owner",
            "update_owner*: update_owner",
            "remove_owner*: remove_owner",
            "access_webhooks: manage_webhooks",
            "configure_trusted_publishers*: manage_publishers",
        ]
    );
}

#[test]
fn the_scopes_of_nuget_stand_for_their_actions() {
    assert_eq!(
        described(NuGet),
        [
            "package:push*: publish_new publish_version",
            "package:pushversion*: publish_version",
            "package:unlist*: withdraw restore",
        ]
    );
}

#[test]
fn the_scopes_of_powershell_stand_for_their_actions() {
    assert_eq!(
        described(PowerShell),
        [
            "package:pushnew*: publish_new",
            "package:push*: publish_new publish_version",
            "package:pushversion*: publish_version",
            "package:unlist*: withdraw restore",
        ]
    );
}

#[test]
fn each_word_is_found_by_its_exact_spelling_and_says_what_it_allows() {
    for &ecosystem in Ecosystem::ALL {
        let profile = Profile::of(ecosystem);
        assert_eq!(profile.ecosystem(), ecosystem);
        for word in profile.words() {
            assert_eq!(profile.word(word.word), Some(word));
            assert_eq!(profile.word(&word.word.to_uppercase()), None);
            assert!(!word.plain.is_empty() && !word.plain.contains('\n'), "{}", word.word);
        }
    }
}

#[test]
fn an_unknown_word_is_refused_with_the_words_there_are() {
    for &ecosystem in Ecosystem::ALL {
        let known: Vec<_> = Profile::of(ecosystem).words().iter().map(|word| word.word).collect();
        let got = vec![push_word(ecosystem).to_owned(), "all".to_owned()];
        let asked = request(&[push_word(ecosystem), "all"], Selection::Any, Expiry::Default);
        assert_eq!(draft(ecosystem, asked), Err(vec![KeyProblem::UnknownScopes { got, known }]));
    }
}

#[test]
fn words_are_kept_sorted_and_once() {
    let asked = request(&["yank_rubygem", "add_owner", "yank_rubygem"], Selection::Any, Expiry::Default);
    assert_eq!(words_of(&draft(RubyGems, asked).unwrap()), ["add_owner", "yank_rubygem"]);
}

#[test]
fn no_words_are_never_all_words() {
    for &ecosystem in Ecosystem::ALL {
        let asked = request(&[], Selection::Any, Expiry::Default);
        assert_eq!(draft(ecosystem, asked), Err(vec![KeyProblem::NoScope]));
    }
}

#[test]
fn the_dashboard_scope_stands_alone() {
    let alone = request(&["show_dashboard"], Selection::Any, Expiry::Default);
    assert!(draft(RubyGems, alone).is_ok());
    let twice = request(&["show_dashboard", "show_dashboard"], Selection::Any, Expiry::Default);
    assert!(draft(RubyGems, twice).is_ok());
    let both = request(&["show_dashboard", "index_rubygems"], Selection::Any, Expiry::Default);
    assert_eq!(draft(RubyGems, both), Err(vec![KeyProblem::ExclusiveScope { word: "show_dashboard" }]));
    for ecosystem in [NuGet, PowerShell] {
        assert!(Profile::of(ecosystem).words().iter().all(|word| !word.exclusive));
    }
}

#[test]
fn enumerations_come_back_from_their_words() {
    for action in Action::ALL {
        assert_eq!(action.as_str().parse(), Ok(*action));
        let json = serde_json::to_string(action).unwrap();
        assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), *action);
    }
    let words: Vec<_> = Ecosystem::ALL.iter().map(|ecosystem| ecosystem.as_str()).collect();
    assert_eq!(words, ["rubygems", "nuget", "powershell"]);
    assert_eq!("pypi".parse::<Ecosystem>().unwrap_err().to_string(), "`pypi` is not an ecosystem");
    assert!(serde_json::from_str::<Ecosystem>("\"NuGet\"").is_err());
}
