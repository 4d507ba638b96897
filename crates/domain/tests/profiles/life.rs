//! How long keys live, what they are called, how they are handed over.

use domain::Ecosystem::{NuGet, PowerShell, RubyGems};
use domain::{
    Ecosystem, ExpiredListing, Expiry, ExpiryRule, KeyProblem, KeyRequest, Profile, Selection, Timestamp,
    ValueDelivery,
};

use crate::common::now;
use crate::{at, draft, push_word, request};

/// What becomes of an expiry: the end and the days, or whether it is refused.
fn lifetime(
    ecosystem: Ecosystem,
    expiry: Expiry,
) -> Result<(Option<Timestamp>, Option<u16>), Vec<KeyProblem>> {
    draft(ecosystem, request(&[push_word(ecosystem)], Selection::Any, expiry))
        .map(|draft| (draft.expires_at, draft.lifetime_days))
}

#[test]
fn a_gem_key_may_live_for_ever_or_until_an_instant_at_least_a_minute_ahead() {
    assert_eq!(Profile::of(RubyGems).expiry_rule(), ExpiryRule::OptionalInstant);
    let late = at("9000-01-01T00:00:00Z");
    let cases = [
        (Expiry::Default, Ok((None, None))),
        (Expiry::Never, Ok((None, None))),
        (Expiry::At(late), Ok((Some(late), None))),
        (Expiry::At(at("2026-06-01T12:01:00Z")), Ok((Some(at("2026-06-01T12:01:00Z")), None))),
        (Expiry::At(at("2026-06-02T12:00:00.1234567Z")), Ok((Some(at("2026-06-02T12:00:00.123456Z")), None))),
        (Expiry::Days(2), Ok((Some(at("2026-06-03T12:00:00Z")), None))),
        (Expiry::Days(0), Err(vec![KeyProblem::ExpiryNotInFuture])),
        (Expiry::At(at("2026-06-01T12:00:59Z")), Err(vec![KeyProblem::ExpiryNotInFuture])),
        (Expiry::At(now()), Err(vec![KeyProblem::ExpiryNotInFuture])),
        (Expiry::At(at("1999-01-01T00:00:00Z")), Err(vec![KeyProblem::ExpiryNotInFuture])),
    ];
    for (expiry, expected) in cases {
        assert_eq!(lifetime(RubyGems, expiry), expected, "{expiry:?}");
    }
}

#[test]
fn a_nuget_key_lives_1_to_365_days_and_365_when_nothing_is_said() {
    let rule = ExpiryRule::Days { min: 1, max: 365, default: 365 };
    assert_eq!(Profile::of(NuGet).expiry_rule(), rule);
    let refused = || Err(vec![KeyProblem::LifetimeNotOffered { rule }]);
    let cases = [
        (Expiry::Default, Ok((Some(at("2027-06-01T12:00:00Z")), Some(365)))),
        (Expiry::Days(365), Ok((Some(at("2027-06-01T12:00:00Z")), Some(365)))),
        (Expiry::Days(1), Ok((Some(at("2026-06-02T12:00:00Z")), Some(1)))),
        (Expiry::Days(30), Ok((Some(at("2026-07-01T12:00:00Z")), Some(30)))),
        (Expiry::Days(0), refused()),
        (Expiry::Days(366), refused()),
        (Expiry::Days(u16::MAX), refused()),
        (Expiry::At(at("2026-07-01T12:00:00Z")), refused()),
        (Expiry::Never, Err(vec![KeyProblem::MustExpire { rule }])),
    ];
    for (expiry, expected) in cases {
        assert_eq!(lifetime(NuGet, expiry), expected, "{expiry:?}");
    }
}

#[test]
fn a_powershell_key_lives_one_of_five_numbers_of_days_and_never_for_ever() {
    let rule = ExpiryRule::Choice { offered: &[1, 90, 180, 270, 365], default: 365 };
    assert_eq!(Profile::of(PowerShell).expiry_rule(), rule);
    for days in 0..=400 {
        let outcome = lifetime(PowerShell, Expiry::Days(days)).map(|(_, days)| days);
        if [1, 90, 180, 270, 365].contains(&days) {
            assert_eq!(outcome, Ok(Some(days)));
        } else {
            assert_eq!(outcome, Err(vec![KeyProblem::LifetimeNotOffered { rule }]), "{days}");
        }
    }
    let year = at("2027-06-01T12:00:00Z");
    assert_eq!(lifetime(PowerShell, Expiry::Default), Ok((Some(year), Some(365))));
    assert_eq!(lifetime(PowerShell, Expiry::Never), Err(vec![KeyProblem::MustExpire { rule }]));
    assert_eq!(lifetime(PowerShell, Expiry::At(year)), Err(vec![KeyProblem::LifetimeNotOffered { rule }]));
}

#[test]
fn no_key_can_require_two_factor_authentication_before_it_is_enforced() {
    for &ecosystem in Ecosystem::ALL {
        let asked = request(&[push_word(ecosystem)], Selection::Any, Expiry::Default);
        let outcome = draft(ecosystem, KeyRequest { otp_required: true, ..asked });
        assert_eq!(Profile::of(ecosystem).has_second_factor(), ecosystem == RubyGems);
        match ecosystem {
            RubyGems => assert_eq!(outcome, Err(vec![KeyProblem::SecondFactorNotAvailable])),
            NuGet | PowerShell => assert_eq!(outcome, Err(vec![KeyProblem::SecondFactorNotOffered])),
        }
    }
}

#[test]
fn names_of_keys_are_bounded_and_fit_on_a_line() {
    for (ecosystem, limit) in [(RubyGems, 255), (NuGet, 256), (PowerShell, 256)] {
        let with = |name: &str| {
            let asked = request(&[push_word(ecosystem)], Selection::Any, Expiry::Default);
            draft(ecosystem, KeyRequest { name: name.to_owned(), ..asked }).map(|draft| draft.name)
        };
        let longest = "ü".repeat(limit);
        assert_eq!(with(&longest), Ok(longest.clone()));
        assert_eq!(with(&format!("{longest}x")), Err(vec![KeyProblem::NameTooLong { limit }]));
        assert_eq!(with("x\r\nBcc: y"), Err(vec![KeyProblem::NameHasControlCharacters]));
        assert_eq!(with("x\0"), Err(vec![KeyProblem::NameHasControlCharacters]));
        for blank in ["", " ", "\t\n", "\u{a0}"] {
            assert_eq!(with(blank), Err(vec![KeyProblem::NameBlank]), "{blank:?}");
        }
    }
}

#[test]
fn the_value_is_given_and_the_expired_key_listed_as_users_know_it() {
    let rows = [
        (RubyGems, ValueDelivery::ShownOnce, ExpiredListing::Plain),
        (NuGet, ValueDelivery::CopyOnly, ExpiredListing::WithWarning),
        (PowerShell, ValueDelivery::CopyOnly, ExpiredListing::WithWarning),
    ];
    for (ecosystem, delivery, listing) in rows {
        let profile = Profile::of(ecosystem);
        assert_eq!((profile.value_delivery(), profile.expired_listing()), (delivery, listing));
    }
}
