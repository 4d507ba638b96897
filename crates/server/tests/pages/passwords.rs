use reqwest::StatusCode;
use testkit::TestApp;

use crate::{
    accounts::{ALICE, link, open_app, sign_up},
    browser::{Browser, PASSWORD},
};

#[tokio::test]
async fn a_forgotten_password_is_replaced_once_and_every_session_ends() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["index_rubygems"]).await;
    let mut thief = Browser::signed_in(&app, "alice").await;
    let mut browser = Browser::open(&app);
    browser.submit("/password/forgotten", &[("login", ALICE)]).await;
    let first = link(&app, ALICE, "password/reset").await;
    app.clock.advance(60);
    browser.submit("/password/forgotten", &[("login", "alice")]).await;
    let reset = link(&app, ALICE, "password/reset").await;
    assert_eq!(browser.get(&first).await.status, StatusCode::NOT_FOUND, "a newer link takes its place");
    let short = browser.submit(&reset, &[("password", "short"), ("revoke_keys", "1")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.html.contains(" checked"), "what was ticked stays");
    let page = browser.get(&reset).await;
    assert!(page.html.contains("alice") && !page.html.contains(" checked"), "keys stay unless one says so");
    assert_eq!(browser.submit(&reset, &[("password", "a new long password")]).await.status, StatusCode::OK);
    assert_eq!(browser.get(&reset).await.status, StatusCode::NOT_FOUND, "a link is good once");
    assert_eq!(thief.get("/keys").await.status, StatusCode::SEE_OTHER, "signed out");
    assert_eq!(key.get("/rubygems/api/v1/gems.json").await.status, 200, "the key lives");
    let old = browser.submit("/sign_in", &[("login", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = browser.submit("/sign_in", &[("login", "alice"), ("password", "a new long password")]).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
    assert!(app.mail_subjects(ALICE).await.contains(&"Your password was changed".to_owned()));
}

#[tokio::test]
async fn a_reset_can_delete_all_keys_too() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["index_rubygems"]).await;
    let mut browser = Browser::open(&app);
    browser.submit("/password/forgotten", &[("login", "alice")]).await;
    let reset = link(&app, ALICE, "password/reset").await;
    let fields = [("password", "a new long password"), ("revoke_keys", "1")];
    assert_eq!(browser.submit(&reset, &fields).await.status, StatusCode::OK);
    assert_eq!(key.get("/rubygems/api/v1/gems.json").await.status, 401);
}

#[tokio::test]
async fn links_of_mails_grow_old() {
    let app = open_app().await;
    app.person("bob").await;
    let mut browser = Browser::open(&app);
    sign_up(&mut browser, "alice", ALICE).await;
    browser.submit("/password/forgotten", &[("login", "bob")]).await;
    let (confirm, reset) =
        (link(&app, ALICE, "email/confirm").await, link(&app, "bob@example.com", "password/reset").await);
    app.clock.advance(3 * 3600 - 1);
    assert_eq!(browser.get(&reset).await.status, StatusCode::OK);
    app.clock.advance(1);
    assert_eq!(browser.get(&reset).await.status, StatusCode::NOT_FOUND);
    let late = browser.submit(&reset, &[("password", "a new long password")]).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(&confirm).await.status, StatusCode::OK);
    app.clock.advance(45 * 3600);
    assert_eq!(browser.get(&confirm).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_reset_link_dies_with_the_address_that_it_went_to() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    browser.submit("/password/forgotten", &[("login", "alice")]).await;
    let reset = link(&app, ALICE, "password/reset").await;
    browser.submit("/settings/email", &[("email", "new@example.com")]).await;
    browser.submit(&link(&app, "new@example.com", "email/confirm").await, &[]).await;
    assert_eq!(browser.get(&reset).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let (mut here, mut there) =
        (Browser::signed_in(&app, "alice").await, Browser::signed_in(&app, "alice").await);
    let short = here.submit("/settings/password", &[("password", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let changed = here.submit("/settings/password", &[("password", "a new long password")]).await;
    assert!(changed.html.contains("Your password is changed"), "{}", changed.html);
    assert_eq!(there.get("/keys").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/keys").await.status, StatusCode::OK);
    app.clock.advance(601);
    let stale = here.submit("/settings/password", &[("password", "another long password")]).await;
    assert_eq!(stale.location.as_deref(), Some("/verify?return=%2Fsettings"), "the password is asked again");
}

#[tokio::test]
async fn strangers_cannot_fill_a_mail_box() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::open(&app);
    for _ in 0..5 {
        let sent = browser.submit("/password/forgotten", &[("login", "alice")]).await;
        assert_eq!(sent.status, StatusCode::OK);
    }
    let sixth = browser.submit("/password/forgotten", &[("login", "Alice")]).await;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_sign_in_that_a_new_password_overtakes_begins_no_session() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await.id;
    let mut owner = Browser::signed_in(&app, "alice").await;
    // Both take about as long as a password is hashed: whoever comes second sees what the first one did.
    let mut thief = Browser::open(&app);
    let fields = [("login", "alice"), ("password", PASSWORD)];
    let new_password = [("password", "a new long password")];
    let (tried, changed) =
        tokio::join!(thief.submit("/sign_in", &fields), owner.submit("/settings/password", &new_password));
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.html);
    assert!(matches!(tried.status, StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED));
    assert_eq!(app.registry().sessions(alice).await.expect("they can be listed").len(), 1);
    assert_eq!(thief.get("/keys").await.status, StatusCode::SEE_OTHER, "signed out, or never in");
}

#[tokio::test]
async fn visitors_cannot_keep_the_server_busy_with_sign_ups() {
    let app = open_app().await;
    let mut browser = Browser::open(&app);
    // Too short to be hashed, so that the test is quick; each is counted all the same.
    let fields = [("handle", "alice"), ("email", ALICE), ("password", "short")];
    for _ in 0..300 {
        assert_eq!(browser.submit("/sign_up", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(browser.submit("/sign_up", &fields).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_login_that_nobody_can_have_is_refused_like_a_wrong_password_and_costs_nothing() {
    let app = TestApp::start().await;
    let mut browser = Browser::open(&app);
    let long = "a".repeat(255);
    // Many more than one name is tried with: neither a hash nor an entry of a limit is spent on them.
    for _ in 0..400 {
        let page = browser.submit("/sign_in", &[("login", &long), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }
    let wrong = browser.submit("/sign_in", &[("login", "alice"), ("password", PASSWORD)]).await;
    let page = browser.submit("/sign_in", &[("login", &long), ("password", PASSWORD)]).await;
    assert_eq!(page.html.replace(&long, "NAME"), wrong.html.replace("value=\"alice\"", "value=\"NAME\""));
    let forgotten = browser.submit("/password/forgotten", &[("login", &long)]).await;
    let other = browser.submit("/password/forgotten", &[("login", "alice")]).await;
    assert_eq!((forgotten.status, &forgotten.html), (other.status, &other.html));
    app.settle().await;
    let basic = app.request(http::Method::POST, "/rubygems/api/v1/api_key").basic_auth(&long, Some(PASSWORD));
    assert_eq!(testkit::send(basic).await.told(), (401, "HTTP Basic: Access denied.\n".to_owned()));
}

#[tokio::test]
async fn a_common_password_is_refused_wherever_one_is_chosen_and_the_field_says_why() {
    let app = open_app().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    browser.submit("/password/forgotten", &[("login", "alice")]).await;
    let reset = link(&app, ALICE, "password/reset").await;
    let forms = [
        ("/sign_up", vec![("handle", "bob"), ("email", "bob@example.com")]),
        ("/settings/password", vec![]),
        (reset.as_str(), vec![]),
    ];
    let refusals = [
        ("vK3#pQz9!", "must be at least 10 characters long"),
        ("Password123!", "too common or too easy to guess"),
        ("keyward123", "too common or too easy to guess"),
    ];
    for (path, fields) in &forms {
        let page = browser.get(path.trim_end_matches("/password")).await.html;
        assert!(page.contains("minlength=\"10\"") && page.contains("At least 10 characters"), "{path}");
        for (password, why) in refusals {
            let fields = [fields.as_slice(), &[("password", password)]].concat();
            let page = browser.submit(path, &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {password}");
            let problem =
                page.html.split("id=\"password-help\">").nth(1).and_then(|it| it.split("</p>").next());
            assert!(problem.is_some_and(|problem| problem.contains(why)), "{path} {password}: {problem:?}");
        }
    }
    let own = browser.submit("/settings/password", &[("password", "Alice@example.com")]).await;
    assert!(own.html.contains("must not be your user name or your email address"), "{}", own.html);
    assert_eq!(browser.get(&reset).await.status, StatusCode::OK, "the link was not used up");
}
