//! What owners hear of their packages.

use reqwest::{Method, StatusCode};
use testkit::{GemBuilder, KeyHolder, SmtpServer, TestApp};

use crate::browser::Browser;

const OWNERS: &str = "/rubygems/api/v1/gems/hola/owners";

/// Alice's key, with which she publishes hola and manages its owners.
async fn first_release(app: &TestApp) -> KeyHolder<'_> {
    let scopes = ["push_rubygem", "yank_rubygem", "add_owner", "update_owner", "remove_owner"];
    let key = app.person("alice").await.key(&scopes).await;
    publish(&key, "1.0.0").await;
    key
}

async fn publish(key: &KeyHolder<'_>, version: &str) {
    let answer = key.push(GemBuilder::new("hola", version).build()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

async fn invite(key: &KeyHolder<'_>, name: &str) {
    let answer = key.form(Method::POST, OWNERS, &[("email", name), ("role", "owner")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

/// Makes an account and an owner of it. Mails are looked for in the files, or at the mail server.
async fn make_owner(app: &TestApp, key: &KeyHolder<'_>, name: &str, smtp: Option<&SmtpServer>) {
    app.person(name).await;
    invite(key, name).await;
    let address = format!("{name}@example.com");
    let mails = match smtp {
        None => app.mails_to(&address).await,
        Some(smtp) => {
            app.settle().await;
            smtp.mails_to(&address).into_iter().map(|mail| mail.text).collect()
        }
    };
    let link = mails.iter().find_map(|mail| invitation(mail)).expect("the invitation is sent");
    let accepted = Browser::open(app).submit(&link, &[]).await;
    assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.html);
}

/// The path of the link in an invitation.
fn invitation(mail: &str) -> Option<String> {
    let text = mail.replace("=\r\n", "");
    let link = &text[text.find("/owners/confirm/")?..];
    link.split(|c: char| c.is_whitespace() || c == '"' || c == '<').next().map(str::to_owned)
}

/// The subjects of the mails to somebody about hola, in the order of the alphabet.
async fn subjects(app: &TestApp, name: &str) -> Vec<String> {
    let mut subjects = app.mail_subjects(&format!("{name}@example.com")).await;
    subjects.retain(|subject| subject.contains("hola"));
    subjects
}

#[tokio::test]
async fn a_version_is_told_to_every_owner_but_not_to_those_who_are_only_invited() {
    let app = TestApp::start().await;
    let key = first_release(&app).await;
    make_owner(&app, &key, "bob", None).await;
    app.person("carol").await;
    invite(&key, "carol").await;
    publish(&key, "1.1.0").await;
    key.yank("hola", "1.1.0").await;
    let told = ["hola 1.1.0 was published", "hola 1.1.0 was withdrawn"];
    for name in ["alice", "bob"] {
        let subjects = subjects(&app, name).await;
        assert!(told.iter().all(|told| subjects.iter().filter(|s| s == told).count() == 1), "{subjects:?}");
    }
    assert_eq!(subjects(&app, "carol").await, ["Please confirm the ownership of the hola package"]);
    let mails = app.mails_to("bob@example.com").await.join("\n");
    assert!(mails.contains("By:       alice, with the key test"), "{mails}");
    assert!(!mails.contains(&key.value), "a key is never in a mail");
}

#[tokio::test]
async fn an_owner_can_switch_the_mails_about_versions_off_and_on() {
    let app = TestApp::start().await;
    let key = first_release(&app).await;
    app.settle().await;
    let mut browser = Browser::signed_in(&app, "alice").await;
    assert!(browser.get("/settings/mails").await.html.contains(" checked"));
    for version in ["1.1.0", "1.2.0"] {
        assert!(!browser.submit("/settings/mails", &[]).await.html.contains(" checked"));
        publish(&key, version).await;
    }
    app.settle().await;
    let on = browser.submit("/settings/mails", &[("package_mails", "1")]).await;
    assert!(on.status == StatusCode::OK && on.html.contains(" checked"), "{}", on.html);
    publish(&key, "1.3.0").await;
    assert_eq!(subjects(&app, "alice").await, ["hola 1.0.0 was published", "hola 1.3.0 was published"]);
    let events = app.db_events().await;
    let changes = events.iter().filter(|event| *event == "account.package_mails_changed").count();
    assert_eq!(changes, 2, "off and on; what changes nothing leaves no event");
    let page = browser.get("/events").await.html;
    assert!(page.contains("Mails about versions were switched off"), "{page}");
    let stranger = Browser::open(&app).get("/settings/mails").await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn owners_hear_who_comes_and_whoever_goes_or_gets_another_role_hears_it() {
    let app = TestApp::start().await;
    let key = first_release(&app).await;
    make_owner(&app, &key, "bob", None).await;
    let of = |subjects: Vec<String>, word: &str| {
        subjects.into_iter().filter(|subject| subject.contains(word)).collect::<Vec<_>>()
    };
    assert_eq!(of(subjects(&app, "alice").await, "owner"), ["bob is an owner of hola now"]);
    assert_eq!(of(subjects(&app, "bob").await, "owner of"), ["You are an owner of hola now"]);
    let fields = [("email", "bob"), ("role", "maintainer")];
    assert_eq!(key.form(Method::PUT, OWNERS, &fields).await.status, StatusCode::OK);
    assert_eq!(of(subjects(&app, "bob").await, "maintainer"), ["You are a maintainer of hola now"]);
    assert_eq!(key.form(Method::DELETE, OWNERS, &fields).await.status, StatusCode::OK);
    assert_eq!(of(subjects(&app, "bob").await, "any more"), ["You are not an owner of hola any more"]);
    assert!(of(subjects(&app, "alice").await, "You are").is_empty(), "that is bob's affair");
}

#[tokio::test]
async fn an_invitation_that_is_taken_back_is_no_loss_to_be_told_of() {
    let app = TestApp::start().await;
    let key = first_release(&app).await;
    app.person("bob").await;
    invite(&key, "bob").await;
    key.form(Method::DELETE, OWNERS, &[("email", "bob")]).await;
    let told = subjects(&app, "bob").await;
    assert!(!told.iter().any(|subject| subject.contains("any more")), "{told:?}");
}

#[tokio::test]
async fn an_owner_whose_mail_fails_does_not_make_the_others_hear_twice() {
    let smtp = SmtpServer::start();
    let app = TestApp::start_with(|settings| settings.mail.smtp = Some(smtp.settings())).await;
    let key = first_release(&app).await;
    for name in ["bob", "carol"] {
        make_owner(&app, &key, name, Some(&smtp)).await;
    }
    app.settle().await;
    smtp.refuse("bob@example.com", "451 later", 3);
    publish(&key, "1.1.0").await;
    while app.registry().jobs_waiting().await.unwrap() > 0 {
        app.db_until_work_rests().await;
        app.clock.advance(3600);
        app.running().jobs().run_due().await.unwrap();
    }
    assert_eq!(smtp.seen().refused, 3);
    for name in ["alice", "bob", "carol"] {
        let mails = smtp.mails_to(&format!("{name}@example.com"));
        let told = mails.iter().filter(|mail| mail.subject() == "hola 1.1.0 was published").count();
        assert_eq!(told, 1, "{name}");
    }
}

#[tokio::test]
async fn whoever_loses_a_name_that_was_given_up_hears_of_it() {
    let app = TestApp::start_with(|settings| settings.rubygems.reclaim_names = true).await;
    let key = first_release(&app).await;
    key.yank("hola", "1.0.0").await;
    app.settle().await;
    app.clock.advance_days(10);
    publish(&app.person("bob").await.key(&["push_rubygem"]).await, "2.0.0").await;
    let told = subjects(&app, "alice").await;
    assert!(told.contains(&"You no longer own hola".to_owned()), "{told:?}");
    assert!(!told.contains(&"hola 2.0.0 was published".to_owned()), "that is bob's affair: {told:?}");
    assert_eq!(subjects(&app, "bob").await, ["hola 2.0.0 was published"]);
}
