//! A right that was taken away is gone in every process when the call that took it has returned.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use domain::KeyEdit;
use http::Method;
use testkit::{KeyHolder, OPERATOR, Person, TestApp};

use crate::support::{API_KEY, LOST, NO_SCOPE, denied, gem, make_owner, owners_of, publish, says};

const OWN_GEMS: &str = "/rubygems/api/v1/gems";

/// Uses a key on both nodes, so that both have it in memory.
async fn warm_up(key: &KeyHolder<'_>, other: SocketAddr) {
    assert_eq!(key.get(OWN_GEMS).await.status, 200);
    assert_eq!(key.get_at(other, OWN_GEMS).await.status, 200);
}

async fn revoke(app: &TestApp, key: &KeyHolder<'_>) {
    app.registry().revoke_key(OPERATOR, key.id).await.expect("the key can be revoked");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_on_every_node() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let alice = app.person("alice").await;
    for round in 0..50 {
        let key = alice.key(&["index_rubygems"]).await;
        warm_up(&key, other.address()).await;
        revoke(&app, &key).await;
        let there = key.get_at(other.address(), OWN_GEMS).await;
        assert_eq!(there.status, 401, "round {round}, on the other node");
        assert_eq!(key.get(OWN_GEMS).await.status, 401, "round {round}, on the node that revoked");
    }
    other.stop().await.expect("the other node stops");
}

#[tokio::test]
async fn a_narrowed_key_is_narrower_at_once_on_every_node() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let alice = app.person("alice").await;
    for _ in 0..10 {
        let key = alice.key(&["index_rubygems", "push_rubygem"]).await;
        warm_up(&key, other.address()).await;
        let fields = [("api_key", key.value.as_str()), ("index_rubygems", "false")];
        assert_eq!(alice.form(Method::PUT, API_KEY, &fields).await.status, 200);
        assert_eq!(key.get_at(other.address(), OWN_GEMS).await.told(), says(403, NO_SCOPE));
    }
    other.stop().await.expect("the other node stops");
}

#[tokio::test]
async fn a_widened_key_is_wider_at_once_on_every_node() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    assert_eq!(key.get_at(other.address(), OWN_GEMS).await.status, 403);
    let words = Some(vec!["push_rubygem".to_owned(), "index_rubygems".to_owned()]);
    let edit = KeyEdit { words, ..KeyEdit::default() };
    app.registry().edit_key(OPERATOR, key.id, edit).await.expect("the key can be changed");
    assert_eq!(key.get_at(other.address(), OWN_GEMS).await.status, 200);
    other.stop().await.expect("the other node stops");
}

#[tokio::test]
async fn an_expired_key_is_refused_from_its_instant_on_though_it_is_in_memory() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let key = app.person("alice").await.key_for_seconds(&["index_rubygems"], 60).await;
    warm_up(&key, other.address()).await;
    app.clock.advance(59);
    warm_up(&key, other.address()).await;
    app.clock.advance(1);
    assert_eq!(key.get(OWN_GEMS).await.told(), denied(&app));
    assert_eq!(key.get_at(other.address(), OWN_GEMS).await.status, 401);
    other.stop().await.expect("the other node stops");
}

/// Makes bob an owner of a gem of alice; returns his key for it, warm on both nodes.
async fn bound_key<'app>(
    app: &'app TestApp,
    bob: &Person<'app>,
    alice: &KeyHolder<'app>,
    other: SocketAddr,
) -> KeyHolder<'app> {
    make_owner(app, alice, "hola", "bob", "owner").await;
    let bound = bob.key_for_gem(&["push_rubygem", "index_rubygems"], "hola").await;
    warm_up(&bound, other).await;
    bound
}

#[tokio::test]
async fn a_key_dies_with_the_ownership_it_hangs_on_and_stays_dead() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "add_owner", "remove_owner"]).await;
    publish(&key, "hola", "1.0.0").await;
    let mut dead = Vec::new();
    for _ in 0..5 {
        let bound = bound_key(&app, &bob, &key, other.address()).await;
        let removed = key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await;
        assert_eq!(removed.status, 200);
        assert_eq!(bound.get_at(other.address(), OWN_GEMS).await.told(), says(403, LOST));
        assert_eq!(bound.push(gem("hola", "2.0.0")).await.told(), says(403, LOST));
        dead.push(bound);
        // Nobody is invited more often than five times an hour.
        app.clock.advance(3600);
    }
    bound_key(&app, &bob, &key, other.address()).await;
    for bound in dead {
        assert_eq!(
            bound.push(gem("hola", "2.0.0")).await.told(),
            says(403, LOST),
            "an owner again, but not this key"
        );
    }
    other.stop().await.expect("the other node stops");
}

#[tokio::test]
async fn a_key_of_a_removed_owner_that_was_bound_to_nothing_lives_but_not_on_this_gem() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let (alice, bob) = (app.person("alice").await, app.person("bob").await);
    let key = alice.key(&["push_rubygem", "add_owner", "remove_owner"]).await;
    publish(&key, "hola", "1.0.0").await;
    make_owner(&app, &key, "hola", "bob", "owner").await;
    let free = bob.key(&["push_rubygem", "index_rubygems"]).await;
    publish(&free, "hola", "1.1.0").await;
    warm_up(&free, other.address()).await;
    assert_eq!(key.form(Method::DELETE, &owners_of("hola"), &[("email", "bob")]).await.status, 200);
    assert_eq!(free.push(gem("hola", "1.2.0")).await.status, 403);
    publish(&free, "adios", "1.0.0").await;
    other.stop().await.expect("the other node stops");
}

#[tokio::test]
async fn the_command_line_revokes_beside_running_servers() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let alice = app.person("alice").await;
    for _ in 0..5 {
        let key = alice.key(&["index_rubygems"]).await;
        warm_up(&key, other.address()).await;
        let beside = server::open(&app.settings).await.expect("the data can be opened beside the servers");
        beside.revoke_key(OPERATOR, key.id).await.expect("the key can be revoked");
        assert_eq!(key.get(OWN_GEMS).await.told(), denied(&app));
        assert_eq!(key.get_at(other.address(), OWN_GEMS).await.status, 401);
    }
    other.stop().await.expect("the other node stops");
}

#[tokio::test]
async fn a_stopped_node_delays_nobody() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let key = app.person("alice").await.key(&["index_rubygems"]).await;
    warm_up(&key, other.address()).await;
    other.stop().await.expect("the other node stops");
    let began = Instant::now();
    revoke(&app, &key).await;
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    assert!(app.db_texts("SELECT 'node' FROM nodes").await.len() == 1, "it signed off");
}

#[tokio::test]
async fn a_node_that_hangs_delays_others_for_about_a_second_and_trusts_its_memory_no_longer() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let alice = app.person("alice").await;
    let (first, second) = (alice.key(&["index_rubygems"]).await, alice.key(&["index_rubygems"]).await);
    let address = other.address();
    warm_up(&first, address).await;
    // Its background tasks end, its listener does not: it still answers, but follows no changes.
    drop(other);
    let began = Instant::now();
    revoke(&app, &first).await;
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    assert_eq!(first.get_at(address, OWN_GEMS).await.status, 401);
    let began = Instant::now();
    revoke(&app, &second).await;
    assert!(began.elapsed() < Duration::from_millis(900), "it is forgotten: {:?}", began.elapsed());
}
