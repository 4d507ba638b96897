//! The hot path of a key allocates nothing: looking at a value, and deciding.

mod common;

use allocation_counter::measure;
use common::{key, name, now};
use domain::{
    AccountStanding, Action, Credential, Decision, Ecosystem, Glob, NamePattern, PackageStanding, PlainKey,
    Presented, Reason, Role, SecondFactor, Selection, Standing, decide,
};

/// Asserts that the work allocates nothing, and that the counter would have seen it.
fn assert_no_allocation(work: impl FnOnce()) {
    let seen = measure(|| drop(std::hint::black_box(String::with_capacity(8))));
    assert_eq!(seen.count_total, 1, "the counter counts");
    assert_eq!(measure(work).count_total, 0);
}

#[test]
fn inspecting_a_presented_value_allocates_nothing() {
    let key = PlainKey::generate();
    assert_no_allocation(|| {
        assert!(matches!(Presented::inspect(key.expose()), Presented::Ours(_)));
        assert!(matches!(Presented::inspect("rubygems_0123"), Presented::Foreign(_)));
        assert_eq!(Presented::inspect("keyward_0123"), Presented::Malformed);
    });
}

#[test]
fn matching_a_glob_allocates_nothing() {
    let glob = Glob::parse("Fabrikam.*.Test*").unwrap();
    assert_no_allocation(|| {
        assert!(glob.matches("fabrikam.service.tests"));
        assert!(!glob.matches("fabrikam.service"));
    });
}

#[test]
fn deciding_allocates_nothing() {
    let ecosystem = Ecosystem::NuGet;
    let texts = ["A.*", "*.B", "Contoso", "Fabrikam.Core"];
    let patterns = texts.map(|text| NamePattern::parse(ecosystem, text).unwrap());
    let key = key(ecosystem, &["package:push"], Selection::Patterns(patterns.into()));
    let scope = key.scope();
    let credential = Credential::Key { key: &key, scope: &scope };
    let account = AccountStanding {
        confirmed: true,
        locked: false,
        second_factor: SecondFactor::UiAndApi,
        otp_proven: false,
    };
    let standing = Standing { account, package: PackageStanding::Member(Role::Owner) };
    let (ours, other) = (name(ecosystem, "Fabrikam.Core"), name(ecosystem, "Other"));
    assert_no_allocation(|| {
        let ask = |action, package| decide(credential, &standing, action, Some(package), now());
        assert!(ask(Action::PublishVersion, &ours).is_permitted());
        assert_eq!(ask(Action::PublishVersion, &other), Decision::Denied(Reason::PackageNotCovered));
        assert_eq!(ask(Action::Withdraw, &ours), Decision::Denied(Reason::ActionNotGranted));
    });
}
