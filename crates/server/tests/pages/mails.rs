use domain::{Ecosystem, KeyDigest};
use registry::LegacyValue;
use testkit::{OPERATOR, TestApp};

use crate::browser::Browser;

#[tokio::test]
async fn the_owner_hears_of_each_change_of_a_key_and_never_its_value() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    browser.submit("/keys/new/rubygems", &[("name", "ci"), ("scope", "push_rubygem")]).await;
    let list = browser.get("/keys").await.html;
    let id = list.split("href=\"/keys/0").nth(1).unwrap().split(['"', '/']).next().unwrap();
    browser.submit(&format!("/keys/0{id}"), &[("scope", "yank_rubygem")]).await;
    browser.submit(&format!("/keys/0{id}/delete"), &[]).await;
    let expected = ["The key ci was changed", "The key ci was deleted", "The key ci was made"];
    assert_eq!(app.mail_subjects("alice@example.com").await, expected);
    assert!(app.mails_to("alice@example.com").await.iter().all(|mail| !mail.contains("keyward_")));
}

#[tokio::test]
async fn the_end_of_a_key_is_announced_once_ten_days_before_and_once_after_also_across_a_restart() {
    let mut app = TestApp::start().await;
    app.person("alice").await;
    let fields = [("name", "nightly"), ("scope", "package:push"), ("globs", "*"), ("days", "30")];
    Browser::signed_in(&app, "alice").await.submit("/keys/new/nuget", &fields).await;
    let soon = "The key nightly is about to expire".to_owned();
    app.clock.advance_days(19);
    assert!(!app.mail_subjects("alice@example.com").await.contains(&soon), "eleven days before");
    app.clock.advance_days(1);
    assert!(app.mail_subjects("alice@example.com").await.contains(&soon), "ten days before");
    app.restart().await;
    app.clock.advance_days(1);
    let count = |subjects: Vec<String>| {
        (subjects.len(), subjects.iter().filter(|subject| subject.contains("nightly")).count())
    };
    assert_eq!(
        count(app.mail_subjects("alice@example.com").await),
        (2, 2),
        "made, and about to expire: once"
    );
    app.stop().await;
    app.clock.advance_days(30);
    app.restart().await;
    assert!(app.mail_subjects("alice@example.com").await.contains(&"The key nightly has expired".to_owned()));
    app.clock.advance_days(30);
    assert_eq!(app.mail_subjects("alice@example.com").await.len(), 3, "nothing is said twice");
}

#[tokio::test]
async fn the_end_of_a_key_is_announced_also_if_the_server_was_down_on_that_day() {
    let mut app = TestApp::start().await;
    app.person("alice").await;
    let fields = [("name", "nightly"), ("scope", "package:push"), ("globs", "*"), ("days", "30")];
    Browser::signed_in(&app, "alice").await.submit("/keys/new/nuget", &fields).await;
    app.clock.advance_days(18);
    app.settle().await;
    app.stop().await;
    app.clock.advance_days(5);
    app.restart().await;
    let about = |subjects: Vec<String>| {
        subjects.iter().filter(|subject| *subject == "The key nightly is about to expire").count()
    };
    assert_eq!(about(app.mail_subjects("alice@example.com").await), 1, "three days late");
    app.restart().await;
    app.clock.advance_days(1);
    assert_eq!(about(app.mail_subjects("alice@example.com").await), 1, "and once");
}

#[tokio::test]
async fn a_legacy_key_that_nothing_was_pushed_with_for_a_year_is_retired_and_its_owner_hears_of_it_once() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    for (ecosystem, value) in
        [(Ecosystem::NuGet, "1"), (Ecosystem::RubyGems, "2"), (Ecosystem::PowerShell, "3")]
    {
        let values = [LegacyValue { line: 1, digest: KeyDigest::of(value) }];
        app.registry()
            .import_legacy_keys(OPERATOR, alice.id, ecosystem, None, &values)
            .await
            .expect("the value is new");
    }
    let retired = |subjects: Vec<String>| {
        subjects.into_iter().filter(|subject| subject.ends_with(" was retired")).collect::<Vec<_>>()
    };
    app.clock.advance_days(364);
    assert!(retired(app.mail_subjects("alice@example.com").await).is_empty());
    for _ in 0..2 {
        app.clock.advance_days(1);
        let told = retired(app.mail_subjects("alice@example.com").await);
        assert_eq!(told, ["The key Full access API key was retired"], "the one for NuGet, and once");
    }
}

#[tokio::test]
async fn a_key_for_one_day_is_not_announced_when_it_is_made() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let fields = [("name", "today"), ("scope", "package:push"), ("globs", "*"), ("days", "1")];
    Browser::signed_in(&app, "alice").await.submit("/keys/new/nuget", &fields).await;
    assert_eq!(app.mail_subjects("alice@example.com").await, ["The key today was made"]);
}
