use reqwest::StatusCode;
use testkit::{GemBuilder, TestApp};

use crate::browser::Browser;

#[tokio::test]
async fn a_newcomer_finds_the_way_from_the_search_to_a_gem() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    let gem =
        GemBuilder::new("hola", "1.2.0").summary("Greets <everybody>").dependency("rack", ">= 2").build();
    assert_eq!(key.push(gem).await.status, StatusCode::OK);
    let mut nobody = Browser::open(&app);
    assert!(nobody.get("/").await.html.contains("/gems\""));
    let found = nobody.get("/gems?query=ol").await.html;
    assert!(found.contains("href=\"/gems/hola\"") && found.contains("Greets &#60;everybody&#62;"), "{found}");
    let page = nobody.get("/gems/hola").await.html;
    for expected in ["gem install hola", "rack &#62;= 2", "1.2.0", "alice (owner)"] {
        assert!(page.contains(expected), "{expected} is in {page}");
    }
    assert!(!page.contains("Your keys"), "keys are for owners");
    assert_eq!(nobody.get("/gems/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn owners_see_which_of_their_keys_reach_a_gem_and_what_happened_to_it() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem", "yank_rubygem"]).await;
    key.push(GemBuilder::new("hola", "1.0.0").build()).await;
    key.yank("hola", "1.0.0").await;
    key.push(GemBuilder::new("hola", "1.1.0").build()).await;
    alice.key_for_globs(&["push_rubygem"], &["chau*"]).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let page = browser.get("/gems/hola").await.html;
    assert_eq!(page.matches("href=\"/keys/0").count(), 1, "the key for chau* does not reach hola: {page}");
    assert!(page.contains("hola 1.0.0 was withdrawn") && page.contains("alice, with the key test"), "{page}");
    app.person("bob").await;
    let bobs = Browser::signed_in(&app, "bob").await.get("/gems/hola").await.html;
    assert!(!bobs.contains("was withdrawn") && !bobs.contains("Your keys"));
}

#[tokio::test]
async fn the_events_of_an_account_name_the_key_that_did_it() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    key.push(GemBuilder::new("hola", "1.0.0").build()).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    browser.submit("/keys/new/rubygems", &[("name", "laptop"), ("scope", "index_rubygems")]).await;
    let events = browser.get("/events").await.html;
    for expected in [
        "hola 1.0.0 was published",
        "alice, with the key test",
        "The key laptop was made",
        "Signed in from 127.0.0.1",
    ] {
        assert!(events.contains(expected), "{expected} is in {events}");
    }
    app.person("bob").await;
    assert!(!Browser::signed_in(&app, "bob").await.get("/events").await.html.contains("hola"));
}
