//! Rules of names, numbers and platforms, and what becomes of abandoned names.

use testkit::{GemBuilder, TestApp};

use crate::support::{LOST, gem, gem_for, make_owner, owners, publish, says, yank};

fn not_saved(problem: &str) -> (u16, String) {
    says(403, format!("There was a problem saving your gem: {problem}"))
}

#[tokio::test]
async fn names_and_numbers_that_cannot_be_installed_are_refused() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    for (name, problem) in [
        ("hola.json", "Name can not end with a common file extension"),
        ("hola-", "Name can not end with a period, dash, or underscore"),
        (&"a".repeat(256), "Name is too long (maximum is 255 characters)"),
    ] {
        assert_eq!(key.push(gem(name, "1.0.0")).await.told(), not_saved(problem), "{name}");
    }
    let dashed = key.push(gem("hola", "1.0.0-x")).await;
    assert_eq!(dashed.told(), not_saved("Number cannot contain a dash (it will be uninstallable)"));
    let several = key.push(GemBuilder::new("hola.gem", "1-2").dependency("-bad", ">= 0").build()).await;
    assert_eq!(several.status, 403);
    assert!(several.text().contains("file extension, Number cannot contain a dash"), "{}", several.text());
    assert_eq!(app.get("/rubygems/names").await.text(), "---\n\n");
}

#[tokio::test]
async fn two_ways_to_write_one_number_are_one_version() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0").await;
    let told = not_saved("Canonical number has already been taken. Existing version: 1.0");
    assert_eq!(key.push(gem("hola", "1.0.0")).await.told(), told);
    assert_eq!(key.push(gem("hola", "1")).await.told(), told);
    assert_eq!(
        key.push(gem_for("hola", "1.0.0", "java")).await.status,
        200,
        "another platform is another version"
    );
}

#[tokio::test]
async fn two_ways_to_write_one_platform_are_one_version() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    assert_eq!(key.push(gem_for("hola", "1.0.0", "i686-linux")).await.status, 200);
    let told =
        not_saved("A version already exists with this number and resolved platform [1.0.0, x86-linux]");
    assert_eq!(key.push(gem_for("hola", "1.0.0", "x86-linux")).await.told(), told);
}

#[tokio::test]
async fn two_gems_never_have_one_file_name() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    assert_eq!(key.push(gem_for("a", "1.0", "x86-linux-2.0")).await.status, 200);
    let mallory = app.person("mallory").await.key(&["push_rubygem"]).await;
    let taken = mallory.push(gem("a-1.0-x86-linux", "2.0")).await;
    assert_eq!(taken.told(), not_saved("Full name 'a-1.0-x86-linux-2.0' is taken by a version of 'a'"));
    let folded = mallory.push(gem("A-1.0-X86-linux", "2.0")).await;
    assert_eq!(folded.told(), not_saved("Full name 'A-1.0-X86-linux-2.0' is taken by a version of 'a'"));
    let bytes = app.get("/rubygems/gems/a-1.0-x86-linux-2.0.gem").await.bytes;
    assert_eq!(bytes, gem_for("a", "1.0", "x86-linux-2.0"));
}

#[tokio::test]
async fn a_name_too_similar_to_a_live_one_is_refused_but_for_its_owner() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "foo-bar", "1.0.0").await;
    let stranger = app.person("bob").await.key(&["push_rubygem"]).await;
    for name in ["foo_bar", "foobar", "FooBar", "fo-ob_ar"] {
        let told = not_saved(&format!("'{name}' is too similar to an existing gem named 'foo-bar'"));
        assert_eq!(stranger.push(gem(name, "1.0.0")).await.told(), told);
    }
    publish(&key, "foo_bar", "1.0.0").await;
    yank(&key, "foo_bar", "1.0.0").await;
    yank(&key, "foo-bar", "1.0.0").await;
    publish(&stranger, "foobar", "1.0.0").await;
}

#[tokio::test]
async fn similar_names_may_be_allowed() {
    let app = TestApp::start_with(|settings| settings.rubygems.refuse_similar_names = false).await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "foo-bar", "1.0.0").await;
    publish(&app.person("bob").await.key(&["push_rubygem"]).await, "foo_bar", "1.0.0").await;
}

/// A day in seconds.
const DAY: i64 = 24 * 3600;

async fn reclaiming() -> TestApp {
    TestApp::start_with(|settings| settings.rubygems.reclaim_names = true).await
}

#[tokio::test]
async fn a_name_without_versions_stays_its_owners_unless_the_server_is_set_up_otherwise() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    yank(&key, "hola", "1.0.0").await;
    let stranger = bob.key(&["push_rubygem"]).await;
    for days in [0, 29, 72, 3650] {
        app.clock.advance_days(days);
        assert_eq!(stranger.push(gem("hola", "2.0.0")).await.status, 403, "{days} days later");
    }
    assert_eq!(owners(&app, "hola").await, ["alice (owner)"]);
    publish(&key, "hola", "1.1.0").await;
}

#[tokio::test]
async fn a_young_name_is_kept_for_ten_days_after_the_last_yank_and_its_owners_hear_of_it_before_and_after() {
    let app = reclaiming().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let bound = alice.key_for_gem(&["push_rubygem"], "hola").await;
    yank(&key, "hola", "1.0.0").await;
    let told = |app| async move { TestApp::mail_subjects(app, "alice@example.com").await };
    assert!(told(&app).await.contains(&"hola has no versions left".to_owned()), "{:?}", told(&app).await);
    let stranger = bob.key(&["push_rubygem"]).await;
    app.clock.advance(10 * DAY - 1);
    assert_eq!(stranger.push(gem("hola", "2.0.0")).await.status, 403);
    app.clock.advance(1);
    publish(&stranger, "hola", "2.0.0").await;
    assert_eq!(owners(&app, "hola").await, ["bob (owner)"]);
    assert!(told(&app).await.contains(&"You no longer own hola".to_owned()), "{:?}", told(&app).await);
    assert_eq!(bound.push(gem("hola", "2.1.0")).await.told(), says(403, LOST));
    assert_eq!(key.push(gem("hola", "2.1.0")).await.status, 403);
    let lost = app.db_texts("SELECT details FROM audit_events WHERE action = 'owner.removed'").await;
    assert_eq!(lost, [r#"{"owner":"alice","name_reclaimed":true}"#]);
}

#[tokio::test]
async fn an_older_name_is_kept_for_a_hundred_days_after_the_last_yank() {
    let app = reclaiming().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    app.clock.advance_days(31);
    yank(&key, "hola", "1.0.0").await;
    let stranger = bob.key(&["push_rubygem"]).await;
    app.clock.advance(100 * DAY - 1);
    let refused = stranger.push(gem("hola", "2.0.0")).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    app.clock.advance(1);
    publish(&stranger, "hola", "2.0.0").await;
    assert_eq!(owners(&app, "hola").await, ["bob (owner)"]);
}

#[tokio::test]
async fn a_new_version_of_its_owner_takes_a_name_back() {
    let app = reclaiming().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    yank(&key, "hola", "1.0.0").await;
    app.clock.advance_days(11);
    publish(&key, "hola", "1.1.0").await;
    yank(&key, "hola", "1.1.0").await;
    let stranger = bob.key(&["push_rubygem"]).await;
    assert_eq!(stranger.push(gem("hola", "2.0.0")).await.status, 403, "the days count from the last yank");
}

#[tokio::test]
async fn an_owner_who_starts_again_keeps_the_other_owners() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "yank_rubygem", "add_owner"]).await;
    publish(&key, "hola", "1.0.0").await;
    make_owner(&app, &key, "hola", "bob", "maintainer").await;
    yank(&key, "hola", "1.0.0").await;
    publish(&bob.key(&["push_rubygem"]).await, "hola", "1.0.1").await;
    assert_eq!(owners(&app, "hola").await, ["alice (owner)", "bob (maintainer)"]);
}

#[tokio::test]
async fn a_live_name_is_never_free() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let stranger = app.person("bob").await.key(&["push_rubygem"]).await;
    app.clock.advance_days(3650);
    assert_eq!(stranger.push(gem("hola", "2.0.0")).await.status, 403);
}
