//! `/api/v1/profile/me` and `/api/v1/profiles/HANDLE`.

use http::Method;
use testkit::{TestApp, send};

use crate::support::says;

#[tokio::test]
async fn one_learns_who_one_is_with_name_and_password() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let json = says(200, r#"{"id":1,"handle":"alice","mfa":"disabled","warning":null}"#);
    assert_eq!(alice.get("/rubygems/api/v1/profile/me").await.told(), json);
    assert_eq!(alice.get("/rubygems/api/v1/profile/me.json").await.told(), json);
    let yaml = alice.get("/rubygems/api/v1/profile/me.yaml").await;
    assert_eq!(yaml.told(), says(200, "---\nid: 1\nhandle: alice\nmfa: disabled\nwarning: \n"));
    assert_eq!(yaml.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn a_wrong_password_and_none_at_all_are_told_apart() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let ask = |path: &str| app.request(Method::GET, path);
    let wrong = send(ask("/rubygems/api/v1/profile/me").basic_auth("alice", Some("wrong"))).await;
    assert_eq!(wrong.told(), says(401, r#"{"error":"Invalid credentials","code":401}"#));
    let wrong = send(ask("/rubygems/api/v1/profile/me.yaml").basic_auth("alice", Some("wrong"))).await;
    assert_eq!(wrong.told(), says(401, "---\nerror: \"Invalid credentials\"\ncode: 401\n"));
    let none = send(ask("/rubygems/api/v1/profile/me")).await;
    assert_eq!(none.told(), says(401, "HTTP Basic: Access denied.\n"));
    assert_eq!(none.header("www-authenticate"), Some("Basic realm=\"Application\""));
}

#[tokio::test]
async fn a_key_is_no_password() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["index_rubygems"]).await;
    assert_eq!(key.get("/rubygems/api/v1/profile/me").await.status, 401);
    let as_password =
        app.request(Method::GET, "/rubygems/api/v1/profile/me").basic_auth("alice", Some(&key.value));
    assert_eq!(send(as_password).await.status, 401);
}

#[tokio::test]
async fn profiles_are_found_by_handle_and_number_and_tell_no_address() {
    let app = TestApp::start().await;
    app.person("alice").await;
    let told = says(200, r#"{"id":1,"handle":"alice"}"#);
    for text in ["alice", "1", "alice.json", "1.json"] {
        assert_eq!(app.get(&format!("/rubygems/api/v1/profiles/{text}")).await.told(), told, "{text}");
    }
    let yaml = app.get("/rubygems/api/v1/profiles/alice.yaml").await;
    assert_eq!(yaml.told(), says(200, "---\nid: 1\nhandle: alice\n"));
}

#[tokio::test]
async fn a_mail_address_finds_nobody() {
    let app = TestApp::start().await;
    app.person("alice").await;
    for text in ["alice@example.com", "bob", "2", "99999999999999999999"] {
        let answer = app.get(&format!("/rubygems/api/v1/profiles/{text}")).await;
        assert_eq!(answer.told(), says(404, "Not Found"), "{text}");
    }
    let json = app.get("/rubygems/api/v1/profiles/bob.json").await;
    assert_eq!(json.told(), says(404, r#"{"error":"Not Found"}"#));
}
