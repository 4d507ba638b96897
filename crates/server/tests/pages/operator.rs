//! What an operator can stop at once, and undo; the audit log says who.

use domain::{Ecosystem, PackageName, Role};
use http::Method;
use registry::{Conflict, Error, NewUser};
use testkit::{GemBuilder, OPERATOR, TestApp, send};

use crate::{
    accounts::link,
    browser::{Browser, PASSWORD},
};

const CHECK: &str = "/rubygems/api/v1/api_key/check?scope=push_rubygem";

fn hola() -> PackageName {
    PackageName::parse(Ecosystem::RubyGems, "hola").unwrap()
}

#[tokio::test]
async fn a_locked_account_opens_nothing_anywhere_and_has_everything_when_it_is_unlocked() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    assert_eq!(key.push(GemBuilder::new("hola", "1.0.0").build()).await.status, 200);
    let mut browser = Browser::signed_in(&app, "alice").await;
    let mut reset = Browser::open(&app);
    reset.submit("/password/forgotten", &[("login", "alice")]).await;
    let reset_link = link(&app, "alice@example.com", "password/reset").await;
    for _ in 0..2 {
        assert_eq!(key.get(CHECK).await.status, 204);
        assert_eq!(key.get_at(other.address(), CHECK).await.status, 204);
    }

    app.registry().lock_account(OPERATOR, alice.id).await.unwrap();
    assert_eq!(key.get(CHECK).await.status, 403);
    assert_eq!(key.get_at(other.address(), CHECK).await.status, 403, "also where the key was in memory");
    assert_eq!(key.push(GemBuilder::new("hola", "1.1.0").build()).await.status, 403);
    assert_eq!(browser.get("/keys").await.location.as_deref(), Some("/sign_in?return=%2Fkeys"));
    let sign_in = [("login", "alice"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign_in", &sign_in).await.status, 401);
    let basic = app.request(Method::POST, "/rubygems/api/v1/api_key").basic_auth("alice", Some(PASSWORD));
    assert_eq!(send(basic.body("name=ci&push_rubygem=true")).await.status, 401);
    assert_eq!(reset.submit(&reset_link, &[("password", "another long password")]).await.status, 404);
    let issued = app.registry().lock_account(OPERATOR, alice.id).await.unwrap_err();
    assert!(matches!(issued, Error::Conflict(Conflict::AlreadyLocked)), "{issued}");
    assert_eq!(app.get("/rubygems/info/hola").await.status, 200, "what it published stays");

    app.clock.advance(1);
    app.registry().unlock_account(OPERATOR, alice.id).await.unwrap();
    assert_eq!(key.get(CHECK).await.status, 204);
    assert_eq!(key.get_at(other.address(), CHECK).await.status, 204);
    Browser::signed_in(&app, "alice").await;
    let subjects = app.mail_subjects("alice@example.com").await;
    assert!(subjects.contains(&"Your account has been locked".to_owned()), "{subjects:?}");
    assert!(subjects.contains(&"Your account has been unlocked".to_owned()), "{subjects:?}");
    let query = "SELECT action || ' by ' || operator FROM audit_events WHERE action LIKE 'account.%locked' ORDER BY id";
    assert_eq!(app.db_texts(query).await, ["account.locked by tests", "account.unlocked by tests"]);
    other.stop().await.unwrap();
}

#[tokio::test]
async fn only_administrators_lock_accounts_and_never_the_last_of_them() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let caller = app.registry().sign_in("bob", PASSWORD, crate::dead_credentials::FROM).await.unwrap();
    assert!(matches!(app.registry().lock_account(&caller, alice.id).await, Err(Error::Denied(_))));
    assert!(matches!(app.registry().unlock_account(&caller, alice.id).await, Err(Error::Denied(_))));
    let boss = NewUser { handle: "boss", email: "boss@example.com", password: PASSWORD, is_admin: true };
    let boss = app.registry().add_user(OPERATOR, &boss).await.unwrap();
    let refused = app.registry().lock_account(OPERATOR, boss).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict(Conflict::OnlyAdministrator)), "{refused}");
    let caller = app.registry().sign_in("boss", PASSWORD, crate::dead_credentials::FROM).await.unwrap();
    app.registry().lock_account(&caller, bob.id).await.unwrap();
}

#[tokio::test]
async fn the_operator_gives_a_package_another_owner_and_then_its_only_owner_can_go() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem"]).await;
    assert_eq!(key.push(GemBuilder::new("hola", "1.0.0").build()).await.status, 200);
    let stuck = app.registry().delete_account(OPERATOR, alice.id).await.unwrap_err();
    assert!(matches!(stuck, Error::Conflict(Conflict::OnlyOwner { .. })), "{stuck}");
    let caller = app.registry().sign_in("alice", PASSWORD, crate::dead_credentials::FROM).await.unwrap();
    let refused = app.registry().add_owner(&caller, &hola(), "bob", Role::Owner).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "owners invite; only the operator adds");
    app.registry().add_owner(OPERATOR, &hola(), "bob", Role::Owner).await.unwrap();
    let bobs = bob.key(&["push_rubygem"]).await;
    assert_eq!(bobs.push(GemBuilder::new("hola", "1.1.0").build()).await.status, 200);
    let subjects = app.mail_subjects("bob@example.com").await;
    assert!(subjects.contains(&"You are an owner of hola now".to_owned()), "{subjects:?}");
    app.registry().delete_account(OPERATOR, alice.id).await.unwrap();
}

#[tokio::test]
async fn the_operator_yanks_and_restores_a_version_of_somebody_else() {
    let app = TestApp::start_with(|settings| settings.rubygems.yank_days = Some(1)).await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    let gem = GemBuilder::new("hola", "1.0.0").build();
    assert_eq!(key.push(gem.clone()).await.status, 200);
    assert_eq!(key.push(GemBuilder::new("hola", "1.1.0").build()).await.status, 200);
    let info = app.get("/rubygems/info/hola").await.text();
    app.clock.advance_days(2);
    assert_eq!(key.yank("hola", "1.0.0").await.status, 403, "too old for its owners");
    app.registry().withdraw(OPERATOR, &hola(), "1.0.0", "ruby").await.unwrap();
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.status, 404);
    assert_ne!(app.get("/rubygems/info/hola").await.text(), info);

    app.registry().restore(OPERATOR, &hola(), "1.0.0", "ruby").await.unwrap();
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.bytes, gem);
    assert_eq!(app.get("/rubygems/info/hola").await.text(), info);
    let lines = app.get("/rubygems/versions").await.text();
    assert_eq!(
        lines.lines().rev().take(2).map(|line| line.split(' ').nth(1).unwrap()).collect::<Vec<_>>(),
        ["1.0.0", "-1.0.0"]
    );
    let again = app.registry().restore(OPERATOR, &hola(), "1.0.0", "ruby").await.unwrap_err();
    assert!(matches!(again, Error::Conflict(Conflict::NotWithdrawn)), "{again}");
    let events = app.db_events().await;
    assert!(events.ends_with(&["release.withdrawn".to_owned(), "release.restored".to_owned()]), "{events:?}");
}
