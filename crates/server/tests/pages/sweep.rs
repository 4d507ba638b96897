//! Many keys that end at once.

use std::{collections::HashSet, time::Duration};

use domain::{KeyDigest, Timestamp};
use registry::Registry;
use store::Store;
use testkit::TestApp;

const KEYS: usize = 10_000;

/// Puts a time of keys into the records; those of the server's clock are not those of the system's.
async fn set_life(app: &TestApp, made: Timestamp, ends: Timestamp) {
    let (made, ends) = (made.as_microsecond(), ends.as_microsecond());
    app.db_execute(&format!("UPDATE keys SET created_at = {made}, expires_at = {ends}")).await;
}

/// Another process on the same records, without anything that runs beside it.
async fn node(app: &TestApp) -> Registry {
    server::open(&app.settings).await.expect("the records can be opened")
}

#[tokio::test]
async fn of_ten_thousand_keys_each_is_announced_once_by_two_processes_at_once() {
    let mut app = TestApp::start().await;
    let key = app.person("alice").await.key_for_seconds(&["push_rubygem"], 3600).await.id;
    app.settle().await;
    app.stop().await;
    let (one, other) = (node(&app).await, node(&app).await);
    let store = Store::open(&app.settings.database).await.expect("the records can be opened");
    let digests: Vec<_> = (1..KEYS).map(|number| KeyDigest::of(&number.to_string())).collect();
    store::bulk::copy_key(&store, key, &digests, one.now()).await.expect("a key can be copied");
    store.close().await;
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);

    for (made, ends) in
        [(one.now() - days(25), one.now() + days(5)), (one.now() - days(35), one.now() - days(5))]
    {
        set_life(&app, made, ends).await;
        let (first, second) = tokio::join!(one.announce_expiry(), other.announce_expiry());
        assert_eq!(first.expect("it can be done") + second.expect("it can be done"), KEYS);
        assert_eq!(one.announce_expiry().await.expect("it can be done"), 0, "nothing is said twice");
    }
    let events = app.db_texts("SELECT event FROM outbox").await;
    let distinct: HashSet<_> = events.iter().collect();
    assert_eq!((events.len(), distinct.len()), (2 * KEYS, 2 * KEYS), "two pieces of work for each key");
}
