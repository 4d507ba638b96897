//! What holds for every decision, whatever the key, the owner and the package.

mod common;

use common::{key, name, now};
use domain::{
    AccountStanding, Action, Authority, Credential, Decision, Ecosystem, Glob, Grant, Key, KeyKind, KeyState,
    OwnershipId, PackageName, PackageStanding, Role, Scope, SecondFactor, Selection, Selector, Standing,
    decide,
};
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

/// One question to the policy, all but the scope of the key.
#[derive(Clone, Debug)]
struct Question {
    key: Key,
    standing: Standing,
    action: Action,
    package: Option<PackageName>,
}

impl Question {
    fn with_scope(&self, scope: &Scope) -> Decision {
        self.ask(Credential::Key { key: &self.key, scope })
    }

    fn with_grants(&self, grants: &[Grant]) -> Decision {
        self.with_scope(&grants.iter().cloned().collect())
    }

    fn ask(&self, credential: Credential<'_>) -> Decision {
        decide(credential, &self.standing, self.action, self.package.as_ref(), now())
    }
}

fn package() -> impl Strategy<Value = PackageName> {
    let names = vec!["a", "ab", "A.b", "a.b.c", "b"];
    (select(Ecosystem::ALL), select(names)).prop_map(|(ecosystem, text)| {
        // Mostly of the ecosystem of the keys, so that decisions go deep.
        let ecosystem = if ecosystem == Ecosystem::PowerShell { ecosystem } else { Ecosystem::RubyGems };
        name(ecosystem, text)
    })
}

fn selector() -> impl Strategy<Value = Selector> {
    let ownership = OwnershipId::from_uuid(Uuid::from_u128(7));
    let glob =
        select(vec!["*", "a*", "*b", "a.*", "*.*", "b"]).prop_map(|text| Glob::parse(text).expect("a glob"));
    prop_oneof![
        Just(Selector::Any),
        package().prop_map(move |package| Selector::Owned { ownership, package }),
        package().prop_map(Selector::Name),
        glob.prop_map(Selector::Glob),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    select(Action::ALL)
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let grant = (action(), selector()).prop_map(|(action, selector)| Grant { action, selector });
    prop::collection::vec(grant, 0..12)
}

fn standing() -> impl Strategy<Value = Standing> {
    let package = select(vec![
        PackageStanding::None,
        PackageStanding::Unclaimed,
        PackageStanding::Reserved,
        PackageStanding::Member(Role::Owner),
        PackageStanding::Member(Role::Maintainer),
        PackageStanding::Stranger,
    ]);
    let mostly = |likely: bool| prop_oneof![9 => Just(likely), 1 => Just(!likely)];
    (mostly(true), mostly(false), select(SecondFactor::ALL), any::<bool>(), package).prop_map(
        |(confirmed, locked, second_factor, otp_proven, package)| Standing {
            account: AccountStanding { confirmed, locked, second_factor, otp_proven },
            package,
        },
    )
}

fn any_key() -> impl Strategy<Value = Key> {
    let ecosystems = vec![Ecosystem::RubyGems, Ecosystem::RubyGems, Ecosystem::PowerShell];
    (select(ecosystems), select(KeyKind::ALL), any::<bool>(), 0..12).prop_map(
        |(ecosystem, kind, otp_required, condition)| {
            let key = Key { kind, otp_required, ..key(ecosystem, &[], Selection::Any) };
            match condition {
                0 => Key { expires_at: Some(now()), ..key },
                1 => Key { revoked_at: Some(now()), ..key },
                2 => Key { ownership_lost: Some("a".to_owned()), ..key },
                _ => key,
            }
        },
    )
}

fn question() -> impl Strategy<Value = Question> {
    (any_key(), standing(), action(), prop::option::weighted(0.9, package()))
        .prop_map(|(key, standing, action, package)| Question { key, standing, action, package })
}

/// Whether every package of the first selector is one of the second, by how they are built.
fn is_narrower(narrow: &Selector, wide: &Selector) -> bool {
    match (narrow, wide) {
        (_, Selector::Any) => true,
        (Selector::Owned { package, .. } | Selector::Name(package), Selector::Name(other)) => {
            package == other
        }
        (Selector::Owned { package, .. } | Selector::Name(package), Selector::Glob(glob)) => {
            glob.matches(package.as_str())
        }
        (narrow, wide) => narrow == wide,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_never_gives_more_than_its_owner_has(question in question(), grants in grants()) {
        if question.with_grants(&grants).is_permitted() {
            let owner = question.ask(Credential::Session);
            prop_assert_eq!(owner, Decision::Permitted(Authority::Session));
        }
    }

    #[test]
    fn more_grants_never_permit_less(
        question in question(),
        grants in grants(),
        more in grants(),
        place in any::<prop::sample::Index>(),
    ) {
        let mut all = grants.clone();
        let place = place.index(grants.len() + 1);
        all.splice(place..place, more);
        if question.with_grants(&grants).is_permitted() {
            prop_assert!(question.with_grants(&all).is_permitted());
        }
    }

    #[test]
    fn narrower_selectors_never_permit_more(
        question in question(),
        action in action(),
        others in grants(),
        (narrow, wide) in (selector(), selector()).prop_filter("narrower", |(a, b)| is_narrower(a, b)),
    ) {
        let with = |selector| {
            let mut grants = others.clone();
            grants.push(Grant { action, selector });
            question.with_grants(&grants)
        };
        if with(narrow).is_permitted() {
            prop_assert!(with(wide).is_permitted());
        }
    }

    #[test]
    fn the_empty_scope_permits_nothing(question in question()) {
        prop_assert!(!question.with_scope(&Scope::empty()).is_permitted());
    }

    #[test]
    fn nobody_unknown_is_permitted_anything(question in question()) {
        prop_assert!(!question.ask(Credential::Unknown).is_permitted());
    }

    #[test]
    fn a_key_that_is_not_active_permits_nothing(question in question(), grants in grants()) {
        if question.key.state(now()) != KeyState::Active {
            prop_assert!(!question.with_grants(&grants).is_permitted());
        }
    }

    #[test]
    fn the_grant_that_a_decision_names_is_of_that_action_and_covers_the_package(
        question in question(),
        grants in grants(),
    ) {
        let scope: Scope = grants.into_iter().collect();
        if let Decision::Permitted(authority) = question.with_scope(&scope) {
            let Authority::Grant(number) = authority else { panic!("a key is no session") };
            let grant = scope.get(number).unwrap();
            prop_assert_eq!(grant.action, question.action);
            if let Some(package) = &question.package {
                prop_assert!(grant.selector.covers(package));
                prop_assert_eq!(package.ecosystem(), question.key.ecosystem);
            }
        }
    }

    #[test]
    fn what_the_early_check_refuses_is_refused_for_every_package(question in question(), grants in grants()) {
        let early = Question { package: None, ..question.clone() };
        if question.with_grants(&grants).is_permitted() {
            prop_assert!(early.with_grants(&grants).is_permitted());
        }
    }

    #[test]
    fn an_owned_package_never_publishes_a_new_name(question in question(), package in package()) {
        let ownership = OwnershipId::from_uuid(Uuid::from_u128(7));
        let selector = Selector::Owned { ownership, package: package.clone() };
        let grants = [Grant { action: Action::PublishNew, selector }];
        let question = Question { action: Action::PublishNew, package: Some(package), ..question };
        prop_assert!(!question.with_grants(&grants).is_permitted());
    }

    #[test]
    fn a_glob_matches_as_the_plain_definition_says(
        pattern in "[abB.*]{1,14}",
        name in "[aAb.]{0,18}",
    ) {
        let expected = matches_by_definition(pattern.as_bytes(), name.as_bytes());
        prop_assert_eq!(Glob::parse(&pattern).unwrap().matches(&name), expected);
    }

    #[test]
    fn a_glob_made_from_a_name_matches_it(
        name in "[a-cA-C]{1,40}",
        holes in prop::collection::vec(0..40_usize, 0..6),
    ) {
        let mut pattern = name.clone();
        for hole in holes {
            let at = hole.min(pattern.len() - 1);
            pattern.replace_range(at..=at, "*");
        }
        prop_assert!(Glob::parse(&pattern).unwrap().matches(&name.to_ascii_uppercase()));
    }
}

/// The meaning of a glob, tried every way.
fn matches_by_definition(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|taken| matches_by_definition(rest, &name[taken..])),
        Some((letter, rest)) => name.split_first().is_some_and(|(first, names)| {
            first.eq_ignore_ascii_case(letter) && matches_by_definition(rest, names)
        }),
    }
}
