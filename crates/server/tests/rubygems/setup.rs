//! `/setup`: the first account.

use futures_util::future::join_all;
use http::Method;
use registry::NewUser;
use testkit::{Answer, OPERATOR, TestApp, send};

use crate::support::API_KEY;

/// The path of the address that the operator is told, if any.
fn setup_path(app: &TestApp) -> Option<String> {
    let url = app.running().announcement().setup_url.clone()?;
    Some(url.strip_prefix(&app.base()).expect("the address is that of the server").to_owned())
}

fn token(path: &str) -> &str {
    path.strip_prefix("/setup?token=").expect("the token is in the address")
}

async fn submit(app: &TestApp, token: &str, handle: &str, password: &str) -> Answer {
    let form = format!("token={token}&handle={handle}&email={handle}%40example.com&password={password}");
    let request =
        app.request(Method::POST, "/setup").header("content-type", "application/x-www-form-urlencoded");
    send(request.body(form)).await
}

#[tokio::test]
async fn the_operator_makes_the_first_account_and_it_is_an_administrator() {
    let app = TestApp::start().await;
    let path = setup_path(&app).expect("there is no account yet");
    let page = app.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Make the first account"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let made = submit(&app, token(&path), "root", "correct+horse").await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(made.text().contains(&format!("RUBYGEMS_HOST={}/rubygems gem signin", app.base())));
    assert!(!made.text().contains("correct horse") && !made.text().contains(token(&path)));
    assert!(app.registry().find_account("root").await.expect("it exists").is_admin);
    let sign_in = app.request(Method::POST, API_KEY).basic_auth("root", Some("correct horse"));
    assert_eq!(send(sign_in.body("name=a&push_rubygem=true")).await.status, 200);
}

#[tokio::test]
async fn the_address_is_good_once() {
    let mut app = TestApp::start().await;
    let path = setup_path(&app).expect("there is no account yet");
    assert_eq!(submit(&app, token(&path), "root", "correct+horse").await.status, 201);
    assert_eq!(app.get(&path).await.status, 403);
    assert_eq!(submit(&app, token(&path), "second", "correct+horse").await.status, 403);
    app.restart().await;
    assert_eq!(setup_path(&app), None);
    assert_eq!(app.get(&path).await.status, 403);
}

#[tokio::test]
async fn without_the_token_there_is_no_setup() {
    let app = TestApp::start().await;
    for path in ["/setup", "/setup?token=", "/setup?token=keyward_x", "/setup?other=1"] {
        assert_eq!(app.get(path).await.status, 403, "{path}");
    }
    for token in ["", "keyward_x"] {
        assert_eq!(submit(&app, token, "root", "correct+horse").await.status, 403);
    }
    assert!(app.registry().account_page("", 10).await.expect("accounts can be listed").0.is_empty());
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_and_the_form_comes_back() {
    let app = TestApp::start().await;
    let path = setup_path(&app).expect("there is no account yet");
    let form = format!("token={}&handle=1x&email=nonsense&password=short", token(&path));
    let request =
        app.request(Method::POST, "/setup").header("content-type", "application/x-www-form-urlencoded");
    let page = send(request.body(form)).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text().matches("aria-invalid").count(), 3, "{}", page.text());
    assert!(
        page.text().contains("value=\"1x\"")
            && page.text().contains("Your password must be at least 10 characters long.")
    );
    assert!(!page.text().contains("short\""), "a password is not sent back");
    assert_eq!(
        submit(&app, token(&path), "root", "correct+horse").await.status,
        201,
        "the token is still good"
    );
}

#[tokio::test]
async fn what_is_typed_is_shown_as_text() {
    let app = TestApp::start().await;
    let path = setup_path(&app).expect("there is no account yet");
    let page = submit(&app, token(&path), "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", "correct+horse").await;
    assert_eq!(page.status, 422);
    assert!(!page.text().contains("<script>"), "{}", page.text());
}

#[tokio::test]
async fn every_node_has_an_address_and_all_die_with_the_first_account() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let first = setup_path(&app).expect("there is no account yet");
    let there = other.announcement().setup_url.clone().expect("there is no account yet");
    let second = there.split_once("?token=").expect("the token is in the address").1.to_owned();
    assert_eq!(submit(&app, &second, "root", "correct+horse").await.status, 201, "any node takes any token");
    assert_eq!(app.get(&first).await.status, 403);
    other.stop().await.expect("the other node stops");
}

#[tokio::test]
async fn an_account_made_at_the_command_line_ends_the_setup() {
    let app = TestApp::start().await;
    let path = setup_path(&app).expect("there is no account yet");
    let beside = server::open(&app.settings).await.expect("the data can be opened beside the server");
    let user =
        NewUser { handle: "root", email: "root@example.com", password: "correct horse", is_admin: true };
    beside.add_user(OPERATOR, &user).await.expect("the account can be made");
    assert_eq!(app.get(&path).await.status, 403);
    assert_eq!(submit(&app, token(&path), "second", "correct+horse").await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_first_accounts_at_once_one_is_made() {
    let app = TestApp::start().await;
    let path = setup_path(&app).expect("there is no account yet");
    let names: Vec<_> = (0..8).map(|n| format!("root{n}")).collect();
    let answers = join_all(names.iter().map(|name| submit(&app, token(&path), name, "correct+horse"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 403).count(), 7);
    assert_eq!(app.registry().account_page("", 10).await.expect("accounts can be listed").0.len(), 1);
}
