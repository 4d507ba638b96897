//! Keys, passwords and tokens are in no log, no answer but the one, no `Debug` text, and nowhere at rest.

use std::{path::Path, sync::PoisonError};

use http::Method;
use testkit::{Answer, OPERATOR, TestApp, send};

use crate::support::{API_KEY, CAPTURED, gem, invitation_link, keep_log, owners_of, publish, yank};

/// A password that is wrong, and as secret as a right one: people mistype.
const WRONG: &str = "hunter2-but-longer";
/// The key of somebody who meant another server.
const FOREIGN: &str = "rubygems_5c4f2b1d9e8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f00";

/// A server's life: everything in it that a secret passes through. Returns the secrets, and all answers that must have none.
async fn story(app: &TestApp) -> (Vec<String>, Vec<Answer>) {
    let (mut secrets, mut answers) = (vec![WRONG.to_owned(), FOREIGN.to_owned()], Vec::new());
    let setup = app.running().announcement().setup_url.clone().expect("there is no account yet");
    let token = setup.split_once("token=").expect("the token is in the address").1.to_owned();
    let form = format!("token={token}&handle=root&email=r%40example.com&password=a-long-password");
    let submit =
        app.request(Method::POST, "/setup").header("content-type", "application/x-www-form-urlencoded");
    answers.push(send(submit.body(form)).await);
    secrets.extend([token, "a-long-password".to_owned(), testkit::PASSWORD.to_owned()]);
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let scopes = [("name", "ci"), ("push_rubygem", "true"), ("add_owner", "true")];
    let made = alice.form(Method::POST, API_KEY, &scopes).await.text();
    let widen = [("api_key", made.as_str()), ("yank_rubygem", "true")];
    answers.push(alice.form(Method::PUT, API_KEY, &widen).await);
    let key = alice.key(&["push_rubygem", "yank_rubygem", "add_owner", "remove_owner"]).await;
    publish(&key, "hola", "1.0.0").await;
    answers.push(key.form(Method::POST, &owners_of("hola"), &[("email", "bob")]).await);
    let link = invitation_link(app, "bob").await;
    answers.push(send(app.request(Method::POST, &link)).await);
    secrets.push(link.rsplit('/').next().expect("the token ends the path").to_owned());
    let bound = bob.key_for_gem(&["push_rubygem"], "hola").await;
    answers.push(key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await);
    answers.push(bound.push(gem("hola", "1.1.0")).await);
    yank(&key, "hola", "1.0.0").await;
    answers.extend(mistakes(app, &made).await);
    app.registry().revoke_key(OPERATOR, key.id).await.expect("it can be revoked");
    answers.push(key.push(gem("hola", "1.2.0")).await);
    secrets.extend([made, key.value, bound.value]);
    (secrets, answers)
}

/// What people do wrong with secrets.
async fn mistakes(app: &TestApp, key: &str) -> Vec<Answer> {
    let get = |path: &str| app.request(Method::GET, path);
    let mut answers = vec![
        send(get("/rubygems/api/v1/profile/me").basic_auth("alice", Some(WRONG))).await,
        send(get("/rubygems/api/v1/gems").header("authorization", FOREIGN)).await,
        send(get("/rubygems/api/v1/gems").header("authorization", format!("Bearer {key}"))).await,
        send(get(&format!("/rubygems/api/v1/gems?api_key={key}"))).await,
        send(get(&format!("/rubygems/{key}"))).await,
        send(get(&format!("/{key}/nothing?password={WRONG}"))).await,
        send(
            app.request(Method::PUT, API_KEY)
                .basic_auth("alice", Some(testkit::PASSWORD))
                .body(format!("api_key={key}x")),
        )
        .await,
    ];
    // Work that fails meanwhile would wait for a clock that stands still.
    app.settle().await;
    app.db_execute("ALTER TABLE packages RENAME TO gone").await;
    answers.push(
        send(
            app.request(Method::POST, "/rubygems/api/v1/gems")
                .header("authorization", key)
                .body(gem("a", "1")),
        )
        .await,
    );
    app.db_execute("ALTER TABLE gone RENAME TO packages").await;
    assert_eq!(answers.last().map(|answer| answer.status.as_u16()), Some(500));
    answers
}

/// Every byte below a folder, but for the mails.
fn bytes_below(folder: &Path, mail: &Path, into: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() && path != mail {
            bytes_below(&path, mail, into);
        } else if path.is_file() {
            into.extend(std::fs::read(&path).expect("the file can be read"));
        }
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

async fn everything_at_rest(app: &TestApp) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes_below(app.data(), &app.settings.data.join("mail"), &mut bytes);
    if app.is_postgres() {
        let tables = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()";
        for table in app.db_texts(tables).await {
            for row in app.db_texts(&format!("SELECT CAST(t AS TEXT) FROM {table} t")).await {
                bytes.extend(row.into_bytes());
            }
        }
    }
    bytes
}

#[tokio::test]
async fn a_whole_story_leaves_no_secret_anywhere() {
    keep_log();
    let app = TestApp::start().await;
    let (secrets, answers) = story(&app).await;
    app.settle().await;
    let at_rest = everything_at_rest(&app).await;
    assert!(holds(&at_rest, "alice@example.com"), "the records were looked at");
    let debug = format!(
        "{:?} {:?} {:?} {:?}",
        app.running(),
        app.settings,
        app.registry(),
        app.running().announcement()
    );
    let log = CAPTURED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(holds(&log, "answered"), "the log was kept");
    assert!(holds(&log, "/api/v1/gems/yank"), "the log names routes");
    for (position, secret) in secrets.iter().enumerate() {
        assert!(!holds(&log, secret), "secret {position} is in the log");
        assert!(!holds(&at_rest, secret), "secret {position} is at rest");
        assert!(!debug.contains(secret.as_str()), "secret {position} is in a debug text");
        for answer in &answers {
            assert!(!holds(&answer.bytes, secret), "secret {position} is in an answer: {}", answer.text());
            assert!(
                !format!("{:?}", answer.headers).contains(secret.as_str()),
                "secret {position} is in a header"
            );
        }
    }
}

#[tokio::test]
async fn answers_to_credentials_are_kept_by_nobody() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem", "index_rubygems"]).await;
    publish(&key, "hola", "1.0.0").await;
    let answers = [
        alice.form(Method::POST, API_KEY, &[("name", "a"), ("push_rubygem", "true")]).await,
        alice.get(API_KEY).await,
        alice.get("/rubygems/api/v1/profile/me").await,
        key.get("/rubygems/api/v1/gems").await,
        key.push(gem("hola", "1.1.0")).await,
        key.push(gem("hola", "1.1.0-")).await,
        key.get("/rubygems/versions").await,
        key.get("/rubygems/nothing").await,
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{}", answer.text());
        assert_eq!(answer.header("surrogate-control"), Some("max-age=0"));
        let vary = answer.header("vary").unwrap_or_default();
        assert!(vary.contains("Cookie") && vary.contains("Authorization"), "{vary}");
    }
}

#[tokio::test]
async fn a_key_is_told_once_and_no_address_takes_one() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.form(Method::POST, API_KEY, &[("name", "a"), ("index_rubygems", "true")]).await.text();
    let in_address = send(app.request(Method::GET, &format!("/rubygems/api/v1/gems?api_key={key}"))).await;
    assert_eq!(in_address.status, 400);
    for name in ["api_key", "name"] {
        let path = format!("{API_KEY}?{name}={key}&push_rubygem=true");
        let widened =
            send(app.request(Method::PUT, &path).basic_auth("alice", Some(testkit::PASSWORD))).await;
        assert_eq!(widened.status, 400, "{name}");
    }
    for key in app.registry().keys(alice.id).await.expect("keys can be listed") {
        assert!(!format!("{key:?}").contains("keyward_"), "what is kept of a key is not its value");
    }
}
