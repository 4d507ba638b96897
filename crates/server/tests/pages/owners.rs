//! The page of a gem's owners.

use reqwest::StatusCode;
use testkit::{GemBuilder, KeyHolder, TestApp};

use crate::browser::{Browser, Page};

/// A gem of alice, and her key.
async fn hola(app: &TestApp) -> KeyHolder<'_> {
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    assert_eq!(key.push(GemBuilder::new("hola", "1.0.0").build()).await.status, StatusCode::OK);
    key
}

/// The links in all mails to somebody, oldest first.
async fn links(app: &TestApp, name: &str) -> Vec<String> {
    let mails = app.mails_to(&format!("{name}@example.com")).await;
    let link = |mail: &String| {
        let plain = mail.replace("=\r\n", "").replace("=\n", "");
        let start = plain.find("/owners/confirm/")?;
        plain[start..].split(|c: char| c.is_whitespace() || c == '"' || c == '<').next().map(str::to_owned)
    };
    mails.iter().filter_map(link).collect()
}

async fn change(browser: &mut Browser<'_>, what: &str, fields: &[(&str, &str)]) -> Page {
    browser.submit(&format!("/gems/hola/owners{what}"), fields).await
}

/// Makes somebody an owner by invitation.
async fn confirmed(app: &TestApp, alice: &mut Browser<'_>, name: &str, role: &str) {
    app.person(name).await;
    let invited = change(alice, "", &[("login", name), ("role", role)]).await;
    assert_eq!(invited.location.as_deref(), Some("/gems/hola/owners"), "{}", invited.html);
    let link = links(app, name).await.pop().expect("the invitation is sent");
    assert_eq!(Browser::open(app).submit(&link, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_invitation_is_sent_again_and_taken_back() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("bob").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    assert!(alice.get("/gems/hola").await.html.contains("href=\"/gems/hola/owners\""));
    change(&mut alice, "", &[("login", "Bob@example.com"), ("role", "maintainer")]).await;
    let page = alice.get("/gems/hola/owners").await.html;
    assert!(page.contains("maintainer, not confirmed"), "{page}");
    let first = links(&app, "bob").await.pop().expect("the invitation is sent");
    app.clock.advance(48 * 3600);
    let mut alice = Browser::signed_in(&app, "alice").await;
    assert!(alice.get("/gems/hola/owners").await.html.contains("has not worked since"));
    change(&mut alice, "/resend", &[("login", "bob")]).await;
    let both = links(&app, "bob").await;
    let second = both.iter().find(|link| **link != first).expect("another link is sent").clone();
    let mut bob = Browser::open(&app);
    assert_eq!(bob.get(&first).await.status, StatusCode::NOT_FOUND, "the link before is dead");
    assert_eq!(bob.get(&second).await.status, StatusCode::OK);
    let asked = alice.get("/gems/hola/owners/remove?login=bob").await.html;
    assert!(asked.contains("Take the invitation of bob"), "{asked}");
    assert_eq!(bob.get(&second).await.status, StatusCode::OK, "asking changes nothing");
    change(&mut alice, "/remove", &[("login", "bob")]).await;
    assert_eq!(bob.get(&second).await.status, StatusCode::NOT_FOUND);
    let invited_again =
        app.db_events().await.into_iter().filter(|event| event == "owner.invited_again").count();
    assert_eq!(invited_again, 1);
}

#[tokio::test]
async fn what_speaks_against_an_invitation_is_said_beside_what_was_typed() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("bob").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    for (login, reason) in [
        ("nobody", "There is no account with this name or mail address."),
        ("alice", "This account is an owner already."),
    ] {
        let page = change(&mut alice, "", &[("login", login), ("role", "maintainer")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.html.contains(reason) && page.html.contains("aria-invalid=\"true\""), "{}", page.html);
        assert!(page.html.contains(&format!("value=\"{login}\"")), "what was typed is kept: {}", page.html);
    }
    change(&mut alice, "", &[("login", "bob")]).await;
    let again = change(&mut alice, "", &[("login", "bob")]).await.html;
    assert!(again.contains("This account is invited already."), "{again}");
    let no_role = change(&mut alice, "", &[("login", "bob"), ("role", "king")]).await;
    assert_eq!(no_role.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn roles_change_and_owners_go_but_never_the_last_one() {
    let app = TestApp::start().await;
    hola(&app).await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    let last = change(&mut alice, "/remove", &[("login", "alice")]).await;
    assert!(last.html.contains("The last owner cannot be removed"), "{}", last.html);
    confirmed(&app, &mut alice, "bob", "owner").await;
    let own = change(&mut alice, "/role", &[("login", "alice"), ("role", "maintainer")]).await;
    assert!(own.html.contains("You cannot change your own role"), "{}", own.html);
    change(&mut alice, "/role", &[("login", "bob"), ("role", "maintainer")]).await;
    assert!(app.get("/gems/hola").await.text().contains("bob (maintainer)"));
    let mut bob = Browser::signed_in(&app, "bob").await;
    assert_eq!(bob.get("/gems/hola/owners").await.status, StatusCode::FORBIDDEN, "a maintainer may not");
    assert!(!bob.get("/gems/hola").await.html.contains("/gems/hola/owners\""));
    change(&mut alice, "/role", &[("login", "bob"), ("role", "owner")]).await;
    let left = change(&mut alice, "/remove", &[("login", "alice")]).await;
    assert_eq!(left.location.as_deref(), Some("/gems/hola"), "whoever leaves is led to the gem");
    assert_eq!(alice.get("/gems/hola/owners").await.status, StatusCode::FORBIDDEN);
    assert!(bob.get("/gems/hola/owners").await.html.contains("bob"));
}

#[tokio::test]
async fn nobody_but_owners_with_a_fresh_password_changes_owners() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("mallory").await;
    let mut mallory = Browser::signed_in(&app, "mallory").await;
    for what in ["", "/role", "/resend", "/remove"] {
        let fields = [("login", "mallory"), ("role", "owner")];
        let refused = change(&mut mallory, what, &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{what}");
        let nobody = change(&mut Browser::open(&app), what, &fields).await;
        assert!(nobody.location.is_some_and(|to| to.starts_with("/sign_in")), "{what}");
        let foreign = mallory.submit_from_elsewhere(&format!("/gems/hola/owners{what}"), &fields).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{what}");
    }
    assert!(mallory.get("/gems/hola/owners").await.html.contains("Only owners of the package"));
    let mut alice = Browser::signed_in(&app, "alice").await;
    app.clock.advance(601);
    let stale = change(&mut alice, "", &[("login", "mallory")]).await;
    assert!(stale.location.is_some_and(|to| to.starts_with("/verify")), "the password is asked again");
    assert!(!app.db_events().await.iter().any(|event| event.starts_with("owner.")));
}

#[tokio::test]
async fn an_invitation_is_sent_again_five_times_an_hour() {
    let app = TestApp::start().await;
    hola(&app).await;
    app.person("bob").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    change(&mut alice, "", &[("login", "bob")]).await;
    for _ in 0..5 {
        let sent = change(&mut alice, "/resend", &[("login", "bob")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    }
    let sixth = change(&mut alice, "/resend", &[("login", "bob")]).await;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
}
