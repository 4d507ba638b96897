//! What a key on record is at a given instant, and what it may do.

mod common;

use common::{key, name, now};
use domain::{
    Action, Ecosystem, Glob, Grant, Key, KeyKind, KeyState, NamePattern, OwnershipId, SecondFactor,
    Selection, Selector, Timestamp,
};
use uuid::Uuid;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn push_key(ecosystem: Ecosystem) -> Key {
    let word = if ecosystem == Ecosystem::RubyGems { "push_rubygem" } else { "package:push" };
    key(ecosystem, &[word], Selection::Any)
}

fn owned(package: &str) -> Selection {
    Selection::Owned {
        ownership: OwnershipId::from_uuid(Uuid::from_u128(7)),
        package: name(Ecosystem::RubyGems, package),
    }
}

#[test]
fn a_key_is_expired_from_the_very_instant_of_its_expiry() {
    let key = Key { expires_at: Some(now()), ..push_key(Ecosystem::NuGet) };
    assert_eq!(key.state(at("2026-06-01T11:59:59.999999Z")), KeyState::Active);
    assert_eq!(key.state(now()), KeyState::Expired);
    assert_eq!(key.state(at("2026-06-02T00:00:00Z")), KeyState::Expired);
}

#[test]
fn a_key_without_expiry_stays_active() {
    let key = push_key(Ecosystem::RubyGems);
    assert_eq!(key.state(at("2999-01-01T00:00:00Z")), KeyState::Active);
}

#[test]
fn a_revoked_key_stays_revoked_even_when_the_clock_goes_back() {
    let key = Key { revoked_at: Some(now()), ..push_key(Ecosystem::RubyGems) };
    assert_eq!(key.state(now()), KeyState::Revoked);
    assert_eq!(key.state(at("2026-05-02T00:00:00Z")), KeyState::Revoked);
}

#[test]
fn of_several_reasons_against_a_key_the_first_counts() {
    let lost = Key { ownership_lost: Some("rack".to_owned()), ..push_key(Ecosystem::RubyGems) };
    assert_eq!(lost.state(now()), KeyState::OwnershipLost);
    let expired = Key { expires_at: Some(now()), ..lost };
    assert_eq!(expired.state(now()), KeyState::Expired);
    let revoked = Key { revoked_at: Some(now()), ..expired };
    assert_eq!(revoked.state(now()), KeyState::Revoked);
}

#[test]
fn a_legacy_nuget_key_retires_after_365_days_without_a_push() {
    let legacy = Key {
        kind: KeyKind::Legacy,
        created_at: at("2020-01-01T00:00:00Z"),
        last_used_at: Some(now()),
        last_push_at: Some(at("2025-06-01T12:00:00Z")),
        ..push_key(Ecosystem::NuGet)
    };
    assert_eq!(legacy.state(at("2026-06-01T11:59:59Z")), KeyState::Active);
    assert_eq!(legacy.state(now()), KeyState::Retired);

    let never_pushed = Key { last_push_at: None, ..legacy };
    assert_eq!(never_pushed.state(at("2020-12-30T23:59:59Z")), KeyState::Active);
    assert_eq!(never_pushed.state(at("2020-12-31T00:00:00Z")), KeyState::Retired);
}

#[test]
fn no_other_key_retires() {
    let long_ago = at("1999-01-01T00:00:00Z");
    for ecosystem in Ecosystem::ALL {
        for kind in KeyKind::ALL {
            if (*ecosystem, *kind) != (Ecosystem::NuGet, KeyKind::Legacy) {
                let key = Key { kind: *kind, created_at: long_ago, ..push_key(*ecosystem) };
                assert_eq!(key.state(now()), KeyState::Active, "{ecosystem} {kind}");
            }
        }
    }
}

#[test]
fn an_active_key_expires_soon_within_its_last_ten_days() {
    let with = |expires_at| Key { expires_at, ..push_key(Ecosystem::NuGet) };
    assert!(!with(None).expires_soon(now()));
    assert!(!with(Some(at("2026-06-11T12:00:00.000001Z"))).expires_soon(now()));
    assert!(with(Some(at("2026-06-11T12:00:00Z"))).expires_soon(now()));
    assert!(with(Some(at("2026-06-01T12:00:00.000001Z"))).expires_soon(now()));
    assert!(!with(Some(now())).expires_soon(now()));

    let revoked = Key { revoked_at: Some(now()), ..with(Some(at("2026-06-02T12:00:00Z"))) };
    assert!(!revoked.expires_soon(now()));
}

#[test]
fn the_level_of_the_account_and_the_wish_of_the_key_decide_about_the_second_factor() {
    use SecondFactor::{Disabled, UiAndApi, UiAndGemSignin, UiOnly};
    let cases = [
        (Disabled, false, false),
        (Disabled, true, false),
        (UiOnly, false, false),
        (UiOnly, true, true),
        (UiAndGemSignin, false, false),
        (UiAndGemSignin, true, true),
        (UiAndApi, false, true),
        (UiAndApi, true, true),
    ];
    for (level, otp_required, expected) in cases {
        let key = Key { otp_required, ..push_key(Ecosystem::RubyGems) };
        assert_eq!(key.asks_for_otp(level), expected, "{level}, wish {otp_required}");
        for ecosystem in [Ecosystem::NuGet, Ecosystem::PowerShell] {
            let key = Key { otp_required, ..push_key(ecosystem) };
            assert!(!key.asks_for_otp(level), "{ecosystem} {level}");
        }
    }
}

#[test]
fn a_key_made_for_less_than_fifteen_minutes_never_asks() {
    let living = |seconds: i64| {
        let key = Key { otp_required: true, ..push_key(Ecosystem::RubyGems) };
        let end = Timestamp::from_second(key.created_at.as_second() + seconds).unwrap();
        Key { expires_at: Some(end), ..key }.asks_for_otp(SecondFactor::UiAndApi)
    };
    assert!(!living(15 * 60 - 1));
    assert!(living(15 * 60));
}

#[test]
fn a_bound_key_keeps_its_account_wide_words_on_everything() {
    let key = key(Ecosystem::RubyGems, &["index_rubygems", "yank_rubygem"], owned("rack"));
    let scope = key.scope();
    let grants: Vec<_> = scope.iter().cloned().collect();
    let Selection::Owned { ownership, package } = owned("rack") else { unreachable!() };
    assert_eq!(
        grants,
        [
            Grant { action: Action::ListOwn, selector: Selector::Any },
            Grant { action: Action::Withdraw, selector: Selector::Owned { ownership, package } },
        ]
    );
}

#[test]
fn a_key_has_one_grant_for_each_action_and_pattern() {
    let patterns = vec![
        NamePattern::parse(Ecosystem::NuGet, "Fabrikam.*").unwrap(),
        NamePattern::parse(Ecosystem::NuGet, "Contoso").unwrap(),
        NamePattern::parse(Ecosystem::NuGet, "contoso").unwrap(),
    ];
    let words = ["package:push", "package:pushversion"];
    let scope = key(Ecosystem::NuGet, &words, Selection::Patterns(patterns)).scope();
    let glob = || Selector::Glob(Glob::parse("fabrikam.*").unwrap());
    let contoso = || Selector::Name(name(Ecosystem::NuGet, "Contoso"));
    let grants: Vec<_> = scope.iter().cloned().collect();
    assert_eq!(
        grants,
        [
            Grant { action: Action::PublishNew, selector: glob() },
            Grant { action: Action::PublishNew, selector: contoso() },
            Grant { action: Action::PublishVersion, selector: glob() },
            Grant { action: Action::PublishVersion, selector: contoso() },
        ]
    );
    assert_eq!((scope.len(), scope.get(1)), (4, Some(&grants[1])));
    assert_eq!(scope.get(4), None);
}

#[test]
fn a_key_without_words_or_without_patterns_has_no_grant() {
    assert!(key(Ecosystem::NuGet, &[], Selection::Any).scope().is_empty());
    let nothing = Selection::Patterns(Vec::new());
    assert!(key(Ecosystem::NuGet, &["package:push"], nothing).scope().is_empty());
}

#[test]
fn a_pattern_is_a_glob_when_it_has_a_star_and_else_a_name() {
    let parse = |text| NamePattern::parse(Ecosystem::NuGet, text);
    assert!(matches!(parse("A.*"), Ok(NamePattern::Glob(_))));
    assert!(matches!(parse("A.B"), Ok(NamePattern::Name(_))));
    assert_eq!(parse("A.*").unwrap().as_str(), "A.*");
    assert_eq!(
        parse("A..B").unwrap_err().to_string(),
        "The name of a package must be words of letters, digits and underscores, joined by single dots or dashes."
    );
    assert_eq!(
        parse("A?*").unwrap_err().to_string(),
        "A pattern has only letters, digits, `.`, `-`, `_` and `*`; only `*` is special."
    );
}
