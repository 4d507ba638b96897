//! Each change leaves one event, in the transaction of the change.

use http::Method;
use testkit::{OPERATOR, TestApp, send};

use crate::support::{
    API_KEY, gem, invitation_link, make_owner, owners_of, publish, says, version_lines, yank,
};

/// What was added to the log since the last look, which `seen` remembers.
async fn since(app: &TestApp, seen: &mut Vec<String>) -> Vec<String> {
    app.settle().await;
    let mut new = app.db_events().await;
    for event in seen.iter() {
        let place = new.iter().position(|other| other == event).expect("events never vanish");
        new.remove(place);
    }
    seen.extend_from_slice(&new);
    new.sort();
    new
}

#[tokio::test]
async fn every_change_leaves_exactly_one_event() {
    let app = TestApp::start().await;
    let mut seen = app.db_events().await;
    assert_eq!(seen, ["setup.link_printed"]);
    let alice = app.person("alice").await;
    assert_eq!(since(&app, &mut seen).await, ["account.created"]);
    let scopes = ["push_rubygem", "yank_rubygem", "add_owner", "update_owner", "remove_owner"];
    let key = alice.key(&scopes).await;
    assert_eq!(since(&app, &mut seen).await, ["key.created"]);
    app.person("bob").await;
    assert_eq!(since(&app, &mut seen).await, ["account.created"]);
    publish(&key, "hola", "1.0.0").await;
    assert_eq!(since(&app, &mut seen).await, ["release.published"]);
    publish(&key, "hola", "1.1.0").await;
    assert_eq!(since(&app, &mut seen).await, ["release.published"]);
    yank(&key, "hola", "1.0.0").await;
    assert_eq!(since(&app, &mut seen).await, ["release.withdrawn"]);
    let fields = [("email", "bob"), ("role", "maintainer")];
    let invited = ["owner.invitation_sent", "owner.invited"];
    for (method, events) in [(Method::POST, &invited[..]), (Method::DELETE, &["owner.removed"])] {
        assert_eq!(key.form(method, &owners_of("hola"), &fields).await.status, 200);
        assert_eq!(since(&app, &mut seen).await, events);
    }
    make_owner(&app, &key, "hola", "bob", "owner").await;
    assert_eq!(since(&app, &mut seen).await, ["owner.confirmed", "owner.invitation_sent", "owner.invited"]);
    assert_eq!(key.form(Method::PUT, &owners_of("hola"), &fields).await.status, 200);
    assert_eq!(since(&app, &mut seen).await, ["owner.role_changed"]);
}

#[tokio::test]
async fn every_change_of_a_key_leaves_exactly_one_event() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let mut seen = app.db_events().await;
    let made = alice.form(Method::POST, API_KEY, &[("name", "ci"), ("push_rubygem", "true")]).await.text();
    assert_eq!(since(&app, &mut seen).await, ["key.created"]);
    assert_eq!(alice.get(API_KEY).await.status, 200);
    assert_eq!(since(&app, &mut seen).await, ["key.created"]);
    let fields = [("api_key", made.as_str()), ("yank_rubygem", "true")];
    assert_eq!(alice.form(Method::PUT, API_KEY, &fields).await.status, 200);
    assert_eq!(since(&app, &mut seen).await, ["key.changed"]);
    let key = app.registry().find_own_key(alice.id, &made).await.expect("the key is there");
    app.registry().revoke_key(OPERATOR, key.id).await.expect("it can be revoked");
    assert_eq!(since(&app, &mut seen).await, ["key.revoked"]);
    assert!(app.registry().revoke_key(OPERATOR, key.id).await.is_err());
    assert_eq!(since(&app, &mut seen).await, Vec::<String>::new(), "nothing changed the second time");
}

#[tokio::test]
async fn what_was_refused_leaves_no_event() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let mut seen = app.db_events().await;
    assert_eq!(key.push(gem("hola", "1.0.0")).await.status, 200);
    assert_eq!(key.push(gem("hola-", "1.0.0")).await.status, 403);
    assert_eq!(key.push(b"no gem".to_vec()).await.status, 422);
    assert_eq!(key.yank("hola", "2.0.0").await.status, 404);
    assert_eq!(key.form(Method::POST, &owners_of("hola"), &[("email", "alice")]).await.status, 403);
    assert_eq!(since(&app, &mut seen).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_event_names_who_did_what_with_which_key() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let query = "SELECT CAST(actor_id AS TEXT) || ' ' || CAST(actor_key_id AS TEXT) || ' ' || details FROM audit_events \
                 WHERE action = 'release.published' AND package_id IS NOT NULL AND release_id IS NOT NULL";
    if app.is_postgres() {
        let expected = format!("{} {} ", alice.id, key.id);
        let events = app.db_texts(query).await;
        assert!(events.len() == 1 && events[0].starts_with(&expected), "{events:?}");
    }
    let details = app.db_texts("SELECT details FROM audit_events WHERE action = 'release.published'").await;
    assert_eq!(details, [r#"{"version":"1.0.0","platform":"ruby","ousted":0}"#]);
}

#[tokio::test]
async fn a_change_whose_event_cannot_be_written_does_not_happen() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "yank_rubygem", "add_owner", "remove_owner"]).await;
    publish(&key, "hola", "1.0.0").await;
    let invited = key.form(Method::POST, &owners_of("hola"), &[("email", "bob")]).await;
    assert_eq!(invited.status, 200);
    let link = invitation_link(&app, "bob").await;
    let keys = app.registry().keys(alice.id).await.expect("keys can be listed").len();
    let lines = version_lines(&app).await;
    app.db_execute("ALTER TABLE audit_events RENAME TO gone").await;
    let failed = says(500, "Server error. Please try again.");
    assert_eq!(key.push(gem("hola", "1.1.0")).await.told(), failed);
    assert_eq!(key.push(gem("adios", "1.0.0")).await.told(), failed);
    assert_eq!(key.yank("hola", "1.0.0").await.told(), failed);
    assert_eq!(key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await.told(), failed);
    let fields = [("name", "ci"), ("push_rubygem", "true")];
    assert_eq!(alice.form(Method::POST, API_KEY, &fields).await.told(), failed);
    let fields = [("api_key", key.value.as_str()), ("push_rubygem", "false")];
    assert_eq!(alice.form(Method::PUT, API_KEY, &fields).await.told(), failed);
    assert_eq!(send(app.request(Method::POST, &link)).await.status, 500);
    assert!(app.registry().revoke_key(OPERATOR, key.id).await.is_err());
    app.db_execute("ALTER TABLE gone RENAME TO audit_events").await;
    assert_eq!(version_lines(&app).await, lines);
    assert_eq!(app.files_in("blobs").len(), 2, "and no bytes are left");
    assert_eq!(app.db_pending_blobs().await, Vec::<String>::new());
    assert_eq!(app.registry().keys(alice.id).await.expect("keys can be listed").len(), keys);
    publish(&key, "hola", "1.1.0").await;
    assert_eq!(send(app.request(Method::POST, &link)).await.status, 200, "the invitation is still open");
    publish(&bob.key(&["push_rubygem"]).await, "hola", "1.2.0").await;
}
