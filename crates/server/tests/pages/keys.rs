use reqwest::StatusCode;
use testkit::{GemBuilder, TestApp};

use crate::browser::{Browser, Page};

/// The value on the page after the making.
fn value(page: &Page) -> String {
    between(&page.html, "<code id=\"value\">", "</code>")
}

fn between(text: &str, before: &str, after: &str) -> String {
    let start = text.find(before).unwrap_or_else(|| panic!("{before} is in {text}")) + before.len();
    text[start..].split(after).next().expect("a split has a first part").to_owned()
}

/// The id of the only key in the list.
async fn only_key(browser: &mut Browser<'_>) -> String {
    let rest = between(&browser.get("/keys").await.html, "href=\"/keys/0", "\"");
    let id = rest.split('/').next().expect("a split has a first part");
    format!("0{id}")
}

async fn push(app: &TestApp, key: &str, gem: Vec<u8>) -> (u16, String) {
    let request =
        app.request(reqwest::Method::POST, "/rubygems/api/v1/gems").header("authorization", key).body(gem);
    let response = request.send().await.expect("the server answers");
    (response.status().as_u16(), response.text().await.expect("the answer arrives whole"))
}

#[tokio::test]
async fn a_key_for_gems_is_shown_once_and_pushes() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let form = browser.get("/keys/new/rubygems").await.html;
    assert!(!form.contains(" checked"), "all scopes are off by default: {form}");
    let made = browser.submit("/keys/new/rubygems", &[("name", "ci"), ("scope", "push_rubygem")]).await;
    assert_eq!((made.status, made.cache.as_str()), (StatusCode::CREATED, "no-store"));
    let value = value(&made);
    assert_eq!(push(&app, &value, GemBuilder::new("hola", "1.0.0").build()).await.0, 200);
    let list = browser.get("/keys").await.html;
    assert!(list.contains("push_rubygem") && !list.contains(&value));
    let id = only_key(&mut browser).await;
    for path in [format!("/keys/{id}"), format!("/keys/{id}/delete")] {
        assert!(!browser.get(&path).await.html.contains(&value), "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_and_what_was_typed_is_kept() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [("name", "my <ci>"), ("scope", "show_dashboard"), ("scope", "push_rubygem")];
    let page = browser.submit("/keys/new/rubygems", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.html.contains("The scope `show_dashboard` cannot be combined with others."),
        "{}",
        page.html
    );
    assert!(page.html.contains("my &#60;ci&#62;"), "typed words are kept, and are no markup: {}", page.html);
    assert_eq!(page.html.matches(" checked").count(), 2);
    let nothing =
        browser.submit("/keys/new/nuget", &[("name", "n"), ("scope", "package:push"), ("days", "30")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY, "an absent list never means all");
}

#[tokio::test]
async fn a_key_for_nuget_is_never_drawn_and_handed_out_once() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields =
        [("name", "ci"), ("scope", "package:push"), ("globs", "Fabrikam.*\nContoso"), ("days", "90")];
    let made = browser.submit("/keys/new/nuget", &fields).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.html);
    assert!(!made.html.contains("id=\"value\""));
    let claim = between(&made.html, "data-claim=\"", "\"");
    let action = between(&made.html, "data-action=\"", "\"");
    let stranger = app.person("mallory").await.name;
    let refused = Browser::signed_in(&app, &stranger).await.submit(&action, &[("claim", &claim)]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "the claim is good for its owner only");
    let answer = browser.submit(&action, &[("claim", &claim)]).await;
    assert_eq!((answer.status, answer.cache.as_str()), (StatusCode::OK, "no-store"));
    let value = between(&answer.html, "\"value\":\"", "\"");
    assert!(value.starts_with("keyward_") && !made.html.contains(&value));
    assert_eq!(browser.submit(&action, &[("claim", &claim)]).await.status, StatusCode::NOT_FOUND, "once");
}

#[tokio::test]
async fn a_claim_is_too_late_after_ten_minutes() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [("name", "ci"), ("scope", "package:push"), ("globs", "*"), ("days", "1")];
    let made = browser.submit("/keys/new/powershell", &fields).await;
    let (claim, action) =
        (between(&made.html, "data-claim=\"", "\""), between(&made.html, "data-action=\"", "\""));
    app.clock.advance(601);
    assert_eq!(browser.submit(&action, &[("claim", &claim)]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_edit_holds_in_the_very_next_request() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let made = browser.submit("/keys/new/rubygems", &[("name", "ci"), ("scope", "push_rubygem")]).await;
    let (value, id) = (value(&made), only_key(&mut browser).await);
    assert_eq!(push(&app, &value, GemBuilder::new("hola", "1.0.0").build()).await.0, 200);
    let edited = browser.submit(&format!("/keys/{id}"), &[("scope", "yank_rubygem")]).await;
    assert_eq!(edited.location.as_deref(), Some("/keys"), "{}", edited.html);
    let refused = push(&app, &value, GemBuilder::new("hola", "1.1.0").build()).await;
    assert_eq!(refused, (403, "The API key doesn't have access".to_owned()));
    let none = browser.submit(&format!("/keys/{id}"), &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "without a scope nothing is changed");
}

#[tokio::test]
async fn scopes_of_a_nuget_key_are_locked_and_its_packages_are_not() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [("name", "ci"), ("scope", "package:push"), ("globs", "Fabrikam.*"), ("days", "90")];
    browser.submit("/keys/new/nuget", &fields).await;
    let id = only_key(&mut browser).await;
    let form = browser.get(&format!("/keys/{id}")).await.html;
    assert!(form.contains("cannot be changed") && !form.contains("name=\"scope\""));
    let edit = [("scope", "package:unlist"), ("globs", "Contoso.*")];
    assert_eq!(browser.submit(&format!("/keys/{id}"), &edit).await.location.as_deref(), Some("/keys"));
    let list = browser.get("/keys").await.html;
    assert!(list.contains("Contoso.*") && list.contains("package:push") && !list.contains("package:unlist"));
}

#[tokio::test]
async fn deleting_and_resetting_ask_first_and_hold_at_once() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let made = browser.submit("/keys/new/rubygems", &[("name", "ci"), ("scope", "push_rubygem")]).await;
    let (value, id) = (value(&made), only_key(&mut browser).await);
    assert!(browser.get(&format!("/keys/{id}/delete")).await.html.contains("stops working at once"));
    assert_eq!(
        push(&app, &value, GemBuilder::new("hola", "1.0.0").build()).await.0,
        200,
        "asking changes nothing"
    );
    browser.submit(&format!("/keys/{id}/delete"), &[]).await;
    assert_eq!(push(&app, &value, GemBuilder::new("hola", "1.1.0").build()).await.0, 401);
    assert!(!browser.get("/keys").await.html.contains("/delete\""));
    assert!(browser.get("/keys?earlier=1").await.html.contains("deleted"));
    for name in ["one", "two"] {
        browser.submit("/keys/new/rubygems", &[("name", name), ("scope", "push_rubygem")]).await;
    }
    browser.submit("/keys/reset", &[]).await;
    assert!(browser.get("/keys").await.html.contains("There are no keys here"));
}

#[tokio::test]
async fn a_regenerated_key_has_the_same_settings_and_its_old_value_is_dead() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [("name", "ci"), ("scope", "package:push"), ("globs", "Fabrikam.*"), ("days", "90")];
    browser.submit("/keys/new/nuget", &fields).await;
    let id = only_key(&mut browser).await;
    let again = browser.submit(&format!("/keys/{id}/regenerate"), &[]).await;
    assert!(again.status == StatusCode::CREATED && again.html.contains("regenerated"), "{}", again.html);
    let list = browser.get("/keys").await.html;
    assert!(
        list.contains("Fabrikam.*") && !list.contains(&id),
        "the old key is gone, the new one is as it was"
    );
}

#[tokio::test]
async fn the_keys_of_others_do_not_exist() {
    let app = TestApp::start().await;
    app.person("alice").await;
    app.person("mallory").await;
    let mut alice = Browser::signed_in(&app, "alice").await;
    alice.submit("/keys/new/rubygems", &[("name", "ci"), ("scope", "push_rubygem")]).await;
    let id = only_key(&mut alice).await;
    let mut mallory = Browser::signed_in(&app, "mallory").await;
    for path in [format!("/keys/{id}"), format!("/keys/{id}/delete"), format!("/keys/{id}/regenerate")] {
        assert_eq!(mallory.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            mallory.submit(&path, &[("scope", "yank_rubygem")]).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert!(alice.get("/keys").await.html.contains("push_rubygem"));
}

#[tokio::test]
async fn keys_that_soon_expire_are_named_at_the_top() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    let fields = [("name", "nightly"), ("scope", "package:push"), ("globs", "*"), ("days", "30")];
    browser.submit("/keys/new/nuget", &fields).await;
    assert!(!browser.get("/keys").await.html.contains("class=\"warning\""));
    app.clock.advance_days(12);
    browser.get("/keys").await;
    app.clock.advance_days(9);
    let list = browser.get("/keys").await.html;
    let (_, warning) = list.split_once("about to expire within ten days: ").expect("there is a warning");
    let link = between(warning, "<a href=\"/keys?from=", "\">nightly</a>");
    let (_, row) = link.split_once('#').expect("it leads to a row");
    assert!(list.contains(&format!("<tr role=\"row\" id=\"{row}\"")), "the warning leads to the key: {list}");
}
