//! `/api/v1/gems` and `/api/v1/gems/NAME`: what programs read of gems.

use http::Method;
use serde_json::json;
use testkit::{GemBuilder, KeyHolder, TestApp, send};

use crate::support::{NO_SCOPE, gem_for, get_with, make_owner, publish, says, sha256, yank};

async fn publish_rich(key: &KeyHolder<'_>) -> Vec<u8> {
    let bytes = GemBuilder::new("hola", "1.0.0")
        .authors(&["Ann", "Bob"])
        .description("Says hola")
        .homepage("https://example.com/hola")
        .license("MIT")
        .metadata("source_code_uri", "https://example.com/hola/src")
        .dependency("rack", ">= 1, < 3")
        .development_dependency("rspec", "~> 3.0")
        .build();
    assert_eq!(key.push(bytes.clone()).await.status, 200);
    bytes
}

#[tokio::test]
async fn a_gem_is_told_field_by_field_in_the_order_that_programs_know() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = publish_rich(&key).await;
    let quick = app.get("/rubygems/quick/Marshal.4.8/hola-1.0.0.gemspec.rz").await.bytes;
    let base = app.base();
    let expected = json!({
        "name": "hola", "downloads": 0, "version": "1.0.0", "version_created_at": "2026-08-01T12:00:00.000Z",
        "version_downloads": 0, "platform": "ruby", "authors": "Ann, Bob", "info": "Says hola",
        "licenses": ["MIT"], "metadata": { "source_code_uri": "https://example.com/hola/src" },
        "yanked": false, "sha": sha256(&bytes), "spec_sha": sha256(&quick),
        "project_uri": format!("{base}/gems/hola"), "gem_uri": format!("{base}/rubygems/gems/hola-1.0.0.gem"),
        "homepage_uri": "https://example.com/hola", "wiki_uri": null, "documentation_uri": null,
        "mailing_list_uri": null, "source_code_uri": "https://example.com/hola/src",
        "bug_tracker_uri": null, "changelog_uri": null, "funding_uri": null,
        "dependencies": {
            "development": [{ "name": "rspec", "requirements": "~> 3.0" }],
            "runtime": [{ "name": "rack", "requirements": ">= 1, < 3" }],
        },
    });
    let answer = app.get("/rubygems/api/v1/gems/hola").await;
    assert_eq!(answer.told(), says(200, expected.to_string()));
    assert_eq!(app.get("/rubygems/api/v1/gems/hola.json").await.text(), expected.to_string());
    assert_eq!(
        app.get(&format!("/rubygems/gems/{}", "hola-1.0.0.gem")).await.bytes,
        bytes,
        "the told address works"
    );
}

#[tokio::test]
async fn a_gem_is_told_in_yaml_where_the_path_or_the_client_says_so() {
    let app = TestApp::start().await;
    publish_rich(&app.person("alice").await.key(&["push_rubygem"]).await).await;
    let yaml = app.get("/rubygems/api/v1/gems/hola.yaml").await;
    assert_eq!(yaml.header("content-type"), Some("text/yaml; charset=utf-8"));
    assert_eq!(yaml.header("content-disposition"), Some("attachment"));
    assert!(
        yaml.text().starts_with("---\nname: hola\ndownloads: 0\nversion: \"1.0.0\"\n"),
        "{}",
        yaml.text()
    );
    let accepted = get_with(&app, "/rubygems/api/v1/gems/hola", ("accept", "application/yaml")).await;
    assert_eq!(accepted.text(), yaml.text());
}

#[tokio::test]
async fn scripts_of_other_sites_read_nothing_unless_the_operator_named_the_site() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem", "index_rubygems"]).await, "hola", "1.0.0").await;
    for method in [Method::GET, Method::OPTIONS] {
        for path in PUBLIC {
            let answer = from_site(&app, &method, path, "https://evil.test").await;
            assert_eq!(sharing(&answer), [""; 0], "{method} {path}");
        }
    }
}

#[tokio::test]
async fn scripts_of_a_site_that_the_operator_named_may_read_a_gem_and_nothing_else() {
    let named = "https://docs.example.com";
    let app = TestApp::start_with(|s| s.cors_origins = vec![named.parse().unwrap()]).await;
    publish(&app.person("alice").await.key(&["push_rubygem", "index_rubygems"]).await, "hola", "1.0.0").await;
    let told = [
        "access-control-allow-headers: X-Requested-With, X-Prototype-Version",
        "access-control-allow-methods: GET",
        "access-control-allow-origin: https://docs.example.com",
        "access-control-max-age: 1728000",
    ];
    for method in [Method::GET, Method::OPTIONS] {
        let answer = from_site(&app, &method, PUBLIC[0], named).await;
        assert!(answer.status.is_success(), "{method}: {}", answer.status);
        assert_eq!(
            (sharing(&answer), answer.header("vary")),
            (told.map(str::to_owned).into(), Some("Origin"))
        );
        let others =
            ["https://evil.test", "http://docs.example.com", "https://docs.example.com:8443", "null"];
        for origin in others {
            let answer = from_site(&app, &method, PUBLIC[0], origin).await;
            assert_eq!((sharing(&answer), answer.header("vary")), (Vec::new(), Some("Origin")), "{origin}");
        }
        for path in &PUBLIC[1..] {
            assert_eq!(sharing(&from_site(&app, &method, path, named).await), [""; 0], "{method} {path}");
        }
    }
}

/// What anybody may read; the first is what scripts of other sites may read where the operator lets them.
const PUBLIC: [&str; 7] = [
    "/rubygems/api/v1/gems/hola.json",
    "/rubygems/api/v1/gems/hola/owners",
    "/rubygems/api/v1/search?query=a",
    "/rubygems/versions",
    "/gems/hola",
    "/healthz",
    "/",
];

/// A request as a browser sends it for a script of a site, to a server on another network too.
async fn from_site(app: &TestApp, method: &Method, path: &str, origin: &str) -> testkit::Answer {
    let request = app.request(method.clone(), path).header("origin", origin);
    let request = request.header("access-control-request-method", "GET");
    send(request.header("access-control-request-private-network", "true")).await
}

/// What an answer says of who may read it, sorted.
fn sharing(answer: &testkit::Answer) -> Vec<String> {
    let headers = answer.headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
    let mut told: Vec<_> =
        headers.map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
    told.sort();
    told
}

#[tokio::test]
async fn the_version_that_stands_for_a_gem_is_the_newest_for_every_platform() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    let shown = async || {
        let gem = app.get("/rubygems/api/v1/gems/hola.json").await.json();
        format!(
            "{} {}",
            gem["version"].as_str().expect("a number"),
            gem["platform"].as_str().expect("a word")
        )
    };
    publish(&key, "hola", "2.0.0.rc1").await;
    assert_eq!(shown().await, "2.0.0.rc1 ruby");
    assert_eq!(key.push(gem_for("hola", "1.5.0", "java")).await.status, 200);
    assert_eq!(shown().await, "1.5.0 java");
    publish(&key, "hola", "1.9.0").await;
    publish(&key, "hola", "1.10.0").await;
    publish(&key, "hola", "1.2.0").await;
    assert_eq!(shown().await, "1.10.0 ruby");
    yank(&key, "hola", "1.10.0").await;
    assert_eq!(shown().await, "1.9.0 ruby");
}

#[tokio::test]
async fn an_unknown_gem_is_told_in_the_format_of_the_path() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let text = "This rubygem could not be found.";
    for name in ["nada", "Hola", "no%20name"] {
        assert_eq!(app.get(&format!("/rubygems/api/v1/gems/{name}")).await.told(), says(404, text), "{name}");
    }
    let json = app.get("/rubygems/api/v1/gems/nada.json").await;
    assert_eq!(json.told(), says(404, format!("{{\"error\":\"{text}\"}}")));
    let yaml = app.get("/rubygems/api/v1/gems/nada.yaml").await;
    assert_eq!(yaml.told(), says(404, format!("---\nerror: \"{text}\"\n")));
}

#[tokio::test]
async fn ones_own_gems_are_listed_with_the_scope_for_it() {
    let app = TestApp::start().await;
    let alice = app.person("alice").await;
    let key = alice.key(&["push_rubygem", "index_rubygems", "add_owner"]).await;
    let bob = app.person("bob").await;
    for name in ["hola", "adios"] {
        publish(&key, name, "1.0.0").await;
    }
    publish(&bob.key(&["push_rubygem"]).await, "bonjour", "1.0.0").await;
    let names = async |key: &KeyHolder<'_>, path: &str| -> Vec<String> {
        let list = key.get(path).await.json();
        let names = list
            .as_array()
            .expect("a list")
            .iter()
            .map(|gem| gem["name"].as_str().expect("a name").to_owned());
        names.collect()
    };
    assert_eq!(names(&key, "/rubygems/api/v1/gems").await, ["adios", "hola"]);
    assert_eq!(names(&key, "/rubygems/api/v1/gems.json").await, ["adios", "hola"]);
    let yaml = key.get("/rubygems/api/v1/gems.yaml").await;
    assert!(yaml.text().starts_with("---\n- name: adios\n") && yaml.text().contains("\n- name: hola\n"));
    assert_eq!(yaml.header("cache-control"), Some("private, no-store"));
    let listing = bob.key(&["index_rubygems"]).await;
    make_owner(&app, &key, "hola", "bob", "maintainer").await;
    assert_eq!(names(&listing, "/rubygems/api/v1/gems").await, ["bonjour", "hola"]);
    let without = alice.key(&["push_rubygem"]).await;
    assert_eq!(without.get("/rubygems/api/v1/gems").await.told(), says(403, NO_SCOPE));
    let in_json = without.get("/rubygems/api/v1/gems.json").await;
    assert_eq!(in_json.told(), says(403, format!("{{\"error\":\"{NO_SCOPE}\"}}")));
}

#[tokio::test]
async fn the_gems_of_others_are_public_and_want_a_suffix() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    for who in ["alice", "1"] {
        let list = app.get(&format!("/rubygems/api/v1/owners/{who}/gems.json")).await;
        assert_eq!(list.json()[0]["name"], "hola", "{who}");
    }
    let yaml = app.get("/rubygems/api/v1/owners/alice/gems.yaml").await;
    assert!(yaml.text().starts_with("---\n- name: hola\n"));
    for path in ["alice/gems", "nobody/gems.json", "alice@example.com/gems.json", "alice/other.json"] {
        assert_eq!(app.get(&format!("/rubygems/api/v1/owners/{path}")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_gem_without_a_description_has_its_summary_or_says_so() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    assert_eq!(app.get("/rubygems/api/v1/gems/hola").await.json()["info"], "The gem hola");
    assert_eq!(key.push(GemBuilder::new("adios", "1.0.0").summary(" ").build()).await.status, 200);
    let info = &app.get("/rubygems/api/v1/gems/adios").await.json()["info"];
    assert_eq!(info, "This gem has no description or summary.");
}
