//! What the forms of keys say: beside each field, and before a key is made.

use domain::{Action, Ecosystem, Profile};
use http_kit::Access;
use reqwest::StatusCode;
use testkit::{GemBuilder, TestApp};

use crate::browser::{Browser, Page};

/// Alice, who owns hola and hola-rails; bob owns holanda.
async fn gems(app: &TestApp) -> Browser<'_> {
    let alice = app.person("alice").await.key(&["push_rubygem"]).await;
    let bob = app.person("bob").await.key(&["push_rubygem"]).await;
    for (key, name) in [(&alice, "hola"), (&alice, "Hola-rails"), (&bob, "holanda"), (&bob, "rack")] {
        assert_eq!(key.push(GemBuilder::new(name, "1.0.0").build()).await.status, StatusCode::OK);
    }
    Browser::signed_in(app, "alice").await
}

async fn preview(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Page {
    browser.submit("/keys/preview/rubygems", fields).await
}

#[tokio::test]
async fn each_problem_stands_beside_its_field() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [("name", " "), ("packages", "a/b"), ("globs", "a?"), ("days", "400")];
    let page = browser.submit("/keys/new/nuget", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["name", "scopes", "packages", "globs", "days"] {
        assert!(page.html.contains(&format!("id=\"{field}-problem\"")), "{field}: {}", page.html);
        assert!(page.html.contains(&format!("<a href=\"#{field}\">")), "{field} is linked at the top");
    }
    assert!(page.html.contains("aria-describedby=\"globs-help globs-problem\" aria-invalid=\"true\""));
    assert!(page.html.contains(">a/b</textarea>") && page.html.contains(">a?</textarea>"), "{}", page.html);
    let gem = [("name", "ci"), ("scope", "push_rubygem"), ("gem", "nada"), ("expires_at", "soon")];
    let page = browser.submit("/keys/new/rubygems", &gem).await;
    assert!(page.html.contains("id=\"expires_at-problem\"") && page.html.contains("value=\"soon\""));
    let page = browser.submit("/keys/new/rubygems", &gem[..3]).await;
    assert!(page.html.contains("id=\"gem-problem\""), "{}", page.html);
}

#[tokio::test]
async fn pushing_is_chosen_once_and_the_choice_is_kept() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    for (ecosystem, choices) in [("nuget", 3), ("powershell", 4)] {
        let path = format!("/keys/new/{ecosystem}");
        let empty = browser.get(&path).await.html;
        assert_eq!(empty.matches("type=\"radio\" name=\"scope\"").count(), choices, "{empty}");
        assert!(empty.contains("value=\"\" checked"), "nothing is pushed unless it is chosen: {empty}");
        let fields =
            [("name", "ci"), ("scope", ""), ("scope", "package:unlist"), ("packages", ""), ("globs", "")];
        let refused = browser.submit(&path, &fields).await.html;
        assert!(refused.contains("Choose the packages of the key."), "{refused}");
        assert!(
            refused.contains("value=\"package:unlist\" checked") && refused.contains("value=\"\" checked")
        );
        let fields = [("name", "ci"), ("scope", "package:pushversion"), ("globs", "a?")];
        let refused = browser.submit(&path, &fields).await.html;
        assert!(refused.contains("value=\"package:pushversion\" checked"), "{refused}");
        assert!(!refused.contains("value=\"\" checked"), "{refused}");
    }
}

#[tokio::test]
async fn a_preview_tells_what_matches_today_without_making_a_key() {
    let app = TestApp::start().await;
    let mut browser = gems(&app).await;
    let page = preview(&mut browser, &[("globs", "HOLA*")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.html.contains("Matches 3 packages of today, 2 of them yours."), "{}", page.html);
    assert!(page.html.contains("Packages that come later and match are covered too."));
    let names: Vec<_> = ["hola</code>", "Hola-rails</code>", "holanda</code>"]
        .map(|name| page.html.find(name).unwrap_or_else(|| panic!("{name} is in {}", page.html)))
        .to_vec();
    assert!(names.is_sorted(), "by name: {}", page.html);
    let both =
        preview(&mut browser, &[("package", "hola"), ("packages", "rack\nnada"), ("globs", "*-rails")]).await;
    assert!(both.html.contains("Matches 3 packages of today, 2 of them yours."), "{}", both.html);
    assert!(preview(&mut browser, &[]).await.html.contains("Nothing is chosen yet."));
    assert!(preview(&mut browser, &[("globs", "nada*")]).await.html.contains("No package of today matches."));
    assert!(preview(&mut browser, &[("globs", "a?")]).await.html.contains("The glob `a?` cannot be used."));
    let nobody = preview(&mut Browser::open(&app), &[("globs", "*")]).await;
    assert!(nobody.location.is_some_and(|to| to.starts_with("/sign_in")));
}

#[tokio::test]
async fn the_preview_button_shows_the_form_again_and_makes_nothing() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [
        ("name", "ci"),
        ("scope", "package:push"),
        ("globs", "Fabrikam.*"),
        ("days", "90"),
        ("preview", "1"),
    ];
    let page = browser.submit("/keys/new/nuget", &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.html.contains("No package of today matches."), "{}", page.html);
    for kept in
        ["value=\"ci\"", "value=\"package:push\" checked", ">Fabrikam.*</textarea>", "value=\"90\" selected"]
    {
        assert!(page.html.contains(kept), "{kept} is kept: {}", page.html);
    }
    assert!(browser.get("/keys").await.html.contains("There are no keys here"));
}

#[tokio::test]
async fn a_preview_costs_little_however_many_packages_there_are() {
    let app = TestApp::start().await;
    let mut browser = gems(&app).await;
    // They come after the others by name. None has a live release: what is read counts, and not what is found.
    app.db_many_packages("zz-many-", 6000).await;
    let all = preview(&mut browser, &[("globs", "*")]).await.html;
    assert!(all.contains("Matches at least 4 packages of today"), "withdrawn names cost too: {all}");
    let some = preview(&mut browser, &[("globs", "hola*")]).await.html;
    assert!(
        some.contains("Matches 3 packages of today"),
        "a glob with a beginning reads only names that begin so: {some}"
    );
}

#[tokio::test]
async fn own_packages_are_boxes_with_a_count_and_an_emptied_list_never_means_all() {
    let app = TestApp::start().await;
    let mut browser = gems(&app).await;
    let alice = app.known_person("alice").await;
    let key = alice.key_for_names(&["push_rubygem"], &["hola", "nada"]).await;
    let path = format!("/keys/{}", key.id);
    let form = browser.get(&path).await.html;
    assert!(form.contains("1 of 2 packages chosen"), "{form}");
    assert!(form.contains("value=\"hola\" checked") && form.contains(">nada</textarea>"), "{form}");
    let emptied = [("scope", "push_rubygem"), ("packages", ""), ("globs", "")];
    let refused = browser.submit(&path, &emptied).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains("id=\"packages-problem\""), "{}", refused.html);
    let both = [
        ("scope", "push_rubygem"),
        ("package", "hola"),
        ("package", "Hola-rails"),
        ("packages", ""),
        ("globs", ""),
    ];
    assert_eq!(browser.submit(&path, &both).await.location.as_deref(), Some("/keys"));
    assert!(browser.get(&path).await.html.contains("2 of 2 packages chosen"));
}

#[tokio::test]
async fn a_key_that_expired_meanwhile_is_not_edited_and_the_reason_is_said() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key_for_seconds(&["push_rubygem"], 300).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let path = format!("/keys/{}", key.id);
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    app.clock.advance(301);
    let refused = browser.submit(&path, &[("scope", "yank_rubygem")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains("The key is expired. Make a new key."), "{}", refused.html);
    assert!(browser.get(&path).await.html.contains("The key is expired. Make a new key."));
}

#[tokio::test]
async fn the_question_before_deleting_says_what_will_stop_working() {
    let app = TestApp::start().await;
    let mut browser = gems(&app).await;
    let alice = app.known_person("alice").await;
    let key = alice.key_for_gem(&["push_rubygem"], "hola").await;
    let path = format!("/keys/{}/delete", key.id);
    let unused = browser.get(&path).await.html;
    assert!(unused.contains("Nothing has used it yet.") && unused.contains("Push new gems and new versions"));
    key.push(GemBuilder::new("hola", "1.1.0").build()).await;
    app.settle().await;
    let used = browser.get(&path).await.html;
    assert!(used.contains("Something used it on 2026-08-01") && used.contains("<dd>hola</dd>"), "{used}");
}

#[tokio::test]
async fn the_form_offers_exactly_the_scopes_that_some_route_asks_for() {
    let routes = rubygems::routes();
    let served: Vec<Action> = routes
        .entries()
        .iter()
        .filter_map(|entry| match entry.access {
            // A route for keys of every kind serves no action of its own.
            Access::Key(actions) if actions.len() < Action::ALL.len() => Some(actions),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let form = browser.get("/keys/new/rubygems").await.html;
    let shows = |html: &str, word: &str| html.contains(&format!("name=\"scope\" value=\"{word}\""));
    for word in Profile::of(Ecosystem::RubyGems).words() {
        assert_eq!(word.served, word.actions.iter().any(|action| served.contains(action)), "{}", word.word);
        assert_eq!(shows(&form, word.word), word.served, "{}", word.word);
    }
    // A key that has such a scope, from a client that knows it, can lose it and does not lose it unasked.
    let key = alice.key(&["push_rubygem", "access_webhooks"]).await;
    let form = browser.get(&format!("/keys/{}", key.id)).await.html;
    assert!(shows(&form, "access_webhooks") && !shows(&form, "show_dashboard"), "{form}");
}

#[tokio::test]
async fn no_form_and_no_list_speaks_of_two_factor_authentication_before_it_is_enforced() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let edit = format!("/keys/{}", key.id);
    for path in ["/keys/new/rubygems", &edit, "/keys"] {
        let page = browser.get(path).await.html.to_lowercase();
        assert!(!page.contains("factor") && !page.contains("2fa"), "{path}: {page}");
    }
    let fields = [("name", "ci"), ("scope", "push_rubygem"), ("second_factor", "1")];
    for path in ["/keys/new/rubygems", &edit] {
        let refused = browser.submit(path, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(refused.html.contains("Two-factor authentication is not available on this server yet"));
    }
    assert_eq!(app.registry().keys(alice.id).await.expect("keys can be listed").len(), 1);
}

/// So many different globs. The spaces between them take one byte each in a form, which line breaks do not.
fn many_globs(count: usize) -> String {
    (0..count).map(|number| format!("{number:x}*")).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_key_has_at_most_500_packages_and_patterns_however_they_are_asked_for() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let refusal = "A key can have at most 500 packages and patterns together.";
    let globs = many_globs(500);
    let fields =
        |globs| [("name", "ci"), ("scope", "package:push"), ("packages", "one-more"), ("globs", globs)];
    let [name, scope, _, at_most] = fields(&globs);
    assert_eq!(browser.submit("/keys/new/nuget", &[name, scope, at_most]).await.status, StatusCode::CREATED);
    let list = browser.get("/keys").await.html;
    assert!(list.contains("0*, 1*, 2*") && list.contains("9* and 490 more"), "{list}");

    let keys = app.registry().keys(alice.id).await.expect("keys can be listed");
    let edit = format!("/keys/{}", keys[0].id);
    // The largest form that is read costs no more than a small one, and stays as it was typed.
    let most = many_globs(150_000);
    for (globs, last) in [(&globs, "1f3*"), (&most, "249ef*")] {
        for path in ["/keys/new/nuget", &edit] {
            let refused = browser.submit(path, &fields(globs)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.html.contains(refusal) && refused.html.contains("id=\"packages-problem\""));
            assert!(refused.html.contains(&format!("{last}</textarea>")), "what was typed stays");
        }
        let preview = browser.submit("/keys/preview/nuget", &fields(globs)).await.html;
        assert!(preview.contains(refusal) && preview.len() < 1000, "{preview}");
    }
    let kept = app.registry().keys(alice.id).await.expect("keys can be listed");
    assert_eq!(kept.len(), 1, "nothing was made");
    assert_eq!(kept[0].selection, keys[0].selection, "nothing was changed");
}

#[tokio::test]
async fn what_is_listed_twice_counts_once() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let twice = format!("{} {}", many_globs(400), many_globs(400).to_uppercase());
    let fields = [("name", "ci"), ("scope", "package:push"), ("globs", twice.as_str())];
    assert_eq!(browser.submit("/keys/new/nuget", &fields).await.status, StatusCode::CREATED);
    let keys = app.registry().keys(alice.id).await.expect("keys can be listed");
    assert_eq!(keys[0].selection.selectors().len(), 400);
}

#[tokio::test]
async fn a_form_has_at_most_so_many_fields_and_bytes() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = vec![("scope", "package:push"); 2001];
    let refused = browser.submit("/keys/new/nuget", &fields).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.html.contains("A form can have at most 2000 fields and 1 MiB."), "{}", refused.html);
    let large = "x".repeat(1 << 20);
    let refused = browser.submit("/sign_in", &[("login", large.as_str())]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.html.contains("<h1>The form is too large</h1>"), "{}", refused.html);
}
