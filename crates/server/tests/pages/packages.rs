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
    alice.key_for_globs(&["push_rubygem", "index_rubygems"], &["adios*"]).await;
    alice.key(&["show_dashboard"]).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let page = browser.get("/gems/hola").await.html;
    assert_eq!(
        page.matches("href=\"/keys/0").count(),
        1,
        "keys for others, or for the account, do not reach hola: {page}"
    );
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

#[tokio::test]
async fn a_version_has_a_page_with_its_digest_and_links_to_what_it_needs() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    key.push(GemBuilder::new("greeting", "1.0.0").build()).await;
    let gem = GemBuilder::new("hola", "1.0.0").platform("java").dependency("greeting", ">= 1");
    key.push(gem.dependency("rack", ">= 2").build()).await;
    let mut nobody = Browser::open(&app);
    assert!(nobody.get("/gems/hola").await.html.contains("href=\"/gems/hola/versions/1.0.0-java\""));
    let page = nobody.get("/gems/hola/versions/1.0.0-java").await.html;
    let sha256 = app.get("/rubygems/api/v1/versions/hola.json").await.json()[0]["sha"].clone();
    for expected in [
        sha256.as_str().expect("a digest is a text"),
        "<a href=\"/gems/greeting\">greeting</a> &#62;= 1",
        "<li>rack &#62;= 2",
        "/rubygems/gems/hola-1.0.0-java.gem\"",
    ] {
        assert!(page.contains(expected), "{expected} is in {page}");
    }
    assert!(!page.contains("Withdraw"), "that is for owners");
    for nothing in
        ["/gems/hola/versions/1.0.0", "/gems/hola/versions/2.0.0-java", "/gems/nada/versions/1.0.0"]
    {
        assert_eq!(nobody.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn an_owner_withdraws_a_version_after_a_question() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    key.push(GemBuilder::new("hola", "1.0.0").build()).await;
    let path = "/gems/hola/versions/1.0.0/withdraw";
    app.person("mallory").await;
    let mut mallory = Browser::signed_in(&app, "mallory").await;
    assert_eq!(mallory.get(path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(mallory.submit(path, &[]).await.status, StatusCode::FORBIDDEN);
    let mut alice = Browser::signed_in(&app, "alice").await;
    assert!(alice.get(path).await.html.contains("its number is never given out again"));
    assert_eq!(
        app.get("/rubygems/gems/hola-1.0.0.gem").await.status,
        StatusCode::OK,
        "asking changes nothing"
    );
    let done = alice.submit(path, &[]).await;
    assert_eq!(done.location.as_deref(), Some("/gems/hola/versions/1.0.0"), "{}", done.html);
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.status, StatusCode::NOT_FOUND);
    assert!(alice.get("/gems/hola/versions/1.0.0").await.html.contains("was withdrawn on"));
    assert!(alice.get("/gems/hola").await.html.contains(", withdrawn"), "owners still see the gem");
    assert_eq!(mallory.get("/gems/hola").await.status, StatusCode::NOT_FOUND);
    let again = alice.submit(path, &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.html.contains("The version is withdrawn already."), "{}", again.html);
    let withdrawn = app.db_events().await.into_iter().filter(|event| event == "release.withdrawn").count();
    assert_eq!(withdrawn, 1);
}

#[tokio::test]
async fn my_packages_tell_their_versions_owners_and_the_keys_that_reach_them() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    assert!(browser.get("/packages").await.html.contains("You own no package yet"));
    let key = alice.key(&["push_rubygem", "yank_rubygem"]).await;
    alice.key_for_globs(&["push_rubygem"], &["chau*"]).await;
    alice.key_for_globs(&["push_rubygem", "index_rubygems"], &["adios*"]).await;
    alice.key(&["show_dashboard"]).await;
    for version in ["1.0.0", "1.1.0"] {
        key.push(GemBuilder::new("hola", version).build()).await;
    }
    key.yank("hola", "1.0.0").await;
    app.get("/rubygems/gems/hola-1.1.0.gem").await;
    app.settle().await;
    let page = browser.get("/packages").await.html;
    for expected in [
        "href=\"/gems/hola\"",
        "1, and 1 withdrawn",
        "<dt>Downloads</dt><dd>1</dd>",
        "<dt>Owners</dt><dd>alice</dd>",
        "href=\"/gems/hola/owners\"",
    ] {
        assert!(page.contains(expected), "{expected} is in {page}");
    }
    assert_eq!(
        page.matches("href=\"/keys/0").count(),
        1,
        "keys for others, or for the account, do not reach hola: {page}"
    );
    let front = Browser::open(&app).get("/").await.html;
    for step in ["/sign_up\"", "/sign_in\"", "/keys/new/rubygems\"", "gem push", "/packages\""] {
        assert!(front.contains(step), "the way from the front page to a package has {step}");
    }
}

#[tokio::test]
async fn the_readme_is_shown_and_nothing_in_it_can_harm() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let text = "# Hola\n\n**Hello** <script>alert(1)</script> [here](javascript:alert(1)) [there](https://example.com)\n";
    key.push(GemBuilder::new("hola", "1.0.0").file("README.md", text).build()).await;
    key.push(GemBuilder::new("chau", "1.0.0").file("README", "bye <b>all</b>").build()).await;
    key.push(GemBuilder::new("quiet", "1.0.0").build()).await;
    let mut nobody = Browser::open(&app);
    for path in ["/gems/hola", "/gems/hola/versions/1.0.0"] {
        let page = nobody.get(path).await.html;
        for expected in [
            "<h3>Hola</h3>",
            "<strong>Hello</strong>",
            "<a href=\"https://example.com\" rel=\"nofollow noopener noreferrer\">there</a>",
        ] {
            assert!(page.contains(expected), "{expected} is in {page}");
        }
        assert!(!page.contains("<script>") && !page.contains("javascript:"), "{page}");
    }
    assert!(nobody.get("/gems/chau").await.html.contains("bye &#60;b&#62;all&#60;/b&#62;</pre>"));
    assert!(!nobody.get("/gems/quiet").await.html.contains("Readme"));
    assert!(app.db_pending_blobs().await.is_empty(), "the readme belongs to its release");
}
