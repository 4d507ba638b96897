//! Keys that were taken over from another server.

use domain::{Ecosystem, KeyDigest};
use registry::{Error, LegacyValue};
use reqwest::StatusCode;
use testkit::{GemBuilder, KeyHolder, OPERATOR, Person, TestApp};

use crate::browser::Browser;

/// A value as older servers made them.
const VALUE: &str = "0123456789abcdef0123456789abcdef";

async fn import(app: &TestApp, owner: &Person<'_>, ecosystem: Ecosystem, value: &str) -> Result<(), Error> {
    let values = [LegacyValue { line: 1, digest: KeyDigest::of(value) }];
    app.registry().import_legacy_keys(OPERATOR, owner.id, ecosystem, None, &values).await.map(drop)
}

/// Somebody who presents the imported value.
async fn holder<'app>(app: &'app TestApp, owner: &Person<'_>) -> KeyHolder<'app> {
    let keys = app.registry().keys(owner.id).await.expect("the keys can be listed");
    let key = keys.iter().find(|key| key.name == "legacy-key").expect("it was imported");
    app.holder(key.id, VALUE)
}

#[tokio::test]
async fn an_imported_value_pushes_and_once_it_is_deleted_it_never_comes_back() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    import(&app, &alice, Ecosystem::RubyGems, VALUE).await.expect("the value is new");
    let key = holder(&app, &alice).await;
    assert_eq!(key.push(GemBuilder::new("hola", "1.0.0").build()).await.status, StatusCode::OK);
    let mut browser = Browser::signed_in(&app, "alice").await;
    browser.submit(&format!("/keys/{}/delete", key.id), &[]).await;
    assert_eq!(key.push(GemBuilder::new("hola", "1.1.0").build()).await.status, StatusCode::UNAUTHORIZED);
    let again =
        import(&app, &alice, Ecosystem::RubyGems, VALUE).await.expect_err("a deleted key stays deleted");
    assert_eq!(
        again.to_string(),
        "Line 1: this value belonged to a key that was deleted, and cannot come back."
    );
}

#[tokio::test]
async fn the_list_advises_to_replace_a_legacy_key_and_its_owner_hears_of_it() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    import(&app, &alice, Ecosystem::NuGet, VALUE).await.expect("the value is new");
    let mut browser = Browser::signed_in(&app, "alice").await;
    let list = browser.get("/keys").await.html;
    assert!(list.contains("Make keys with scopes instead"), "{list}");
    assert!(!list.contains("/regenerate\"") && !list.contains(">Edit<"), "it can only be deleted: {list}");
    let events = browser.get("/events").await.html;
    assert!(events.contains("The key Full access API key was taken over from another server"), "{events}");
    let mails = app.mails_to("alice@example.com").await.join("\n");
    assert!(
        mails.contains("The key Full access API key was taken over") && !mails.contains(VALUE),
        "{mails}"
    );
}

#[tokio::test]
async fn an_import_is_all_or_nothing_and_names_each_line() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    import(&app, &alice, Ecosystem::RubyGems, VALUE).await.expect("the value is new");
    let values: Vec<_> = (1..)
        .zip(["a-new-value-of-some-length", VALUE, "another-value-also-long", "a-new-value-of-some-length"])
        .map(|(line, value)| LegacyValue { line, digest: KeyDigest::of(value) })
        .collect();
    let refused = app
        .registry()
        .import_legacy_keys(OPERATOR, alice.id, Ecosystem::NuGet, None, &values)
        .await
        .expect_err("two lines are wrong");
    let Error::Invalid(problems) = refused else { panic!("{refused}") };
    assert_eq!(
        problems,
        ["Line 2: there is a key with this value already.", "Line 4: the same value stands in line 1."]
    );
    assert_eq!(app.registry().keys(alice.id).await.expect("the keys can be listed").len(), 1);
}

#[tokio::test]
async fn a_full_access_key_of_nuget_is_retired_after_a_year_without_a_push() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    import(&app, &alice, Ecosystem::NuGet, VALUE).await.expect("the value is new");
    app.clock.advance_days(364);
    let list = Browser::signed_in(&app, "alice").await.get("/keys").await.html;
    assert!(list.contains("active, legacy"), "{list}");
    app.clock.advance_days(1);
    let list = Browser::signed_in(&app, "alice").await.get("/keys").await.html;
    assert!(list.contains("retired: nothing was pushed for a year"), "{list}");
}

#[tokio::test]
async fn a_full_access_key_of_powershell_never_retires_and_once_deleted_never_comes_back() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    import(&app, &alice, Ecosystem::PowerShell, VALUE).await.expect("the value is new");
    app.clock.advance_days(2000);
    let mut browser = Browser::signed_in(&app, "alice").await;
    let list = browser.get("/keys").await.html;
    assert!(list.contains("active, legacy") && list.contains("Full access API key"), "{list}");
    let id = app.registry().keys(alice.id).await.expect("the keys can be listed")[0].id;
    browser.submit(&format!("/keys/{id}/delete"), &[]).await;
    let again = import(&app, &alice, Ecosystem::PowerShell, VALUE).await;
    assert!(again.is_err_and(|refusal| refusal.to_string().contains("cannot come back")));
}
