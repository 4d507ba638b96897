//! The texts of refusals.

use domain::Ecosystem::{NuGet, PowerShell, RubyGems};
use domain::{Expiry, InvalidGlob, KeyField, KeyPart, KeyProblem, KeyProblems, KeyRequest, Profile};

use crate::common::now;
use crate::{at, owned};

#[test]
fn all_problems_of_a_request_come_at_once() {
    let asked = KeyRequest {
        name: String::new(),
        words: vec![],
        selection: owned(RubyGems, "rack"),
        expiry: Expiry::At(at("2020-01-01T00:00:00Z")),
        otp_required: true,
    };
    let problems = Profile::of(RubyGems).draft(asked.clone(), now()).unwrap_err();
    assert_eq!(
        problems.sentence(),
        "Name can't be blank, Please enable at least one scope, Rubygem scope can only be set for push/yank \
         rubygem, and add/remove owner scopes, Expires at must be in the future, and Two-factor authentication is not \
         available on this server yet, so a key cannot require it."
    );
    let problems =
        Profile::of(NuGet).draft(KeyRequest { expiry: Expiry::Never, ..asked }, now()).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "The key needs a name. Choose at least one scope. Keys of this kind are bound to names and patterns, not \
         to an ownership. A key is good in one ecosystem only; a chosen package is of another. Packages can be \
         chosen only for scopes that are about packages. A key must expire. Choose 1 to 365 days. Keys of this \
         kind cannot ask for a second factor."
    );
}

#[test]
fn problems_have_the_texts_that_clients_of_rubygems_know() {
    let cases = [
        (KeyProblem::NameBlank, "Name can't be blank"),
        (KeyProblem::NameTooLong { limit: 255 }, "Name is too long (maximum is 255 characters)"),
        (KeyProblem::NoScope, "Please enable at least one scope"),
        (
            KeyProblem::ExclusiveScope { word: "show_dashboard" },
            "Show dashboard scope must be enabled exclusively",
        ),
        (
            KeyProblem::UnknownScopes { got: vec!["x".to_owned()], known: vec!["a", "b"] },
            r#"Scopes scopes must be from ["a", "b"], got: ["x"]"#,
        ),
        (
            KeyProblem::NoScopeForSelection,
            "Rubygem scope can only be set for push/yank rubygem, and add/remove owner scopes",
        ),
        (KeyProblem::PackageNotFound, "Rubygem could not be found"),
        (KeyProblem::PackageNotOwned, "Rubygem must be a gem that you are an owner of"),
        (KeyProblem::ExpiryNotInFuture, "Expires at must be in the future"),
        (KeyProblem::Expired, "An expired API key cannot be used. Please create a new one."),
        (
            KeyProblem::OwnershipLost,
            "An invalid API key cannot be used. Please delete it and create a new one.",
        ),
        (KeyProblem::NothingSelected, "Choose the packages of the key. For all packages, say so."),
    ];
    for (problem, text) in cases {
        assert_eq!(problem.wire(), text);
        assert_eq!(problem.text_for(RubyGems), text);
        assert_eq!(problem.text_for(NuGet), problem.to_string());
    }
}

#[test]
fn problems_are_joined_as_rubygems_joins_them() {
    let one = KeyProblems::from(KeyProblem::NameBlank);
    assert_eq!(one.sentence(), "Name can't be blank");
    let two = one.with(KeyProblem::NoScope.into());
    assert_eq!(two.sentence(), "Name can't be blank and Please enable at least one scope");
    let three = two.with(KeyProblem::PackageNotFound.into());
    assert_eq!(
        three.sentence(),
        "Name can't be blank, Please enable at least one scope, and Rubygem could not be found"
    );
}

#[test]
fn problems_tell_people_what_they_can_choose() {
    let choice = Profile::of(PowerShell).expiry_rule();
    assert_eq!(
        KeyProblem::LifetimeNotOffered { rule: choice }.to_string(),
        "A key cannot be made for that time. Choose 1, 90, 180, 270 or 365 days."
    );
    let got = vec!["package:push".to_owned(), "all".to_owned()];
    assert_eq!(
        KeyProblem::UnknownScopes { got, known: vec!["package:push", "package:unlist"] }.to_string(),
        "There is no scope `all`. The scopes are `package:push`, `package:unlist`."
    );
}

#[test]
fn each_problem_is_told_beside_the_part_of_the_form_that_it_is_about() {
    let bad_glob = KeyProblem::BadGlob { text: "a b".to_owned(), reason: InvalidGlob::ForbiddenCharacter };
    for (problem, field) in [
        (KeyProblem::NameBlank, KeyField::Name),
        (KeyProblem::NoScope, KeyField::Scopes),
        (KeyProblem::ExclusiveScope { word: "show_dashboard" }, KeyField::Scopes),
        (KeyProblem::Locked { part: KeyPart::Words }, KeyField::Scopes),
        (KeyProblem::NothingSelected, KeyField::Packages),
        (KeyProblem::TooManyPatterns { limit: 500 }, KeyField::Packages),
        (KeyProblem::PackageNotOwned, KeyField::Packages),
        (bad_glob, KeyField::Globs),
        (KeyProblem::ExpiryNotInFuture, KeyField::Expiry),
        (KeyProblem::SecondFactorNotOffered, KeyField::SecondFactor),
        (KeyProblem::SecondFactorNotAvailable, KeyField::SecondFactor),
        (KeyProblem::TooManyKeys { limit: 1000 }, KeyField::Key),
        (KeyProblem::Expired, KeyField::Key),
    ] {
        assert_eq!(problem.field(), field, "{problem}");
    }
}
