//! The life of a key for gems: its value is shown once, it can be changed, deleted, and reset with all others.

use testkit::TestApp;

use crate::{
    browser::Browser,
    prove::{push, yank},
};

/// Makes a key; gives the value that the page shows.
async fn make(browser: &Browser<'_>, name: &str, scopes: &[&str]) -> String {
    browser.go("/keys/new/rubygems").await;
    browser.fill("Name", name).await;
    for scope in scopes {
        browser.tick(scope).await;
    }
    browser.press("Make the key").await;
    let value = browser.text_of("#value").await;
    assert!(value.starts_with("keyward_"), "{}", browser.text().await);
    value
}

#[tokio::test]
async fn the_value_is_shown_once_and_really_pushes_a_gem() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    let value = make(&browser, "ci", &["push_rubygem"]).await;
    assert_eq!(push(&app, &value, "hola", "1.0.0").await, 200);
    assert_eq!(yank(&app, &value, "hola", "1.0.0").await, 403, "it may push and nothing else");
    browser.reload().await;
    assert!(!browser.source().await.contains(&value), "after a reload");
    assert_eq!(app.registry().keys(alice.id).await.unwrap().len(), 1, "a reload sends nothing again");
    browser.back().await;
    assert!(!browser.source().await.contains(&value), "after going back");
    browser.forward().await;
    assert!(!browser.source().await.contains(&value), "after going forward");
    for page in ["/keys", "/events", "/gems/hola"] {
        browser.go(page).await;
        assert!(!browser.source().await.contains(&value), "{page}");
    }
}

#[tokio::test]
async fn the_page_of_a_new_key_says_what_to_type_with_the_address_of_this_server() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    let value = make(&browser, "ci", &["push_rubygem"]).await;
    let command = format!("GEM_HOST_API_KEY=KEY gem push hola-1.0.0.gem --host {}/rubygems", app.base());
    assert!(browser.shows(&command).await, "{}", browser.text().await);
    assert_eq!(browser.source().await.matches(&value).count(), 1, "commands have a placeholder");
}

#[tokio::test]
async fn scopes_and_gem_can_be_changed_and_hold_in_the_next_request() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    let value = make(&browser, "ci", &["push_rubygem"]).await;
    assert_eq!(push(&app, &value, "hola", "1.0.0").await, 200);
    assert_eq!(push(&app, &value, "chau", "1.0.0").await, 200);
    browser.go("/keys").await;
    browser.press("Edit ci").await;
    assert!(browser.is_ticked("push_rubygem").await);
    browser.choose("Gem", "hola").await;
    browser.press("Save").await;
    assert_eq!(push(&app, &value, "chau", "1.1.0").await, 403);
    assert_eq!(push(&app, &value, "hola", "1.1.0").await, 200);
    browser.go("/keys").await;
    browser.press("Edit ci").await;
    browser.tick("push_rubygem").await;
    browser.tick("yank_rubygem").await;
    browser.press("Save").await;
    assert_eq!(push(&app, &value, "hola", "1.2.0").await, 403);
    assert_eq!(yank(&app, &value, "hola", "1.1.0").await, 200);
    assert!(browser.shows("yank_rubygem").await && !browser.shows("push_rubygem").await);
}

#[tokio::test]
async fn a_change_that_is_refused_says_so_and_changes_nothing() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    let value = make(&browser, "ci", &["push_rubygem"]).await;
    browser.go("/keys").await;
    browser.press("Edit ci").await;
    browser.tick("push_rubygem").await;
    browser.press("Save").await;
    assert!(browser.shows("Choose at least one scope.").await);
    assert!(!browser.is_ticked("push_rubygem").await, "what was ticked stays");
    assert_eq!(push(&app, &value, "hola", "1.0.0").await, 200);
}

#[tokio::test]
async fn deleting_asks_first_says_what_stops_and_holds_in_the_next_request() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    let value = make(&browser, "ci", &["push_rubygem"]).await;
    browser.go("/keys").await;
    browser.press("Delete ci").await;
    assert!(browser.shows("Everything that uses it stops working at once.").await);
    browser.press("Back to the keys").await;
    assert_eq!(push(&app, &value, "hola", "1.0.0").await, 200, "asking changes nothing");
    browser.press("Delete ci").await;
    browser.press("Delete the key").await;
    assert_eq!(push(&app, &value, "hola", "1.1.0").await, 401);
    assert!(browser.shows("There are no keys here").await);
    browser.press("Show deleted keys").await;
    assert!(browser.shows("ci").await && !browser.offers("Delete ci").await);
}

#[tokio::test]
async fn a_reset_ends_all_keys_for_gems_and_no_other() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let browser = Browser::signed_in(&app, "alice").await;
    let values =
        [make(&browser, "one", &["push_rubygem"]).await, make(&browser, "two", &["push_rubygem"]).await];
    browser.go("/keys/new/nuget").await;
    browser.fill("Name", "three").await;
    browser.tick("package:push ").await;
    browser.fill("Glob patterns", "*").await;
    browser.press("Make the key").await;
    browser.go("/keys").await;
    browser.press("Reset: delete all keys for gems").await;
    browser.press("Delete all keys for gems").await;
    for value in &values {
        assert_eq!(push(&app, value, "hola", "1.0.0").await, 401);
    }
    assert!(browser.offers("Edit three").await && !browser.offers("Edit one").await);
}
