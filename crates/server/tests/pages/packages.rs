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

/// The versions that a page lists, in its order.
fn listed(html: &str) -> Vec<String> {
    let rows = html.split("/gems/hola/versions/").skip(1);
    rows.map(|row| row.split('"').next().unwrap_or_default().to_owned()).collect()
}

/// Where a link with these words leads.
fn link(html: &str, words: &str) -> Option<String> {
    let (before, _) = html.split_once(&format!("\">{words}</a>"))?;
    Some(before.rsplit_once("href=\"")?.1.replace("&amp;", "&"))
}

#[tokio::test]
async fn a_long_list_of_versions_is_turned_over_in_both_directions() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    key.push(GemBuilder::new("hola", "1.0.0").build()).await;
    let mut nobody = Browser::open(&app);
    let only = nobody.get("/gems/hola").await.html;
    assert_eq!((link(&only, "Newer versions"), link(&only, "Older versions")), (None, None));
    app.db_many_releases("hola", 204).await;
    let of = |first: u32, last: u32| (first..=last).map(|number| format!("0.{number}")).collect::<Vec<_>>();
    let newest = nobody.get("/gems/hola").await.html;
    assert_eq!(listed(&newest), [vec!["1.0.0".to_owned()], of(1, 99)].concat());
    assert_eq!(link(&newest, "Newer versions"), None);
    let middle = nobody.get(&link(&newest, "Older versions").expect("there are older ones")).await.html;
    assert_eq!(listed(&middle), of(100, 199));
    let oldest = nobody.get(&link(&middle, "Older versions").expect("there are older ones")).await.html;
    assert_eq!(listed(&oldest), of(200, 204));
    assert_eq!(link(&oldest, "Older versions"), None);
    let back = nobody.get(&link(&oldest, "Newer versions").expect("there are newer ones")).await.html;
    assert_eq!(listed(&back), of(100, 199));
    let first = nobody.get(&link(&back, "Newer versions").expect("there are newer ones")).await.html;
    assert_eq!(listed(&first), listed(&newest));
    assert_eq!(link(&first, "Newer versions"), None);
    for nonsense in ["?older=nothing", "?newer="] {
        assert_eq!(listed(&nobody.get(&format!("/gems/hola{nonsense}")).await.html), listed(&newest));
    }
}

#[tokio::test]
async fn many_packages_of_ones_own_stand_on_several_pages() {
    let app = TestApp::start().await;
    app.person("alice").await;
    app.db_many_packages("many", 150).await;
    app.db_execute(
        "INSERT INTO ownerships (id, package_id, account_id, role, invited_at, confirmed_at) \
         SELECT p.id, p.id, a.id, 'owner', 0, 0 FROM packages p CROSS JOIN accounts a WHERE a.handle = 'alice'",
    )
    .await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    let mut seen = Vec::new();
    let mut path = Some("/packages".to_owned());
    while let Some(here) = path {
        let page = alice.get(&here).await.html;
        let names: Vec<_> = page.split("<h2><a href=\"/gems/").skip(1).map(str::to_owned).collect();
        assert!(names.len() <= 100 && !page.contains("You own no package yet"), "{here}");
        assert_eq!(link(&page, "First page").is_some(), here != "/packages");
        seen.extend(names.iter().map(|row| row.split('"').next().unwrap_or_default().to_owned()));
        path = link(&page, "Next page");
    }
    let mut expected: Vec<_> = (1..=150).map(|number| format!("many{number}")).collect();
    expected.sort();
    assert_eq!(seen, expected);
}
