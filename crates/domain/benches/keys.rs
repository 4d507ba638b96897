//! How long the hot path of a key takes: looking at a value, digesting it, and deciding.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::{
    AccountId, AccountStanding, Action, Credential, Decision, Ecosystem, Glob, Grant, Key, KeyId, KeyKind,
    PackageName, PackageStanding, PlainKey, Presented, Role, Scope, SecondFactor, Selection, Selector,
    Standing, Timestamp, decide,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// An owner in good standing.
const STANDING: Standing = Standing {
    account: AccountStanding {
        confirmed: true,
        locked: false,
        second_factor: SecondFactor::Disabled,
        otp_proven: false,
    },
    package: PackageStanding::Member(Role::Owner),
};

fn key() -> Key {
    Key {
        id: KeyId::new(NOW),
        owner: AccountId::new(NOW),
        ecosystem: Ecosystem::NuGet,
        kind: KeyKind::Scoped,
        name: "bench".to_owned(),
        words: Vec::new(),
        selection: Selection::Any,
        expires_at: None,
        lifetime_days: None,
        otp_required: false,
        created_at: NOW,
        last_used_at: None,
        last_push_at: None,
        revoked_at: None,
        ownership_lost: None,
    }
}

/// Names of one length, as one team has them: the hardest to tell apart.
fn name(number: usize) -> PackageName {
    PackageName::stored(Ecosystem::NuGet, format!("Fabrikam.Service.{number:04}"))
}

fn scope(count: usize, selector: impl Fn(usize) -> Selector) -> Scope {
    (0..count).map(|number| Grant { action: Action::PublishVersion, selector: selector(number) }).collect()
}

/// Decides on the package of the last grant, so that all are looked at.
fn decide_last(key: &Key, scope: &Scope, package: &PackageName) -> Decision {
    let credential = Credential::Key { key, scope };
    decide(credential, black_box(&STANDING), Action::PublishVersion, Some(package), NOW)
}

fn decisions(c: &mut Criterion) {
    let key = key();
    for count in [1, 10, 1000] {
        let last = name(count - 1);
        let names = scope(count, |number| Selector::Name(name(number)));
        assert!(decide_last(&key, &names, &last).is_permitted());
        c.bench_function(&format!("decide, {count} names"), |b| {
            b.iter(|| decide_last(black_box(&key), black_box(&names), black_box(&last)));
        });
        let glob = |number| Glob::parse(&format!("Fabrikam.*.{number:04}")).expect("a glob");
        let globs = scope(count, |number| Selector::Glob(glob(number)));
        assert!(decide_last(&key, &globs, &last).is_permitted());
        c.bench_function(&format!("decide, {count} globs"), |b| {
            b.iter(|| decide_last(black_box(&key), black_box(&globs), black_box(&last)));
        });
    }
}

fn globs(c: &mut Criterion) {
    let cases = [
        ("prefix", "Fabrikam.Service.*".to_owned(), "fabrikam.service.framework".to_owned()),
        ("inner pieces", "*Service*Client*".to_owned(), "fabrikam.service.web.client.v2".to_owned()),
        ("100 stars", "*".repeat(100), "a".repeat(100)),
        ("worst case", format!("{}*b*", "*a".repeat(126)), "a".repeat(255)),
    ];
    for (title, pattern, name) in cases {
        let glob = Glob::parse(&pattern).expect("a glob");
        c.bench_function(&format!("glob, {title}"), |b| {
            b.iter(|| black_box(&glob).matches(black_box(&name)));
        });
    }
}

fn values(c: &mut Criterion) {
    let value = PlainKey::generate();
    c.bench_function("inspect and digest our value", |b| {
        b.iter(|| Presented::inspect(black_box(value.expose())));
    });
    let mistyped = value.expose().replace("keyward_", "keyward_x");
    c.bench_function("inspect a mistyped value", |b| b.iter(|| Presented::inspect(black_box(&mistyped))));
    c.bench_function("inspect and digest a foreign value", |b| {
        b.iter(|| Presented::inspect(black_box("rubygems_0123456789abcdef0123456789abcdef0123456789abcdef")));
    });
    c.bench_function("generate a value", |b| b.iter(PlainKey::generate));
}

fn scopes(c: &mut Criterion) {
    c.bench_function("build a scope of 1000 names", |b| {
        b.iter(|| scope(1000, |number| Selector::Name(name(number))));
    });
}

criterion_group!(benches, decisions, globs, values, scopes);
criterion_main!(benches);
