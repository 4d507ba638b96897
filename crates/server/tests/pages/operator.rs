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
    PackageName::parse(Ecosystem::RubyGems, "hola").expect("a name of a package")
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
    let query = "SELECT action || ' by ' || operator FROM audit_events WHERE action LIKE 'release.%' \
                 AND operator IS NOT NULL ORDER BY action";
    assert_eq!(app.db_texts(query).await, ["release.restored by tests", "release.withdrawn by tests"]);
}

#[tokio::test]
async fn administrators_lock_and_unlock_accounts_on_a_page_that_nobody_else_has() {
    let app = TestApp::start().await;
    let boss = NewUser { handle: "boss", email: "boss@example.com", password: PASSWORD, is_admin: true };
    app.registry().add_user(OPERATOR, &boss).await.unwrap();
    app.person("alice").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    assert_eq!(alice.get("/admin/accounts").await.status, 404);
    assert_eq!(alice.submit("/admin/accounts/boss/lock", &[]).await.status, 404);
    assert!(!alice.get("/settings").await.html.contains("/admin/accounts"));

    let mut boss = Browser::signed_in(&app, "boss").await;
    assert!(boss.get("/settings").await.html.contains("/admin/accounts"));
    let page = boss.get("/admin/accounts").await.html;
    assert!(
        page.contains("/admin/accounts/alice/lock") && !page.contains("/admin/accounts/boss/lock"),
        "{page}"
    );
    assert_eq!(boss.submit("/admin/accounts/alice/lock", &[]).await.status, 303);
    assert_eq!(alice.get("/keys").await.status, 303, "signed out");
    let refused = boss.submit("/admin/accounts/boss/lock", &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.html.contains("only administrator"), "{}", refused.html);
    assert!(boss.get("/admin/accounts").await.html.contains("/admin/accounts/alice/unlock"));
    assert_eq!(boss.submit("/admin/accounts/alice/unlock", &[]).await.status, 303);
    Browser::signed_in(&app, "alice").await;

    app.clock.advance(11 * 60);
    let asked = boss.submit("/admin/accounts/alice/lock", &[]).await;
    assert!(asked.location.unwrap().starts_with("/verify"), "the password is asked for again");
    let query = "SELECT a.handle FROM audit_events e JOIN accounts a ON a.id = e.actor_id \
                 WHERE e.action IN ('account.locked', 'account.unlocked')";
    assert_eq!(app.db_texts(query).await, ["boss", "boss"]);
}

#[tokio::test]
async fn the_list_of_accounts_comes_in_pages() {
    let app = TestApp::start().await;
    let boss = NewUser { handle: "zoe", email: "zoe@example.com", password: PASSWORD, is_admin: true };
    app.registry().add_user(OPERATOR, &boss).await.unwrap();
    let id = if app.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
    let texts = "'user' || (1000 + n)";
    app.db_execute(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 150) \
         INSERT INTO accounts (id, number, kind, handle, handle_key, is_admin, second_factor, created_at) \
         SELECT {id}, 1000 + n, 'user', {texts}, {texts}, FALSE, 'disabled', 0 FROM numbers"
    ))
    .await;
    let mut boss = Browser::signed_in(&app, "zoe").await;
    let first = boss.get("/admin/accounts").await.html;
    assert_eq!(first.matches("<li>").count(), 100);
    assert!(first.contains("href=\"/admin/accounts?after=user1100\""), "{first}");
    let second = boss.get("/admin/accounts?after=user1100").await.html;
    assert_eq!(second.matches("<li>").count(), 51);
    assert!(!second.contains("?after="), "{second}");
}
