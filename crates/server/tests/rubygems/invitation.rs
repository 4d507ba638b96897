//! `/owners/confirm/TOKEN`: what an invited person opens.

use http::Method;
use testkit::{KeyHolder, TestApp, send};

use crate::support::{gem, invitation_link, owners, owners_of, publish};

/// Alice publishes a gem and invites bob. Returns her key and the path of the link in the mail.
async fn invited(app: &TestApp) -> (KeyHolder<'_>, String) {
    let key = app.person("alice").await.key(&["push_rubygem", "add_owner", "remove_owner"]).await;
    app.person("bob").await;
    publish(&key, "hola", "1.0.0").await;
    assert_eq!(key.form(Method::POST, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    let link = invitation_link(app, "bob").await;
    (key, link)
}

#[tokio::test]
async fn the_mail_tells_who_what_and_where() {
    let app = TestApp::start().await;
    let (_, link) = invited(&app).await;
    let mails = app.mails_to("bob@example.com").await;
    assert_eq!(mails.len(), 1);
    let mail = mails[0].replace("=\r\n", "");
    assert!(mail.contains("Subject: Please confirm the ownership of the hola package"), "{mail}");
    assert!(mail.contains(&format!("{}{link}", app.base())), "the link is one that can be opened: {mail}");
    let alices = app.mails_to("alice@example.com").await;
    assert!(
        alices.iter().all(|mail| !mail.contains("/owners/confirm/")),
        "only the invited person gets the link"
    );
}

#[tokio::test]
async fn opening_the_link_changes_nothing_and_confirming_does() {
    let app = TestApp::start().await;
    let (_, link) = invited(&app).await;
    for _ in 0..2 {
        let page = app.get(&link).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("hola") && page.text().contains("bob"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"), "other sites do not learn the token");
        assert_eq!(owners(&app, "hola").await, ["alice (owner)"]);
    }
    let confirmed = send(app.request(Method::POST, &link)).await;
    assert_eq!(confirmed.status, 200);
    assert!(confirmed.text().contains("You are an owner of the package hola now."));
    assert_eq!(owners(&app, "hola").await, ["alice (owner)", "bob (owner)"]);
}

/// The link is worth nothing, whether it is opened or confirmed.
async fn assert_dead(app: &TestApp, link: &str) {
    for method in [Method::GET, Method::POST] {
        let answer = send(app.request(method.clone(), link)).await;
        assert_eq!(answer.status, 404, "{method}");
        assert!(answer.text().contains("This invitation is not valid any more."), "{}", answer.text());
    }
}

#[tokio::test]
async fn an_invitation_is_good_once() {
    let app = TestApp::start().await;
    let (key, link) = invited(&app).await;
    assert_eq!(send(app.request(Method::POST, &link)).await.status, 200);
    assert_dead(&app, &link).await;
    assert_eq!(key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    assert_dead(&app, &link).await;
    assert_eq!(
        owners(&app, "hola").await,
        ["alice (owner)"],
        "a removed owner does not come back with an old link"
    );
}

#[tokio::test]
async fn an_invitation_is_good_for_forty_eight_hours() {
    let app = TestApp::start().await;
    let (key, link) = invited(&app).await;
    app.clock.advance(48 * 3600 - 1);
    assert_eq!(app.get(&link).await.status, 200);
    app.clock.advance(1);
    assert_dead(&app, &link).await;
    assert_eq!(key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    assert_eq!(key.form(Method::POST, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    let newer = invitation_link(&app, "bob").await;
    assert_ne!(newer, link);
    assert_eq!(send(app.request(Method::POST, &newer)).await.status, 200);
}

#[tokio::test]
async fn an_invitation_that_was_taken_back_is_dead() {
    let app = TestApp::start().await;
    let (key, link) = invited(&app).await;
    assert_eq!(key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    assert_dead(&app, &link).await;
}

#[tokio::test]
async fn nobody_guesses_an_invitation() {
    let app = TestApp::start().await;
    let (_, link) = invited(&app).await;
    let mut other = link.clone();
    let last = other.pop().expect("a token has characters");
    other.push(if last == 'a' { 'b' } else { 'a' });
    for path in [other, "/owners/confirm/x".to_owned(), "/owners/confirm/%00".to_owned()] {
        assert_dead(&app, &path).await;
    }
    let digest = "SELECT COUNT(*) || '' FROM ownerships WHERE invitation_digest IS NOT NULL";
    assert_eq!(app.db_texts(digest).await, ["1"]);
}

#[tokio::test]
async fn a_takeover_kills_open_invitations() {
    let app = TestApp::start_with(|settings| settings.rubygems.reclaim_names = true).await;
    invited(&app).await;
    let yanker = app.known_person("alice").await.key(&["yank_rubygem"]).await;
    assert_eq!(yanker.yank("hola", "1.0.0").await.status, 200);
    app.clock.advance(10 * 24 * 3600);
    let again = app.known_person("alice").await.key(&["add_owner", "remove_owner"]).await;
    for method in [Method::DELETE, Method::POST] {
        assert_eq!(again.form(method, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    }
    let link = invitation_link(&app, "bob").await;
    let heir = app.person("carol").await.key(&["push_rubygem"]).await;
    assert_eq!(heir.push(gem("hola", "2.0.0")).await.status, 200);
    assert_dead(&app, &link).await;
    assert_eq!(owners(&app, "hola").await, ["carol (owner)"]);
}
