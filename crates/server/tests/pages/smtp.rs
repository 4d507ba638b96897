//! Mails through a real mail server.

use mail::{Login, Security};
use testkit::{Person, SmtpServer, TestApp};

const ALICE: &str = "alice@example.com";

async fn app_with(smtp: &SmtpServer) -> TestApp {
    let smtp = smtp.settings();
    TestApp::start_with(|settings| settings.mail.smtp = Some(smtp)).await
}

/// Makes a key, of which its owner hears.
async fn make_a_key(person: &Person<'_>) {
    person.key(&["push_rubygem"]).await;
}

/// Waits until some work has failed, and returns why.
async fn failure(app: &TestApp) -> String {
    for _ in 0..2000 {
        let failures = app.db_texts("SELECT last_error FROM outbox WHERE last_error IS NOT NULL").await;
        if let Some(failure) = failures.into_iter().next() {
            return failure;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("no work has failed");
}

#[tokio::test]
async fn a_mail_arrives_with_both_its_parts() {
    let smtp = SmtpServer::start();
    let app = TestApp::start_with(|settings| {
        settings.mail.smtp = Some(smtp.settings());
        settings.mail.from = Some("Keys <keys@example.com>".parse().unwrap());
    })
    .await;
    assert!(app.running().announcement().mails.ends_with(" (not encrypted)"));
    make_a_key(&app.person("alice").await).await;
    app.settle().await;
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.from.as_str(), mail.to.as_str()), ("keys@example.com", ALICE));
    assert_eq!(mail.subject(), "The key test was made");
    for part in [
        "From: Keys <keys@example.com>",
        "Date: Sat, 01 Aug 2026 12:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "  Scopes:    push_rubygem",
        "<!doctype html>",
    ] {
        assert!(mail.text.contains(part), "{part} is in {}", mail.text);
    }
}

#[tokio::test]
async fn a_mail_that_waits_for_its_server_arrives_once_also_across_a_restart() {
    let mut smtp = SmtpServer::down(Security::None);
    let mut app = app_with(&smtp).await;
    make_a_key(&app.person("alice").await).await;
    assert!(failure(&app).await.starts_with("the mail server did not take the message: "));
    app.restart().await;
    smtp.up();
    app.clock.advance(3600);
    app.settle().await;
    app.clock.advance(24 * 3600);
    app.settle().await;
    assert_eq!(smtp.mails_to(ALICE).len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_the_moment_is_tried_again() {
    let smtp = SmtpServer::start();
    smtp.refuse(ALICE, "451 4.7.1 later", 1);
    let app = app_with(&smtp).await;
    make_a_key(&app.person("alice").await).await;
    assert!(failure(&app).await.contains("later"));
    assert_eq!((smtp.mails().len(), smtp.seen().refused), (0, 1));
    app.clock.advance(60);
    app.settle().await;
    assert_eq!(smtp.mails_to(ALICE).len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_stops_no_other_and_is_given_up_in_the_end() {
    let smtp = SmtpServer::start();
    smtp.refuse("bob@example.com", "550 5.1.1 no such user", usize::MAX);
    let app = app_with(&smtp).await;
    make_a_key(&app.person("bob").await).await;
    make_a_key(&app.person("alice").await).await;
    smtp.until(|smtp| smtp.mails_to(ALICE).len() == 1).await;
    while app.registry().jobs_waiting().await.unwrap() > 0 {
        app.db_until_work_rests().await;
        app.clock.advance(6 * 3600);
        app.running().jobs().run_due().await.unwrap();
    }
    assert_eq!((smtp.seen().refused, smtp.mails().len()), (16, 1));
}

#[tokio::test]
async fn a_server_that_wants_tls_and_a_password_gets_both() {
    for security in [Security::StartTls, Security::Tls] {
        let smtp = SmtpServer::start_secured(security, "keyward", "sesame");
        let app = app_with(&smtp).await;
        make_a_key(&app.person("alice").await).await;
        app.settle().await;
        let mails = smtp.mails();
        assert_eq!(mails.len(), 1, "{security:?}");
        assert!(mails[0].encrypted, "{security:?}");
        assert_eq!(mails[0].user.as_deref(), Some("keyward"), "{security:?}");
        assert_eq!(smtp.seen().bare_passwords, 0, "{security:?}");
    }
}

#[tokio::test]
async fn a_password_that_is_wrong_is_the_operators_affair_and_the_mail_waits() {
    let smtp = SmtpServer::start_secured(Security::Tls, "keyward", "sesame");
    let mut settings = smtp.settings();
    settings.login = Some(Login { user: "keyward".into(), password: "wrong".into() });
    let app = TestApp::start_with(|all| all.mail.smtp = Some(settings)).await;
    make_a_key(&app.person("alice").await).await;
    let failure = failure(&app).await;
    assert!(failure.contains("wrong name or password") && !failure.contains("sesame"), "{failure}");
    for _ in 0..20 {
        app.db_until_work_rests().await;
        app.clock.advance(6 * 3600);
        app.running().jobs().run_due().await.unwrap();
    }
    assert_eq!(app.registry().jobs_waiting().await.unwrap(), 1);
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_cannot_do_starttls() {
    let smtp = SmtpServer::start();
    let mut settings = smtp.settings();
    settings.security = Security::StartTls;
    settings.login = Some(Login { user: "keyward".into(), password: "sesame".into() });
    let app = TestApp::start_with(|all| all.mail.smtp = Some(settings)).await;
    make_a_key(&app.person("alice").await).await;
    failure(&app).await;
    assert_eq!((smtp.mails().len(), smtp.seen().bare_passwords), (0, 0));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let smtp = SmtpServer::start_secured(Security::StartTls, "keyward", "sesame");
    let mut settings = smtp.settings();
    settings.ca_file = None;
    let app = TestApp::start_with(|all| all.mail.smtp = Some(settings)).await;
    make_a_key(&app.person("alice").await).await;
    assert!(failure(&app).await.contains("certificate"));
    assert!(smtp.mails().is_empty());
}

#[tokio::test]
async fn a_password_goes_over_a_bare_connection_only_where_the_operator_says_so() {
    let smtp = SmtpServer::start_secured(Security::None, "keyward", "sesame");
    let app = app_with(&smtp).await;
    make_a_key(&app.person("alice").await).await;
    app.settle().await;
    assert_eq!((smtp.mails().len(), smtp.seen().bare_passwords), (1, 1));
}
