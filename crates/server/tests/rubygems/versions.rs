//! `/api/v1/versions/NAME` and `/api/v2/rubygems/NAME/versions/NUMBER`.

use testkit::{GemBuilder, TestApp};

use crate::support::{gem_for, publish, says, sha256, yank};

#[tokio::test]
async fn live_versions_are_told_newest_first() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for number in ["1.9.0", "1.10.0", "2.0.0.rc1", "1.0.0"] {
        publish(&key, "hola", number).await;
    }
    assert_eq!(key.push(gem_for("hola", "1.10.0", "java")).await.status, 200);
    yank(&key, "hola", "1.9.0").await;
    let list = app.get("/rubygems/api/v1/versions/hola.json").await.json();
    let told: Vec<_> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|v| format!("{} {}", v["number"], v["platform"]))
        .collect();
    let numbers =
        ["\"2.0.0.rc1\" \"ruby\"", "\"1.10.0\" \"ruby\"", "\"1.10.0\" \"java\"", "\"1.0.0\" \"ruby\""];
    assert_eq!(told, numbers);
}

#[tokio::test]
async fn a_version_is_told_field_by_field() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = GemBuilder::new("hola", "1.0.0")
        .description("Says hola")
        .required_ruby_version(">= 3.1")
        .license("MIT")
        .build();
    assert_eq!(key.push(bytes.clone()).await.status, 200);
    let quick = app.get("/rubygems/quick/Marshal.4.8/hola-1.0.0.gemspec.rz").await.bytes;
    let expected = serde_json::json!([{
        "authors": "An Author", "built_at": "2024-01-02T00:00:00.000Z", "created_at": "2026-08-01T12:00:00.000Z",
        "description": "Says hola", "downloads_count": 0, "metadata": {}, "number": "1.0.0",
        "summary": "The gem hola", "platform": "ruby", "rubygems_version": ">= 0", "ruby_version": ">= 3.1",
        "prerelease": false, "licenses": ["MIT"], "requirements": [], "sha": sha256(&bytes), "spec_sha": sha256(&quick),
    }]);
    assert_eq!(app.get("/rubygems/api/v1/versions/hola.json").await.told(), says(200, expected.to_string()));
}

#[tokio::test]
async fn versions_want_a_suffix_and_a_gem_that_lives() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    let yaml = app.get("/rubygems/api/v1/versions/hola.yaml").await;
    assert!(yaml.text().starts_with("---\n- authors: \"An Author\"\n"), "{}", yaml.text());
    assert_eq!(app.get("/rubygems/api/v1/versions/hola").await.status, 404);
    let unknown = says(404, r#"{"error":"This rubygem could not be found."}"#);
    assert_eq!(app.get("/rubygems/api/v1/versions/nada.json").await.told(), unknown);
    yank(&key, "hola", "1.0.0").await;
    assert_eq!(app.get("/rubygems/api/v1/versions/hola.json").await.told(), unknown);
}

#[tokio::test]
async fn the_latest_number_is_told_also_to_scripts_and_unknown_when_there_is_none() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for number in ["1.0.0", "1.1.0", "2.0.0.rc1"] {
        publish(&key, "hola", number).await;
    }
    let latest = async |rest: &str| app.get(&format!("/rubygems/api/v1/versions/{rest}")).await;
    assert_eq!(latest("hola/latest.json").await.told(), says(200, r#"{"version":"1.1.0"}"#));
    let script = latest("hola/latest.json?callback=show").await;
    assert_eq!(script.told(), says(200, r#"/**/show({"version":"1.1.0"})"#));
    let hostile = latest("hola/latest.json?callback=alert(1)//").await;
    assert_eq!(hostile.text(), r#"{"version":"1.1.0"}"#, "a callback is a name and nothing else");
    assert_eq!(latest("nada/latest.json").await.told(), says(200, r#"{"version":"unknown"}"#));
    for number in ["1.0.0", "1.1.0", "2.0.0.rc1"] {
        yank(&key, "hola", number).await;
    }
    assert_eq!(latest("hola/latest.json").await.told(), says(200, r#"{"version":"unknown"}"#));
}

#[tokio::test]
async fn one_version_is_told_with_all_that_is_told_of_its_gem() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    assert_eq!(key.push(gem_for("hola", "1.0.0", "java")).await.status, 200);
    let path = "/rubygems/api/v2/rubygems/hola/versions/1.0.0";
    for path in [path.to_owned(), format!("{path}.json")] {
        let version = app.get(&path).await.json();
        assert_eq!((&version["name"], &version["number"]), (&"hola".into(), &"1.0.0".into()));
        assert_eq!((&version["platform"], &version["prerelease"]), (&"ruby".into(), &false.into()));
    }
    let java = app.get(&format!("{path}?platform=java")).await.json();
    assert_eq!(java["gem_uri"], format!("{}/rubygems/gems/hola-1.0.0-java.gem", app.base()));
    let unknown_gem = app.get("/rubygems/api/v2/rubygems/nada/versions/1.0.0").await;
    assert_eq!(unknown_gem.told(), says(404, "This gem could not be found"));
    for unknown in ["2.0.0", "1.0.0?platform=jruby", "1.0"] {
        let answer = app.get(&format!("/rubygems/api/v2/rubygems/hola/versions/{unknown}")).await;
        assert_eq!(answer.told(), says(404, "This version could not be found."), "{unknown}");
    }
}

#[tokio::test]
async fn the_dependency_api_is_gone_so_that_clients_go_on() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/rubygems/api/v1/dependencies?gems=hola").await.status, 404);
    let json = app.get("/rubygems/api/v1/dependencies.json").await;
    assert_eq!((json.status.as_u16(), &json.json()["code"]), (404, &404.into()));
    assert_eq!(app.head("/rubygems/api/v1/dependencies").await.status, 404);
}

#[tokio::test]
async fn a_long_list_has_every_version_once_newest_first() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "index_rubygems"]).await;
    publish(&key, "hola", "1.0.0").await;
    app.db_many_releases("hola", 100).await;
    let list = app.get("/rubygems/api/v1/versions/hola.json").await.json();
    let numbers: Vec<_> =
        list.as_array().expect("a list").iter().map(|version| version["number"].clone()).collect();
    let expected: Vec<_> =
        std::iter::once("1.0.0".to_owned()).chain((1..=100).rev().map(|n| format!("0.{n}"))).collect();
    assert_eq!(numbers, expected);
    assert_eq!(app.get("/rubygems/api/v1/versions/hola/latest.json").await.json()["version"], "1.0.0");
    for path in ["/rubygems/api/v1/owners/alice/gems.json", "/rubygems/api/v1/search.json?query=hola"] {
        let gems = app.get(path).await.json();
        assert_eq!(
            (gems.as_array().map(Vec::len), &gems[0]["version"]),
            (Some(1), &"1.0.0".into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_dependencies_of_all_versions_of_a_gem_together_are_bounded() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    let wordy = |version: &str| {
        let depend = |gem: testkit::GemBuilder, number| gem.dependency(&format!("a{number:0240}"), ">= 1");
        (0..260).fold(testkit::GemBuilder::new("hola", version), depend).build()
    };
    assert_eq!(key.push(wordy("1.0.0")).await.status, 200);
    app.db_many_releases("hola", 260).await;
    let refused = key.push(wordy("1.1.0")).await;
    let text = "There was a problem saving your gem: The dependencies of all versions of this gem together are too long";
    assert_eq!(refused.status, 403);
    assert!(refused.text().starts_with(text), "{}", refused.text());
    assert_eq!(key.yank("hola", "1.0.0").await.status, 200, "there is a way out");
}
