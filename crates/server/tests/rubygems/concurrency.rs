//! Many at once: exactly one wins where one can, all win where all can, and the documents agree.

use futures_util::future::join_all;
use testkit::{GemBuilder, TestApp};

use crate::support::{assert_digests_agree, gem, owners, publish, version_lines};

/// How many requests run at once.
const AT_ONCE: usize = 20;

/// How many of these answers say that a gem was registered; each of the others has the status that the test names.
fn registered(answers: &[testkit::Answer], others: u16) -> usize {
    for answer in answers {
        let text = answer.text();
        assert!(answer.status == 200 || answer.status == others, "{}: {text}", answer.status);
    }
    answers.iter().filter(|answer| answer.text().starts_with("Successfully registered gem: ")).count()
}

/// Nothing is left of pushes that failed: a release has two blobs, and no other is there.
async fn assert_no_leftovers(app: &TestApp, releases: usize) {
    assert_eq!(app.db_pending_blobs().await, Vec::<String>::new());
    assert_eq!(app.files_in("blobs").len(), 2 * releases);
    assert_eq!(app.files_in("uploads"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_pushes_of_one_version_with_different_bytes_one_succeeds() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let gems = (0..AT_ONCE).map(|n| GemBuilder::new("hola", "1.0.0").file("lib/a.rb", n.to_string()).build());
    let answers = join_all(gems.map(|gem| key.push(gem))).await;
    assert_eq!(registered(&answers, 409), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), AT_ONCE - 1);
    assert_eq!(version_lines(&app).await.len(), 1);
    assert_digests_agree(&app).await;
    assert_no_leftovers(&app, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_pushes_of_one_version_with_the_same_bytes_one_registers_it() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let answers = join_all((0..AT_ONCE).map(|_| key.push(gem("hola", "1.0.0")))).await;
    assert_eq!(registered(&answers, 409), 1);
    assert_eq!(version_lines(&app).await.len(), 1);
    assert_eq!(app.db_texts("SELECT number FROM releases").await, ["1.0.0"]);
    assert_no_leftovers(&app, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_versions_at_once_all_succeed_and_the_documents_agree() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let pushes = (0..AT_ONCE).map(|n| key.push(gem("hola", &format!("1.{n}"))));
    let answers = join_all(pushes).await;
    assert_eq!(registered(&answers, 200), AT_ONCE);
    let info = app.get("/rubygems/info/hola").await.text();
    assert_eq!(info.lines().count(), 1 + AT_ONCE, "{info}");
    assert_eq!(version_lines(&app).await.len(), AT_ONCE);
    assert_digests_agree(&app).await;
    assert_no_leftovers(&app, AT_ONCE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_gems_at_once_all_succeed_on_two_nodes_that_agree() {
    let app = TestApp::start().await;
    let other = app.second_node().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let pushes = (0..AT_ONCE).map(|n| {
        let node = if n % 2 == 0 { app.running().address() } else { other.address() };
        let request = app.request_at(node, http::Method::POST, crate::support::PUSH);
        testkit::send(request.header("authorization", &key.value).body(gem(&format!("hola{n}"), "1.0")))
    });
    let answers = join_all(pushes).await;
    assert_eq!(registered(&answers, 200), AT_ONCE);
    let there = testkit::send(app.request_at(other.address(), http::Method::GET, "/rubygems/versions")).await;
    assert_eq!(there.text(), app.get("/rubygems/versions").await.text());
    assert_digests_agree(&app).await;
    other.stop().await.expect("the other node stops");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pushes_and_yanks_at_once_leave_documents_that_agree() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for n in 0..10 {
        publish(&key, "hola", &format!("1.{n}")).await;
    }
    let names: Vec<_> = (0..10).map(|n| format!("1.{n}")).collect();
    let yanks = join_all(names.iter().map(|number| key.yank("hola", number)));
    let uploads = join_all((0..10).map(|n| key.push(gem("hola", &format!("2.{n}")))));
    let (withdrawn, answers) = tokio::join!(yanks, uploads);
    assert!(withdrawn.iter().all(|answer| answer.status == 200));
    assert_eq!(registered(&answers, 200), 10);
    let info = app.get("/rubygems/info/hola").await.text();
    assert!(info.lines().skip(1).all(|line| line.starts_with("2.")) && info.lines().count() == 11, "{info}");
    assert_eq!(version_lines(&app).await.len(), 30);
    assert_digests_agree(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_yanks_of_one_version_one_succeeds() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let answers = join_all((0..AT_ONCE).map(|_| key.yank("hola", "1.0.0"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), AT_ONCE - 1);
    assert_eq!(version_lines(&app).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_first_publishers_one_owns_the_name() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await.key(&["push_rubygem"]).await;
    let bob = app.person("bob").await.key(&["push_rubygem"]).await;
    for round in 0..10 {
        let name = format!("hola{round}");
        let pushes = [alice.push(gem(&name, "1.0.0")), bob.push(gem(&name, "1.0.1"))];
        let answers = join_all(pushes).await;
        assert_eq!(registered(&answers, 403), 1);
        let winner = if answers[0].status == 200 { "alice (owner)" } else { "bob (owner)" };
        assert_eq!(owners(&app, &name).await, [winner]);
        assert_eq!(app.get(&format!("/rubygems/info/{name}")).await.text().lines().count(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_owners_who_remove_each_other_one_is_left() {
    let app = TestApp::start().await;
    let scopes = ["push_rubygem", "add_owner", "remove_owner"];
    let alice = app.person("alice").await.key(&scopes).await;
    let bob = app.person("bob").await.key(&scopes).await;
    publish(&alice, "hola", "1.0.0").await;
    crate::support::make_owner(&app, &alice, "hola", "bob", "owner").await;
    let path = crate::support::owners_of("hola");
    let removals = [
        alice.form(http::Method::DELETE, &path, &[("email", "bob")]),
        bob.form(http::Method::DELETE, &path, &[("email", "alice")]),
    ];
    let answers = join_all(removals).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(owners(&app, "hola").await.len(), 1);
}
