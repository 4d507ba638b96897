//! `POST /api/v1/gems`: what a publisher may send, and who a publisher is.

use http::Method;
use testkit::{Answer, GemBuilder, KeyHolder, TestApp, send};

use crate::support::{
    NO_SCOPE, OTHER_GEM, PUSH, Part, assert_digests_agree, denied, gem, gem_for, make_owner, multipart,
    owners, owners_of, publish, says, yank,
};

/// What is told about a version that is there with other bytes.
pub(crate) const REPUSHED: &str = "Repushing of gem versions is not allowed.\nPlease bump the version number and push a new \
                                   different release.\nSee also `gem yank` if you want to unpublish the bad release.";

#[tokio::test]
async fn a_new_gem_is_registered_and_is_at_once_in_every_index() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = gem("hola", "1.0.0");
    let answer = key.push(bytes.clone()).await;
    assert_eq!(answer.told(), says(200, "Successfully registered gem: hola (1.0.0)"));
    assert_eq!(app.get("/rubygems/names").await.text(), "---\nhola\n");
    assert!(app.get("/rubygems/info/hola").await.text().starts_with("---\n1.0.0 |checksum:"));
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.bytes, bytes);
    assert_eq!(app.get("/rubygems/quick/Marshal.4.8/hola-1.0.0.gemspec.rz").await.status, 200);
    assert_eq!(owners(&app, "hola").await, ["alice (owner)"]);
    assert_digests_agree(&app).await;
}

#[tokio::test]
async fn a_gem_for_a_platform_is_named_with_it() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let answer = key.push(gem_for("hola", "1.0.0", "x86_64-linux")).await;
    assert_eq!(answer.told(), says(200, "Successfully registered gem: hola (1.0.0-x86_64-linux)"));
    publish(&key, "hola", "1.0.0").await;
}

#[tokio::test]
async fn the_same_bytes_by_the_same_account_are_no_error_with_whatever_key() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let lines = app.get("/rubygems/versions").await.text();
    for key in [key, alice.key(&["push_rubygem"]).await] {
        let again = key.push(gem("hola", "1.0.0")).await;
        assert_eq!(again.told(), says(200, "Gem was already pushed: hola (1.0.0)"));
    }
    assert_eq!(app.get("/rubygems/versions").await.text(), lines, "nothing was added");
}

#[tokio::test]
async fn other_bytes_under_a_published_version_are_refused() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let other = GemBuilder::new("hola", "1.0.0").file("lib/hola.rb", b"evil").build();
    assert_eq!(key.push(other).await.told(), says(409, REPUSHED));
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.bytes, gem("hola", "1.0.0"));
}

#[tokio::test]
async fn the_same_bytes_by_another_account_are_refused_too() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let stranger = app.person("bob").await.key(&["push_rubygem"]).await;
    assert_eq!(stranger.push(gem("hola", "1.0.0")).await.told(), says(409, REPUSHED));
}

#[tokio::test]
async fn a_yanked_version_is_never_given_out_again() {
    let app = TestApp::start_with(|settings| settings.rubygems.reclaim_names = true).await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    yank(&key, "hola", "1.0.0").await;
    let rest = "Repushing of gem versions is not allowed. Please use a new version and retry";
    let told = says(409, format!("A yanked version already exists (hola-1.0.0).\n{rest}"));
    assert_eq!(key.push(gem("hola", "1.0.0")).await.told(), told, "the same bytes");
    let other = GemBuilder::new("hola", "1.0.0").file("a", b"b").build();
    assert_eq!(key.push(other).await.told(), told, "other bytes");
    // Somebody else takes the name over, and still cannot have the number.
    app.clock.advance_days(10);
    let heir = app.person("bob").await.key(&["push_rubygem"]).await;
    publish(&heir, "hola", "1.0.1").await;
    let told = format!(
        "A yanked version pushed by a previous owner of this gem already exists (hola-1.0.0).\n{rest}"
    );
    assert_eq!(heir.push(gem("hola", "1.0.0")).await.told(), says(409, told));
}

#[tokio::test]
async fn a_live_name_keeps_its_letter_case_until_all_its_versions_are_yanked() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let told = "Unable to change case of gem name with indexed versions\nPlease delete all versions first with `gem yank`.";
    assert_eq!(key.push(gem("Hola", "2.0.0")).await.told(), says(409, told));
    yank(&key, "hola", "1.0.0").await;
    publish(&key, "Hola", "2.0.0").await;
    assert_eq!(app.get("/rubygems/names").await.text(), "---\nHola\n");
    assert_eq!(app.get("/rubygems/info/Hola").await.status, 200);
    assert_eq!(app.get("/rubygems/info/hola").await.status, 404, "names are written as they are");
}

#[tokio::test]
async fn a_reserved_name_is_refused_also_to_those_who_own_it() {
    let mut app = TestApp::start().await;
    let told = says(403, "This gem name is reserved. You are not allowed to push this gem.");
    {
        let key = app.person("alice").await.key(&["push_rubygem"]).await;
        assert_eq!(key.push(gem("jruby", "1.0.0")).await.told(), told);
        assert_eq!(key.push(gem("JRuby", "1.0.0")).await.told(), told, "in any letter case");
        publish(&key, "hola", "1.0.0").await;
    }
    app.settings.rubygems.reserved_names.push("hola".to_owned());
    app.restart().await;
    let key = app.known_person("alice").await.key(&["push_rubygem"]).await;
    assert_eq!(key.push(gem("hola", "1.1.0")).await.told(), told);
}

#[tokio::test]
async fn a_stranger_is_told_whom_to_ask() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let stranger = app.person("bob").await.key(&["push_rubygem"]).await;
    let told = "You do not have permission to push to this gem. Ask an owner to add you with: gem owner hola --add EMAIL";
    assert_eq!(stranger.push(gem("hola", "1.1.0")).await.told(), says(403, told));
}

#[tokio::test]
async fn somebody_who_was_invited_is_told_where_the_link_is() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "add_owner"]).await;
    let bob = app.person("bob").await;
    publish(&key, "hola", "1.0.0").await;
    let invited = key.form(Method::POST, &owners_of("hola"), &[("email", "bob")]).await;
    assert_eq!(invited.status, 200);
    let told = "You do not have permission to push to this gem. Please click the confirmation link we emailed you at \
                bob@example.com to verify ownership before pushing.";
    let refused = bob.key(&["push_rubygem"]).await.push(gem("hola", "1.1.0")).await;
    assert_eq!(refused.told(), says(403, told));
}

#[tokio::test]
async fn owners_and_maintainers_publish_new_versions() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "add_owner"]).await;
    let (bob, carol) = (app.person("bob").await, app.person("carol").await);
    publish(&key, "hola", "1.0.0").await;
    make_owner(&app, &key, "hola", "bob", "owner").await;
    make_owner(&app, &key, "hola", "carol", "maintainer").await;
    publish(&bob.key(&["push_rubygem"]).await, "hola", "1.1.0").await;
    publish(&carol.key(&["push_rubygem"]).await, "hola", "1.2.0").await;
}

#[tokio::test]
async fn a_key_without_the_scope_is_told_so_in_the_words_that_clients_know() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["yank_rubygem", "index_rubygems"]).await;
    assert_eq!(key.push(gem("hola", "1.0.0")).await.told(), says(403, NO_SCOPE));
}

#[tokio::test]
async fn a_key_for_one_gem_publishes_that_gem_and_no_other_new_or_known() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    publish(&key, "adios", "1.0.0").await;
    let bound = alice.key_for_gem(&["push_rubygem"], "hola").await;
    publish(&bound, "hola", "1.1.0").await;
    assert_eq!(bound.push(gem("adios", "1.1.0")).await.told(), says(403, OTHER_GEM));
    assert_eq!(bound.push(gem("nuevo", "1.0.0")).await.told(), says(403, OTHER_GEM));
}

#[tokio::test]
async fn the_name_in_the_bytes_counts_whatever_the_request_says() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    publish(&alice.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let bound = alice.key_for_names(&["push_rubygem"], &["hola", "adios"]).await;
    let body =
        multipart(&[("gem", Some("hola-1.1.0.gem"), &gem("evil", "1.0.0")), ("gem_name", None, b"hola")]);
    let path = format!("{PUSH}?gem_name=hola&name=hola");
    let raw = bound.request(Method::POST, &path).body(gem("evil", "1.0.0"));
    assert_eq!(send(raw).await.told(), says(403, OTHER_GEM));
    let parts =
        bound.request(Method::POST, &path).header("content-type", "multipart/form-data; boundary=cut");
    assert_ne!(send(parts.body(body)).await.status, 200);
    assert_eq!(app.get("/rubygems/names").await.text(), "---\nhola\n");
}

#[tokio::test]
async fn keys_for_globs_publish_new_names_within_them() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key_for_globs(&["push_rubygem"], &["acme-*"]).await;
    publish(&key, "acme-http", "1.0.0").await;
    assert_eq!(key.push(gem("other", "1.0.0")).await.told(), says(403, OTHER_GEM));
}

#[tokio::test]
async fn a_key_beside_basic_credentials_is_found_and_a_bearer_is_none() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let with = |authorization: String| app.request(Method::POST, PUSH).header("authorization", authorization);
    let bearer = send(with(format!("Bearer {}", key.value)).body(gem("hola", "1.0.0"))).await;
    assert_eq!(bearer.told(), denied(&app));
    let both = send(with(format!("Basic dTpw, {}", key.value)).body(gem("hola", "1.0.0"))).await;
    assert_eq!(both.told(), says(200, "Successfully registered gem: hola (1.0.0)"));
}

async fn push_as(key: &KeyHolder<'_>, content_type: &str, body: Vec<u8>) -> Answer {
    send(key.request(Method::POST, PUSH).header("content-type", content_type).body(body)).await
}

#[tokio::test]
async fn every_type_but_multipart_is_the_gem_itself() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let types =
        ["application/octet-stream", "application/x-www-form-urlencoded", "application/json", "nonsense"];
    for (number, content_type) in types.into_iter().enumerate() {
        let answer = push_as(&key, content_type, gem("hola", &format!("{number}"))).await;
        assert_eq!(answer.told(), says(200, format!("Successfully registered gem: hola ({number})")));
    }
    let without = send(key.request(Method::POST, PUSH).body(gem("hola", "9"))).await;
    assert_eq!(without.told(), says(200, "Successfully registered gem: hola (9)"));
}

#[tokio::test]
async fn attestations_are_refused_to_keys_of_accounts_part_by_part() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = gem("hola", "1.0.0");
    let file = ("gem", Some("hola-1.0.0.gem"), bytes.as_slice());
    let cases: [(&[Part<'_>], &str); 6] = [
        (&[("gem", None, &bytes)], r#"{"error":"gem is not a file upload"}"#),
        (&[("attestations", None, b"[]")], r#"{"error":"gem is not a file upload"}"#),
        (&[file], r#"{"error":"missing attestations"}"#),
        (&[file, ("attestations", None, b"{}")], r#"{"error":"attestations must be an array, is Hash"}"#),
        (
            &[file, ("attestations", None, b"\"a\"")],
            r#"{"error":"attestations must be an array, is String"}"#,
        ),
        (&[file, ("attestations", None, b"[{}]")], "Pushing with an attestation requires trusted publishing"),
    ];
    for (parts, text) in cases {
        for content_type in ["multipart/form-data; boundary=cut", "multipart/mixed; boundary=\"cut\""] {
            assert_eq!(push_as(&key, content_type, multipart(parts)).await.told(), says(400, text));
        }
    }
    let broken = push_as(&key, "multipart/form-data", b"no boundary".to_vec()).await;
    assert_eq!(broken.told(), says(400, r#"{"error":"bad request"}"#));
    assert_eq!(app.get("/rubygems/names").await.text(), "---\n\n");
}
