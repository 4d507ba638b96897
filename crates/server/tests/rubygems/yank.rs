//! `DELETE /api/v1/gems/yank`: who may withdraw what, and what is left.

use http::Method;
use testkit::{Answer, KeyHolder, TestApp, send};

use crate::support::{
    NO_SCOPE, OTHER_GEM, YANK, assert_digests_agree, denied, gem_for, make_owner, publish, says,
    version_lines, yank,
};

async fn yank_of(key: &KeyHolder<'_>, fields: &[(&str, &str)]) -> Answer {
    key.form(Method::DELETE, YANK, fields).await
}

#[tokio::test]
async fn a_yanked_version_leaves_every_index_and_its_files_are_gone() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    publish(&key, "hola", "1.1.0").await;
    let told = key.yank("hola", "1.0.0").await.told();
    assert_eq!(told, says(200, "Successfully deleted gem: hola (1.0.0)"));
    let info = app.get("/rubygems/info/hola").await.text();
    assert!(info.starts_with("---\n1.1.0 ") && !info.contains("1.0.0 "), "{info}");
    for path in ["/rubygems/gems/hola-1.0.0.gem", "/rubygems/quick/Marshal.4.8/hola-1.0.0.gemspec.rz"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    let lines = version_lines(&app).await;
    assert!(lines[2].starts_with("hola -1.0.0 "), "{lines:?}");
    assert_digests_agree(&app).await;
}

#[tokio::test]
async fn a_fully_yanked_gem_is_an_empty_document_and_in_no_list() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem", "index_rubygems"]).await;
    publish(&key, "hola", "1.0.0").await;
    yank(&key, "hola", "1.0.0").await;
    assert_eq!(app.get("/rubygems/info/hola").await.told(), says(200, "---\n"));
    assert_eq!(app.get("/rubygems/names").await.text(), "---\n\n");
    assert_eq!(key.get("/rubygems/api/v1/gems").await.text(), "[]");
    let unknown = says(404, "This rubygem could not be found.");
    assert_eq!(app.get("/rubygems/api/v1/gems/hola").await.told(), unknown);
    assert_eq!(app.get("/rubygems/api/v1/versions/hola.json").await.status, 404);
    assert!(version_lines(&app).await[1].starts_with("hola -1.0.0 6105347ebb9825ac754615ca55ff3b0c"));
}

#[tokio::test]
async fn parameters_come_in_the_body_or_the_address_under_either_name() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for number in ["1", "2", "3", "4"] {
        publish(&key, "hola", number).await;
    }
    let told = |number: &str| says(200, format!("Successfully deleted gem: hola ({number})"));
    let in_address = key.request(Method::DELETE, &format!("{YANK}?gem_name=hola&version=1"));
    assert_eq!(send(in_address).await.told(), told("1"));
    let old_name = yank_of(&key, &[("rubygem_name", "hola"), ("version", "2")]).await;
    assert_eq!(old_name.told(), told("2"));
    let untyped = key.request(Method::DELETE, YANK).body("gem_name=hola&version=3");
    assert_eq!(send(untyped).await.told(), told("3"));
    let json = key.request(Method::DELETE, YANK).header("content-type", "application/json");
    assert_eq!(send(json.body(r#"{"gem_name":"hola","version":"4"}"#)).await.told(), told("4"));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let missing = |name: &str| says(400, format!("{{\"error\":\"Request is missing param '{name}'\"}}"));
    assert_eq!(yank_of(&key, &[]).await.told(), missing("gem_name"));
    assert_eq!(yank_of(&key, &[("gem_name", "hola")]).await.told(), missing("version"));
    assert_eq!(yank_of(&key, &[("gem_name", "hola"), ("version", "")]).await.told(), missing("version"));
    assert_eq!(key.yank("adios", "1.0.0").await.told(), says(404, "This gem could not be found"));
    assert_eq!(key.yank("no such name!", "1.0.0").await.told(), says(404, "This gem could not be found"));
    for number in ["1.0.1", "1.0", "1", "01.0.0", "not a number"] {
        assert_eq!(
            key.yank("hola", number).await.told(),
            says(404, format!("The version {number} does not exist."))
        );
    }
    let fields = [("gem_name", "hola"), ("version", "1.0.0"), ("platform", "java")];
    assert_eq!(yank_of(&key, &fields).await.told(), says(404, "The version 1.0.0 (java) does not exist."));
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.status, 200);
}

#[tokio::test]
async fn the_platform_is_the_one_that_was_published_and_ruby_when_none_is_named() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    for platform in ["java", "i686-linux"] {
        assert_eq!(key.push(gem_for("hola", "1.0.0", platform)).await.status, 200);
    }
    let resolved = [("gem_name", "hola"), ("version", "1.0.0"), ("platform", "x86-linux")];
    let told = says(404, "The version 1.0.0 (x86-linux) does not exist.");
    assert_eq!(yank_of(&key, &resolved).await.told(), told);
    let original = [("gem_name", "hola"), ("version", "1.0.0"), ("platform", "i686-linux")];
    let told = says(200, "Successfully deleted gem: hola (1.0.0-i686-linux)");
    assert_eq!(yank_of(&key, &original).await.told(), told);
    yank(&key, "hola", "1.0.0").await;
    let info = app.get("/rubygems/info/hola").await.text();
    assert!(info.starts_with("---\n1.0.0-java |") && info.lines().count() == 2, "{info}");
}

#[tokio::test]
async fn a_version_is_yanked_once() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    yank(&key, "hola", "1.0.0").await;
    let told = says(422, "hola 1.0.0 has already been deleted");
    assert_eq!(key.yank("hola", "1.0.0").await.told(), told);
    assert_eq!(version_lines(&app).await.len(), 2, "the second yank left no line");
}

#[tokio::test]
async fn owners_and_maintainers_yank_and_nobody_else() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "add_owner"]).await;
    let (bob, mallory) = (app.person("bob").await, app.person("mallory").await);
    publish(&key, "hola", "1.0.0").await;
    make_owner(&app, &key, "hola", "bob", "maintainer").await;
    let stranger = mallory.key(&["yank_rubygem"]).await;
    let told = says(403, "You do not have permission to delete this gem.");
    assert_eq!(stranger.yank("hola", "1.0.0").await.told(), told);
    assert_eq!(
        stranger.yank("hola", "9.9.9").await.told(),
        told,
        "a stranger does not learn which versions there are"
    );
    yank(&bob.key(&["yank_rubygem"]).await, "hola", "1.0.0").await;
}

#[tokio::test]
async fn a_key_needs_the_scope_and_the_gem() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    publish(&key, "adios", "1.0.0").await;
    assert_eq!(key.yank("hola", "1.0.0").await.told(), says(403, NO_SCOPE));
    let bound = alice.key_for_gem(&["yank_rubygem"], "adios").await;
    assert_eq!(bound.yank("hola", "1.0.0").await.told(), says(403, OTHER_GEM));
    yank(&bound, "adios", "1.0.0").await;
    let nobody = send(app.request(Method::DELETE, &format!("{YANK}?gem_name=hola&version=1.0.0"))).await;
    assert_eq!(nobody.told(), denied(&app));
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0.gem").await.status, 200);
}

/// What follows the reason when a version is too old or too popular.
const CONTACT: &str = "Please contact the administrator of this server to request deletion of this version if it represents a \
                       legal or security risk.";

#[tokio::test]
async fn an_old_version_stays_where_the_operator_wants_it() {
    let app = TestApp::start_with(|settings| settings.rubygems.yank_days = Some(30)).await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for number in ["1", "2"] {
        publish(&key, "hola", number).await;
    }
    app.clock.advance_days(30);
    yank(&key, "hola", "1").await;
    app.clock.advance(1);
    let told = says(403, format!("Versions published more than 30 days ago cannot be deleted. {CONTACT}"));
    assert_eq!(key.yank("hola", "2").await.told(), told);
    assert_eq!(key.yank("hola", "1").await.told(), told, "also when it is yanked already");
}

#[tokio::test]
async fn a_popular_version_stays_where_the_operator_wants_it() {
    let app = TestApp::start_with(|settings| settings.rubygems.yank_downloads = Some(1)).await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    for _ in 0..2 {
        app.get("/rubygems/gems/hola-1.0.0.gem").await;
    }
    app.settle().await;
    let told = says(403, format!("Versions with more than 1 downloads cannot be deleted. {CONTACT}"));
    assert_eq!(key.yank("hola", "1.0.0").await.told(), told);
}

#[tokio::test]
async fn old_and_popular_versions_go_when_nobody_forbids_it() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    app.clock.advance_days(4000);
    yank(&key, "hola", "1.0.0").await;
}

#[tokio::test]
async fn a_yank_cannot_be_undone() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for path in ["/rubygems/api/v1/gems/unyank", "/rubygems/api/v1/api_key/reset"] {
        assert_eq!(
            key.form(Method::PUT, path, &[("gem_name", "hola"), ("version", "1")]).await.status,
            403,
            "{path}"
        );
    }
}
