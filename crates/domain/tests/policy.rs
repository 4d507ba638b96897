//! The policy as a picture: who may do what, in one table for each situation of a package.

mod common;

use std::fmt::Write;

use common::{key, name, now};
use domain::{
    AccountStanding, Action, Credential, Decision, Ecosystem, Key, KeyKind, NamePattern, OwnershipId,
    PackageName, PackageStanding, Profile, Reason, Role, SecondFactor, Selection, Standing, Timestamp,
    decide,
};
use uuid::Uuid;

use Ecosystem::{NuGet, PowerShell, RubyGems};

/// The package that all is about, in whichever ecosystem.
const PACKAGE: &str = "Fabrikam.Core";

/// Somebody with a credential, an account and, in the situations where it matters, a role.
struct Principal {
    title: &'static str,
    credential: Proof,
    account: AccountStanding,
    role: Option<Role>,
    ecosystem: Ecosystem,
}

/// How a principal proves who they are.
enum Proof {
    None,
    Session,
    Key(Box<Key>),
}

/// What the package is at the moment.
#[derive(Clone, Copy)]
enum Situation {
    NotYetKnown,
    Unclaimed,
    Reserved,
    Own,
    Foreign,
}

const SOUND: AccountStanding = AccountStanding {
    confirmed: true,
    locked: false,
    second_factor: SecondFactor::Disabled,
    otp_proven: false,
};
const UNCONFIRMED: AccountStanding = AccountStanding { confirmed: false, ..SOUND };
const LOCKED: AccountStanding = AccountStanding { locked: true, ..SOUND };
const WITH_DEVICE: AccountStanding = AccountStanding { second_factor: SecondFactor::UiAndGemSignin, ..SOUND };
const PROVEN: AccountStanding = AccountStanding { otp_proven: true, ..WITH_DEVICE };
const EVERY_CALL: AccountStanding = AccountStanding { second_factor: SecondFactor::UiAndApi, ..SOUND };

fn session(title: &'static str, account: AccountStanding, role: Option<Role>) -> Principal {
    Principal { title, credential: Proof::Session, account, role, ecosystem: RubyGems }
}

fn owner(title: &'static str, key: Key) -> Principal {
    let ecosystem = key.ecosystem;
    Principal {
        title,
        credential: Proof::Key(Box::new(key)),
        account: SOUND,
        role: Some(Role::Owner),
        ecosystem,
    }
}

/// A gem key with every scope but the exclusive one.
fn full() -> Key {
    Key { words: Profile::of(RubyGems).legacy_draft().words, ..gem_key(&[]) }
}

fn gem_key(words: &[&str]) -> Key {
    key(RubyGems, words, Selection::Any)
}

fn owned(package: &str) -> Selection {
    let ownership = OwnershipId::from_uuid(Uuid::from_u128(7));
    Selection::Owned { ownership, package: name(RubyGems, package) }
}

fn patterns(ecosystem: Ecosystem, texts: &[&str]) -> Selection {
    let parse = |text: &&str| NamePattern::parse(ecosystem, text).expect("a valid pattern");
    Selection::Patterns(texts.iter().map(parse).collect())
}

fn legacy_nuget(last_push_at: &str) -> Key {
    let words = Profile::of(NuGet).legacy_draft().words;
    let last_push_at: Timestamp = last_push_at.parse().expect("an instant");
    let key = key(NuGet, &[], Selection::Any);
    Key { kind: KeyKind::Legacy, words, last_push_at: Some(last_push_at), ..key }
}

fn sessions() -> Vec<Principal> {
    let anonymous = session("anonymous", SOUND, Some(Role::Owner));
    vec![
        Principal { credential: Proof::None, ..anonymous },
        session("session of an owner", SOUND, Some(Role::Owner)),
        session("session of an owner with a device", EVERY_CALL, Some(Role::Owner)),
        session("session of a maintainer", SOUND, Some(Role::Maintainer)),
        session("session of a stranger", SOUND, None),
        session("session of an unconfirmed owner", UNCONFIRMED, Some(Role::Owner)),
        session("session of a locked owner", LOCKED, Some(Role::Owner)),
    ]
}

/// The same gem key in many hands and conditions.
fn conditions() -> Vec<Principal> {
    let otp = || Key { otp_required: true, ..full() };
    vec![
        owner("key of an owner", full()),
        Principal { role: Some(Role::Maintainer), ..owner("key of a maintainer", full()) },
        Principal { role: None, ..owner("key of a stranger", full()) },
        Principal { account: UNCONFIRMED, ..owner("key of an unconfirmed owner", full()) },
        Principal { account: LOCKED, ..owner("key of a locked owner", full()) },
        owner("expired key", Key { expires_at: Some(now()), ..full() }),
        owner("revoked key", Key { revoked_at: Some(now()), ..full() }),
        owner("key that lost its package", Key { ownership_lost: Some(PACKAGE.to_owned()), ..full() }),
        Principal { account: WITH_DEVICE, ..owner("key that wants a code, without", otp()) },
        Principal { account: PROVEN, ..owner("key that wants a code, with", otp()) },
        owner("key that wants a code, no device", otp()),
        Principal { account: EVERY_CALL, ..owner("account that wants a code, without", full()) },
    ]
}

/// Gem keys with less in them.
fn narrow_gem_keys() -> Vec<Principal> {
    let push_and_list = |selection| key(RubyGems, &["push_rubygem", "index_rubygems"], selection);
    vec![
        owner("gem key without scopes", gem_key(&[])),
        owner("gem key: show_dashboard", gem_key(&["show_dashboard"])),
        owner("gem key: yank_rubygem", gem_key(&["yank_rubygem"])),
        owner("gem key: push+index, this gem owned", push_and_list(owned(PACKAGE))),
        owner("gem key: push+index, other gem owned", push_and_list(owned("other"))),
        owner("gem key: push+index, this name", push_and_list(patterns(RubyGems, &["fabrikam.core"]))),
        owner("gem key: push+index, glob fits", push_and_list(patterns(RubyGems, &["x", "fabrikam.*"]))),
        owner("gem key: push+index, glob does not", push_and_list(patterns(RubyGems, &["Contoso.*"]))),
        owner("gem key: push+index, empty list", push_and_list(Selection::Patterns(Vec::new()))),
    ]
}

fn other_ecosystems() -> Vec<Principal> {
    let push = |selection| key(NuGet, &["package:push"], selection);
    vec![
        owner("nuget key: push, any", push(Selection::Any)),
        owner("nuget key: push, glob fits", push(patterns(NuGet, &["Fabrikam.*"]))),
        owner("nuget key: push, other name", push(patterns(NuGet, &["Fabrikam"]))),
        owner("nuget key: pushversion, any", key(NuGet, &["package:pushversion"], Selection::Any)),
        owner("nuget key: unlist, any", key(NuGet, &["package:unlist"], Selection::Any)),
        owner("nuget legacy key", legacy_nuget("2026-01-01T00:00:00Z")),
        owner("nuget legacy key, idle for a year", legacy_nuget("2025-06-01T12:00:00Z")),
        owner("powershell key: pushnew, any", key(PowerShell, &["package:pushnew"], Selection::Any)),
        owner("powershell key: push, any", key(PowerShell, &["package:push"], Selection::Any)),
        Principal {
            ecosystem: RubyGems,
            ..owner("nuget key at a gem: push, glob fits", push(patterns(NuGet, &["Fabrikam.*"])))
        },
    ]
}

fn principals() -> Vec<Principal> {
    [sessions(), conditions(), narrow_gem_keys(), other_ecosystems()].into_iter().flatten().collect()
}

impl Situation {
    const ALL: [Self; 5] = [Self::NotYetKnown, Self::Unclaimed, Self::Reserved, Self::Own, Self::Foreign];

    fn title(self) -> &'static str {
        match self {
            Self::NotYetKnown => "EARLY CHECK: the package is not known yet",
            Self::Unclaimed => "UNCLAIMED: nobody holds the name",
            Self::Reserved => "RESERVED: the registry keeps the name back",
            Self::Own => "OWN: the account holds the package, in its role",
            Self::Foreign => "FOREIGN: only others hold the package",
        }
    }

    fn standing(self, role: Option<Role>) -> PackageStanding {
        match self {
            Self::NotYetKnown => PackageStanding::None,
            Self::Unclaimed => PackageStanding::Unclaimed,
            Self::Reserved => PackageStanding::Reserved,
            Self::Own => role.map_or(PackageStanding::Stranger, PackageStanding::Member),
            Self::Foreign => PackageStanding::Stranger,
        }
    }
}

fn decision(principal: &Principal, situation: Situation, action: Action) -> Decision {
    let package: PackageName = name(principal.ecosystem, PACKAGE);
    let package = (!matches!(situation, Situation::NotYetKnown)).then_some(&package);
    let standing = Standing { account: principal.account, package: situation.standing(principal.role) };
    let scope;
    let credential = match &principal.credential {
        Proof::None => Credential::Unknown,
        Proof::Session => Credential::Session,
        Proof::Key(key) => {
            scope = key.scope();
            Credential::Key { key, scope: &scope }
        }
    };
    decide(credential, &standing, action, package, now())
}

fn cell(decision: Decision) -> &'static str {
    match decision {
        Decision::Permitted(_) => "YES",
        Decision::Denied(reason) => match reason {
            Reason::Unknown => "unknown",
            Reason::Expired => "expired",
            Reason::Revoked => "revoked",
            Reason::AccountUnconfirmed => "unconfirmed",
            Reason::AccountLocked => "locked",
            Reason::OwnershipLost => "lost",
            Reason::SecondFactorWanted => "code",
            Reason::ActionNotGranted => "-",
            Reason::PackageNotCovered => "not covered",
            Reason::NameReserved => "reserved",
            Reason::NotOwner => "not owner",
        },
    }
}

/// The name of an action, short enough for a column.
fn heading(action: Action) -> &'static str {
    match action {
        Action::PublishNew => "publish new",
        Action::PublishVersion => "publish vers",
        Action::ManageWebhooks => "webhooks",
        Action::ReadDashboard => "dashboard",
        Action::ManagePublishers => "publishers",
        other => other.as_str(),
    }
}

fn table(situation: Situation) -> String {
    let mut text = format!("{}\n\n{:38}", situation.title(), "");
    for action in Action::ALL {
        write!(text, "{:13}", heading(*action)).expect("a string takes any text");
    }
    for principal in principals() {
        text = format!("{}\n{:38}", text.trim_end(), principal.title);
        for action in Action::ALL {
            write!(text, "{:13}", cell(decision(&principal, situation, *action)))
                .expect("a string takes any text");
        }
    }
    text.trim_end().to_owned()
}

#[test]
fn the_policy_is_as_pictured() {
    let legend = "YES: permitted · -: the key does not grant the action · else the reason against it";
    let tables: Vec<_> = Situation::ALL.into_iter().map(table).collect();
    let picture = format!("{legend}\n\n\n{}", tables.join("\n\n\n"));
    insta::assert_snapshot!("policy", picture);
}
