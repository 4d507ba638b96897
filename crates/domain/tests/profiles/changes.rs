//! Editing, regenerating, and keys from before there were scopes.

use domain::Ecosystem::{NuGet, PowerShell, RubyGems};
use domain::{Editable, Key, KeyDraft, KeyEdit, KeyKind, KeyPart, KeyProblem, Profile, Selection};

use crate::common::{key, now};
use crate::{at, listed, owned, patterns, words_of};

#[test]
fn scopes_and_packages_of_a_gem_key_can_be_edited() {
    let profile = Profile::of(RubyGems);
    assert_eq!(profile.editable(), Editable { words: true, selection: true, second_factor: true });
    let expires_at = Some(at("2026-08-01T00:00:00Z"));
    let key = Key { expires_at, ..key(RubyGems, &["push_rubygem"], Selection::Any) };

    let unchanged = profile.edit(&key, KeyEdit::default(), now()).unwrap();
    assert_eq!(words_of(&unchanged), ["push_rubygem"]);
    assert_eq!((unchanged.expires_at, unchanged.otp_required), (expires_at, false));

    let edit = KeyEdit {
        words: Some(vec!["yank_rubygem".to_owned(), "index_rubygems".to_owned()]),
        selection: Some(owned(RubyGems, "rack")),
        otp_required: Some(false),
    };
    let changed = profile.edit(&key, edit.clone(), now()).unwrap();
    assert_eq!(words_of(&changed), ["index_rubygems", "yank_rubygem"]);
    assert_eq!((changed.selection, changed.otp_required), (owned(RubyGems, "rack"), false));
    assert_eq!((changed.name.as_str(), changed.expires_at), ("ci", expires_at));

    let required = profile.edit(&key, KeyEdit { otp_required: Some(true), ..edit }, now());
    assert_eq!(required.map_err(listed), Err(vec![KeyProblem::SecondFactorNotAvailable]));
}

#[test]
fn an_edit_is_checked_against_the_parts_that_stay() {
    let profile = Profile::of(RubyGems);
    let bound = key(RubyGems, &["push_rubygem"], owned(RubyGems, "rack"));
    let edit = |words: &[&str]| {
        let words = Some(words.iter().map(|&word| word.to_owned()).collect());
        profile.edit(&bound, KeyEdit { words, ..KeyEdit::default() }, now()).map_err(listed)
    };
    assert_eq!(edit(&["index_rubygems"]), Err(vec![KeyProblem::NoScopeForSelection]));
    assert_eq!(edit(&[]), Err(vec![KeyProblem::NoScope, KeyProblem::NoScopeForSelection]));
    let exclusive = KeyProblem::ExclusiveScope { word: "show_dashboard" };
    assert_eq!(edit(&["push_rubygem", "show_dashboard"]), Err(vec![exclusive]));

    let nothing = KeyEdit { selection: Some(Selection::Patterns(vec![])), ..KeyEdit::default() };
    let refused = profile.edit(&bound, nothing, now()).map_err(listed);
    assert_eq!(refused, Err(vec![KeyProblem::NothingSelected]));
}

#[test]
fn only_the_packages_of_nuget_and_powershell_keys_can_be_edited() {
    for ecosystem in [NuGet, PowerShell] {
        let profile = Profile::of(ecosystem);
        assert_eq!(profile.editable(), Editable { words: false, selection: true, second_factor: false });
        let key = Key {
            lifetime_days: Some(90),
            expires_at: Some(now()),
            ..key(ecosystem, &["package:unlist"], Selection::Any)
        };
        let selection = Some(patterns(ecosystem, &["Contoso.*"]));
        let changed = profile
            .edit(&key, KeyEdit { selection: selection.clone(), ..KeyEdit::default() }, now())
            .unwrap();
        assert_eq!(Some(changed.selection), selection, "expired keys can be edited, too");
        assert_eq!((changed.lifetime_days, changed.expires_at), (Some(90), Some(now())));

        let words = Some(vec!["package:push".to_owned()]);
        let refused = profile.edit(&key, KeyEdit { words, selection, otp_required: Some(true) }, now());
        assert_eq!(
            refused.map_err(listed),
            Err(vec![
                KeyProblem::Locked { part: KeyPart::Words },
                KeyProblem::Locked { part: KeyPart::SecondFactor },
            ])
        );
    }
}

#[test]
fn an_expired_deleted_or_orphaned_gem_key_cannot_be_edited() {
    let usable = key(RubyGems, &["push_rubygem"], Selection::Any);
    let cases = [
        (Key { expires_at: Some(now()), ..usable.clone() }, KeyProblem::Expired),
        (Key { revoked_at: Some(now()), ..usable.clone() }, KeyProblem::Revoked),
        (Key { ownership_lost: Some("rack".to_owned()), ..usable }, KeyProblem::OwnershipLost),
    ];
    for (key, problem) in cases {
        let refused = Profile::of(RubyGems).edit(&key, KeyEdit::default(), now()).map_err(listed);
        assert_eq!(refused, Err(vec![problem]));
    }
}

#[test]
fn a_regenerated_key_is_the_same_key_for_as_many_days_from_now() {
    for ecosystem in [NuGet, PowerShell] {
        let profile = Profile::of(ecosystem);
        assert!(profile.can_regenerate());
        let selection = patterns(ecosystem, &["Contoso.*"]);
        let expired = Key {
            lifetime_days: Some(90),
            expires_at: Some(at("2026-05-05T00:00:00Z")),
            ..key(ecosystem, &["package:pushversion"], selection.clone())
        };
        let renewed = profile.renew(&expired, now()).unwrap();
        assert_eq!(renewed.expires_at, Some(at("2026-08-30T12:00:00Z")));
        assert_eq!((renewed.name.as_str(), renewed.lifetime_days), ("ci", Some(90)));
        assert_eq!((words_of(&renewed), renewed.selection), (vec!["package:pushversion"], selection));

        let revoked = Key { revoked_at: Some(now()), ..expired.clone() };
        assert_eq!(profile.renew(&revoked, now()), Err(KeyProblem::Revoked));
        let endless = Key { lifetime_days: None, ..expired };
        assert_eq!(profile.renew(&endless, now()), Err(KeyProblem::NotRegenerable));
    }
}

#[test]
fn gem_keys_are_not_regenerated_but_reset_all_at_once() {
    let key = Key { lifetime_days: Some(90), ..key(RubyGems, &["push_rubygem"], Selection::Any) };
    assert_eq!(Profile::of(RubyGems).renew(&key, now()), Err(KeyProblem::NotRegenerable));
    assert!(Profile::of(RubyGems).can_reset());
    assert!(!Profile::of(NuGet).can_reset());
    assert!(!Profile::of(PowerShell).can_reset());
}

#[test]
fn a_legacy_key_has_every_scope_but_the_exclusive_one_on_any_package_for_ever() {
    for (ecosystem, name, idle) in [
        (RubyGems, "legacy-key", None),
        (NuGet, "Full access API key", Some(365)),
        (PowerShell, "Full access API key", None),
    ] {
        let profile = Profile::of(ecosystem);
        let draft = profile.legacy_draft();
        assert_eq!((draft.name.as_str(), profile.legacy().retired_after_idle_days), (name, idle));
        assert_eq!((&draft.selection, draft.expires_at, draft.lifetime_days), (&Selection::Any, None, None));
        let mut expected: Vec<_> = profile.words().iter().map(|word| word.word).collect();
        expected.retain(|word| *word != "show_dashboard");
        expected.sort_unstable();
        assert_eq!(words_of(&draft), expected);
        let named = profile.legacy_draft_named("old laptop".to_owned()).unwrap();
        assert_eq!(named, KeyDraft { name: "old laptop".to_owned(), ..draft });
        assert_eq!(
            profile.legacy_draft_named(" ".to_owned()).map_err(listed),
            Err(vec![KeyProblem::NameBlank])
        );
    }
}

#[test]
fn a_legacy_key_of_nuget_or_powershell_can_only_be_deleted() {
    for ecosystem in [NuGet, PowerShell] {
        let profile = Profile::of(ecosystem);
        let legacy = Key {
            kind: KeyKind::Legacy,
            lifetime_days: Some(90),
            ..key(ecosystem, &["package:push"], Selection::Any)
        };
        let edit = KeyEdit { selection: Some(patterns(ecosystem, &["A"])), ..KeyEdit::default() };
        let refused = profile.edit(&legacy, edit, now()).map_err(listed);
        assert_eq!(refused, Err(vec![KeyProblem::LegacyLocked]));
        assert_eq!(profile.renew(&legacy, now()), Err(KeyProblem::LegacyLocked));
    }
    let legacy = Key { kind: KeyKind::Legacy, ..key(RubyGems, &["push_rubygem"], Selection::Any) };
    let edit = KeyEdit { selection: Some(owned(RubyGems, "rack")), ..KeyEdit::default() };
    assert!(Profile::of(RubyGems).edit(&legacy, edit, now()).is_ok());
}
