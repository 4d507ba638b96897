//! What was begun with a credential changes nothing once the credential is dead: a session that ended, a password that was reset, a
//! key that was revoked, an account that was locked or deleted.

use std::{net::Ipv4Addr, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Ecosystem, Expiry, KeyEdit, KeyId, PackageName, Role};
use registry::{Browser as Device, Caller, ClientAddress, Error, KeySelection, NewKey, NewUser, SignedIn};
use testkit::{GemBuilder, OPERATOR, Person, TestApp};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    accounts::link,
    browser::{Browser, PASSWORD},
};

pub(crate) const FROM: ClientAddress = ClientAddress(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST));
const NEW_PASSWORD: &str = "a password that only the owner knows";

fn gem() -> PackageName {
    PackageName::parse(Ecosystem::RubyGems, "hola").expect("a name of a package")
}

pub(crate) fn new_key() -> NewKey {
    NewKey {
        name: "ci".to_owned(),
        words: vec!["push_rubygem".to_owned()],
        selection: KeySelection::Any,
        expiry: Expiry::Never,
        otp_required: false,
    }
}

/// A server with an administrator, alice, who owns the gem `hola` with dave, has invited carol, and has a key.
async fn scene(app: &TestApp) -> KeyId {
    let boss = NewUser { handle: "alice", email: "alice@example.com", password: PASSWORD, is_admin: true };
    app.registry().add_user(OPERATOR, &boss).await.expect("the scene can be set");
    let boss = NewUser { handle: "boss", email: "boss@example.com", password: PASSWORD, is_admin: true };
    app.registry().add_user(OPERATOR, &boss).await.expect("the scene can be set");
    let alice = app.known_person("alice").await;
    let key = alice.key(&["push_rubygem", "add_owner"]).await;
    assert_eq!(key.push(GemBuilder::new("hola", "1.0.0").build()).await.status, 200);
    for name in ["carol", "dave", "erin"] {
        app.person(name).await;
    }
    let caller = app.registry().sign_in("alice", PASSWORD, FROM).await.expect("the scene can be set");
    app.registry().invite_owner(&caller, &gem(), "dave", Role::Owner).await.expect("the scene can be set");
    let invitation = link(app, "dave@example.com", "owners/confirm").await;
    Browser::open(app).submit(&invitation, &[]).await;
    app.registry().invite_owner(&caller, &gem(), "carol", Role::Owner).await.expect("the scene can be set");
    app.settle().await;
    key.id
}

/// Everything that a change could have touched.
async fn records(app: &TestApp) -> Vec<String> {
    app.settle().await;
    let mut all = app.db_events().await;
    for query in [
        "SELECT handle || COALESCE(email, '-') || CAST(password_epoch AS TEXT) || CAST(package_mails AS TEXT) FROM accounts ORDER BY handle",
        "SELECT name || scopes || COALESCE(CAST(revoked_at AS TEXT), '-') FROM keys ORDER BY id",
        "SELECT role || COALESCE(CAST(confirmed_at AS TEXT), '-') FROM ownerships ORDER BY id",
        "SELECT number || COALESCE(CAST(withdrawn_at AS TEXT), '-') FROM releases ORDER BY id",
        "SELECT purpose || email FROM links ORDER BY id",
        "SELECT CAST(proved_at AS TEXT) FROM sessions ORDER BY id",
    ] {
        all.extend(app.db_texts(query).await);
    }
    all
}

/// Tries every change that a caller can make; none may happen.
async fn every_change_is_refused(app: &TestApp, why: &str, caller: &Caller, key: KeyId) {
    let (registry, hola) = (app.registry(), gem());
    let before = records(app).await;
    let edit = KeyEdit { words: Some(vec!["yank_rubygem".to_owned()]), selection: None, otp_required: None };
    let own = caller.account().id;
    let new = NewUser { handle: "mallory", email: "m@example.com", password: NEW_PASSWORD, is_admin: true };
    macro_rules! refused {
        ($($change:expr),+ $(,)?) => {$(
            assert!($change.await.is_err(), "{why}: {} went through", stringify!($change));
        )+};
    }
    refused!(
        registry.issue_key(caller, own, Ecosystem::RubyGems, new_key()),
        registry.edit_key(caller, key, edit),
        registry.offer_value(caller, key),
        registry.claim_value(caller, key, "claim"),
        registry.regenerate_key(caller, key),
        registry.revoke_key(caller, key),
        registry.reset_keys(caller, own, Ecosystem::RubyGems),
        registry.change_password(caller, NEW_PASSWORD),
        registry.change_email(caller, "mallory@example.com", FROM),
        registry.resend_confirmation(caller, FROM),
        registry.set_package_mails(caller, false),
        registry.add_user(caller, &new),
        registry.invite_user(caller, "mallory@example.com"),
        registry.invite_owner(caller, &hola, "erin", Role::Owner),
        registry.resend_invitation(caller, &hola, "carol"),
        registry.set_owner_role(caller, &hola, "dave", Role::Maintainer),
        registry.remove_owner(caller, &hola, "dave"),
        registry.withdraw(caller, &hola, "1.0.0", "ruby"),
        registry.delete_account(caller, own),
    );
    assert_eq!(records(app).await, before, "{why}");
}

/// Somebody signed in, in a browser of their own.
async fn session(app: &TestApp) -> SignedIn {
    let device = Device { from: FROM, agent: "tests", device: None };
    let (token, _) =
        app.registry().begin_session("alice", PASSWORD, device).await.expect("the scene can be set");
    app.registry()
        .session(token.expose())
        .await
        .expect("the scene can be set")
        .expect("the session has begun")
}

/// The owner chooses a new password with the link of an email.
async fn reset(app: &TestApp) {
    let mut owner = Browser::open(app);
    owner.submit("/password/forgotten", &[("login", "alice")]).await;
    let link = link(app, "alice@example.com", "password/reset").await;
    let done = owner.submit(&link, &[("password", NEW_PASSWORD), ("revoke_keys", "on")]).await;
    assert_eq!(done.status, 200, "{}", done.html);
}

#[tokio::test]
async fn a_session_that_ended_makes_no_change() {
    let app = TestApp::start().await;
    let key = scene(&app).await;
    let (stolen, own) = (session(&app).await, session(&app).await);
    app.registry().end_session(&own.caller, stolen.session).await.unwrap();
    every_change_is_refused(&app, "ended", &stolen.caller, key).await;
    assert!(app.registry().prove_session(&stolen, PASSWORD, FROM).await.is_err());
    assert!(app.registry().end_session(&stolen.caller, own.session).await.is_err());

    let stolen = session(&app).await;
    app.registry().change_password(&own.caller, NEW_PASSWORD).await.unwrap();
    every_change_is_refused(&app, "another password", &stolen.caller, key).await;
    assert!(app.registry().prove_session(&stolen, NEW_PASSWORD, FROM).await.is_err());
    every_change_is_refused_no_more(&app, &own).await;
}

/// The session that changed the password goes on.
async fn every_change_is_refused_no_more(app: &TestApp, own: &SignedIn) {
    let owner = own.caller.account().id;
    app.registry()
        .issue_key(&own.caller, owner, Ecosystem::RubyGems, new_key())
        .await
        .expect("the scene can be set");
}

#[tokio::test]
async fn a_session_that_nobody_used_for_long_makes_no_change() {
    let app = TestApp::start().await;
    let key = scene(&app).await;
    let stolen = session(&app).await;
    app.clock.advance(15 * 24 * 3600);
    every_change_is_refused(&app, "idle", &stolen.caller, key).await;
}

#[tokio::test]
async fn a_password_that_was_reset_makes_no_change_and_no_session_outlives_it() {
    let app = TestApp::start().await;
    let key = scene(&app).await;
    let (session, password) =
        (session(&app).await, app.registry().sign_in("alice", PASSWORD, FROM).await.unwrap());
    reset(&app).await;
    every_change_is_refused(&app, "session", &session.caller, key).await;
    every_change_is_refused(&app, "password", &password, key).await;
}

#[tokio::test]
async fn a_locked_account_makes_no_change_with_what_it_had_before() {
    let app = TestApp::start().await;
    let key = scene(&app).await;
    let alice = app.known_person("alice").await;
    let held = alice.key(&["yank_rubygem", "add_owner", "update_owner", "remove_owner"]).await;
    let with_key = app.registry().authenticate(&held.value, Ecosystem::RubyGems, FROM).await.unwrap();
    let (session, password) =
        (session(&app).await, app.registry().sign_in("alice", PASSWORD, FROM).await.unwrap());
    alice.db_lock().await;
    for (why, caller) in [("session", &session.caller), ("password", &password), ("key", &with_key)] {
        every_change_is_refused(&app, why, caller, key).await;
    }
}

#[tokio::test]
async fn a_deleted_account_makes_no_change_with_what_it_had_before() {
    let app = TestApp::start().await;
    let key = scene(&app).await;
    let held = app.known_person("alice").await.key(&["yank_rubygem", "add_owner", "remove_owner"]).await;
    let with_key = app.registry().authenticate(&held.value, Ecosystem::RubyGems, FROM).await.unwrap();
    let (session, password) =
        (session(&app).await, app.registry().sign_in("alice", PASSWORD, FROM).await.unwrap());
    app.registry().delete_account(OPERATOR, password.account().id).await.unwrap();
    for (why, caller) in [("session", &session.caller), ("password", &password), ("key", &with_key)] {
        every_change_is_refused(&app, why, caller, key).await;
    }
}

#[tokio::test]
async fn a_revoked_key_makes_no_change() {
    let app = TestApp::start().await;
    let key = scene(&app).await;
    let held = app.known_person("alice").await.key(&["yank_rubygem", "add_owner", "remove_owner"]).await;
    let caller = app.registry().authenticate(&held.value, Ecosystem::RubyGems, FROM).await.unwrap();
    app.registry().revoke_key(OPERATOR, held.id).await.unwrap();
    every_change_is_refused(&app, "revoked", &caller, key).await;
}

#[tokio::test]
async fn nobody_changes_the_keys_and_sessions_of_somebody_else_and_no_key_changes_an_account() {
    let app = TestApp::start().await;
    let key = scene(&app).await;
    let bob: Person<'_> = app.person("bob").await;
    let caller = app.registry().sign_in("bob", PASSWORD, FROM).await.unwrap();
    let alice = app.known_person("alice").await.id;
    let refused = app.registry().revoke_key(&caller, key).await.unwrap_err();
    assert!(matches!(refused, Error::NotFound(registry::Missing::Key)), "{refused}");
    let refused = app.registry().issue_key(&caller, alice, Ecosystem::RubyGems, new_key()).await.unwrap_err();
    assert!(matches!(refused, Error::NotFound(registry::Missing::Account)), "{refused}");
    assert!(app.registry().delete_account(&caller, alice).await.is_err());
    assert!(app.registry().end_session(&caller, session(&app).await.session).await.is_err());
    let held = bob.key(&["push_rubygem"]).await;
    let with_key = app.registry().authenticate(&held.value, Ecosystem::RubyGems, FROM).await.unwrap();
    let refused = app.registry().issue_key(&with_key, bob.id, Ecosystem::RubyGems, new_key()).await;
    assert!(matches!(refused, Err(Error::Denied(_))));
    assert!(app.registry().revoke_key(&with_key, held.id).await.is_err());
}

/// A request whose head has arrived, and whose body has not.
struct Held {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Held {
    async fn begin(app: &TestApp, head: &str, body: &str) -> Self {
        let address = app.running().address();
        let mut stream = TcpStream::connect(address).await.expect("the connection holds");
        let (first, rest) = body.split_at(1);
        let head = format!(
            "{head}\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{first}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("the connection holds");
        // Long enough for the first look at the credential; too short a time would let the test pass without the attack.
        tokio::time::sleep(Duration::from_millis(700)).await;
        Self { stream, rest: rest.as_bytes().to_vec() }
    }

    /// The answer to the whole request.
    async fn finish(mut self) -> String {
        self.stream.write_all(&self.rest).await.expect("the connection holds");
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).await.expect("the connection holds");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

async fn live_keys(app: &TestApp) -> usize {
    app.db_texts("SELECT name FROM keys WHERE revoked_at IS NULL").await.len()
}

#[tokio::test]
async fn requests_that_were_held_open_across_a_reset_change_nothing() {
    let app = TestApp::start().await;
    scene(&app).await;
    let device = Device { from: FROM, agent: "tests", device: None };
    let (token, _) = app.registry().begin_session("alice", PASSWORD, device).await.unwrap();
    let cookie = format!("cookie: keyward_session={}\r\nsec-fetch-site: same-origin", token.expose());
    let basic = format!("authorization: Basic {}", STANDARD.encode(format!("alice:{PASSWORD}")));
    let form = |path: &str| format!("POST {path} HTTP/1.1\r\n{cookie}");
    let forms = [
        ("/keys/new/rubygems", "name=stolen&scope=push_rubygem"),
        ("/gems/hola/owners", "login=erin&role=owner"),
        ("/settings/password", "password=the+password+of+a+thief"),
        ("/settings/email", "email=thief%40example.com"),
        ("/settings/invitations", "invite=thief%40example.com"),
    ];
    let mut held = Vec::new();
    for (path, body) in forms {
        held.push((path, Held::begin(&app, &form(path), body).await));
    }
    let api = format!("POST /rubygems/api/v1/api_key HTTP/1.1\r\n{basic}");
    let api = Held::begin(&app, &api, "name=stolen&push_rubygem=true").await;
    reset(&app).await;
    let before = records(&app).await;
    for (path, request) in held {
        let answer = request.finish().await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{path}: {answer}");
        assert!(answer.to_lowercase().contains("location: /sign_in"), "{path}: {answer}");
    }
    let answer = api.finish().await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(records(&app).await, before);
    assert_eq!(live_keys(&app).await, 0);
    app.registry().sign_in("alice", NEW_PASSWORD, FROM).await.expect("the owner's password stays");
}

#[tokio::test]
async fn an_invitation_to_own_a_gem_is_as_good_as_the_owner_who_sent_it() {
    let app = TestApp::start().await;
    scene(&app).await;
    let dave = app.registry().sign_in("dave", PASSWORD, FROM).await.unwrap();
    let alice = app.registry().sign_in("alice", PASSWORD, FROM).await.unwrap();
    app.registry().invite_owner(&dave, &gem(), "erin", Role::Owner).await.unwrap();
    let invitation = link(&app, "erin@example.com", "owners/confirm").await;

    app.registry().set_owner_role(&alice, &gem(), "dave", Role::Maintainer).await.unwrap();
    let mut erin = Browser::open(&app);
    assert_eq!(erin.get(&invitation).await.status, 404, "a maintainer invites nobody");
    assert_eq!(erin.submit(&invitation, &[]).await.status, 404);
    app.registry().remove_owner(&alice, &gem(), "dave").await.unwrap();
    assert_eq!(erin.submit(&invitation, &[]).await.status, 404);
    let mut owner = Browser::signed_in(&app, "alice").await;
    let page = owner.get("/gems/hola/owners").await.html;
    assert!(page.contains("erin"), "{page}");
    let owners = app.registry().owners(&gem()).await.unwrap();
    assert_eq!(owners.iter().map(|owner| owner.handle.as_str()).collect::<Vec<_>>(), ["alice"]);

    // Sent again by somebody who is an owner, it is good.
    app.registry().resend_invitation(&alice, &gem(), "erin").await.unwrap();
    let invitation = link(&app, "erin@example.com", "owners/confirm").await;
    assert_eq!(erin.submit(&invitation, &[]).await.status, 200);
}

#[tokio::test]
async fn an_invitation_to_the_server_is_as_good_as_the_administrator_who_sent_it() {
    let app = TestApp::start().await;
    scene(&app).await;
    let boss = app.registry().sign_in("boss", PASSWORD, FROM).await.unwrap();
    app.registry().invite_user(&boss, "frank@example.com").await.unwrap();
    app.registry().invite_user(OPERATOR, "gina@example.com").await.unwrap();
    let franks = link(&app, "frank@example.com", "sign_up").await;
    let ginas = link(&app, "gina@example.com", "sign_up").await;
    app.registry().delete_account(&boss, boss.account().id).await.unwrap();
    let account = |name: &'static str| [("handle", name), ("password", NEW_PASSWORD)];
    let mut visitor = Browser::open(&app);
    assert_eq!(visitor.get(&franks).await.status, 404);
    assert_eq!(visitor.submit(&franks, &account("frank")).await.status, 404);
    assert!(app.registry().find_account("frank").await.is_err());
    assert_eq!(visitor.submit(&ginas, &account("gina")).await.status, 201, "the operator's stays good");
}

#[tokio::test]
async fn a_link_to_an_address_that_a_thief_asked_for_dies_with_the_thief_s_password() {
    let app = TestApp::start().await;
    scene(&app).await;
    let stolen = session(&app).await;
    app.registry().change_email(&stolen.caller, "thief@example.com", FROM).await.unwrap();
    let thiefs = link(&app, "thief@example.com", "email/confirm").await;
    reset(&app).await;
    let mut thief = Browser::open(&app);
    assert_eq!(thief.submit(&thiefs, &[("password", NEW_PASSWORD)]).await.status, 404);
}

#[tokio::test]
async fn a_link_that_two_requests_use_at_once_is_good_for_one() {
    let app = TestApp::start().await;
    scene(&app).await;
    let mut owner = Browser::open(&app);
    owner.submit("/password/forgotten", &[("login", "alice")]).await;
    let token = link(&app, "alice@example.com", "password/reset").await;
    let token = token.rsplit('/').next().unwrap().to_owned();
    let registry = app.registry();
    let (one, two) = tokio::join!(
        registry.reset_password(&token, "the first new password", false),
        registry.reset_password(&token, "the second new password", false),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}
