//! `/gems/FULL.gem`: the bytes that were pushed, and nothing else.

use http::Method;
use testkit::{GemBuilder, TestApp, send};

use crate::support::{gem, gem_for, get_with, publish, says, sha256, yank};

const FILE: &str = "/rubygems/gems/hola-1.0.0.gem";

#[tokio::test]
async fn a_gem_is_served_as_it_was_pushed_and_kept_for_ever() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = gem("hola", "1.0.0");
    assert_eq!(key.push(bytes.clone()).await.status, 200);
    let answer = app.get(FILE).await;
    assert_eq!(answer.bytes, bytes);
    let expected = [
        ("content-type", "application/octet-stream".to_owned()),
        ("content-length", bytes.len().to_string()),
        ("etag", format!("\"{}\"", sha256(&bytes))),
        ("cache-control", "max-age=31536000, public, immutable".to_owned()),
        ("accept-ranges", "bytes".to_owned()),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), Some(value.as_str()), "{name}");
    }
    let head = app.head(FILE).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-length"), answer.header("content-length"));
}

#[tokio::test]
async fn parts_and_known_copies_of_a_gem_are_answered() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    let bytes = app.get(FILE).await.bytes;
    let part = get_with(&app, FILE, ("range", "bytes=100-199")).await;
    assert_eq!((part.status.as_u16(), part.bytes.as_slice()), (206, &bytes[100..200]));
    let range = format!("bytes 100-199/{}", bytes.len());
    assert_eq!(part.header("content-range"), Some(range.as_str()));
    let beyond = get_with(&app, FILE, ("range", &format!("bytes={}-", bytes.len()))).await;
    assert_eq!((beyond.status.as_u16(), beyond.bytes), (200, bytes.clone()));
    let known = get_with(&app, FILE, ("if-none-match", &format!("\"{}\"", sha256(&bytes)))).await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
}

#[tokio::test]
async fn a_large_gem_arrives_and_leaves_whole() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    // Bytes that do not pack, more than are stored or sent at once.
    let noise: Vec<u8> =
        (0..10_u32 << 18).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let bytes = GemBuilder::new("hola", "1.0.0").file("lib/noise", noise).build();
    assert_eq!(key.push(bytes.clone()).await.status, 200);
    assert!(app.get(FILE).await.bytes == bytes);
}

#[tokio::test]
async fn files_are_found_by_their_written_name_only() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    assert_eq!(key.push(gem_for("hola", "1.0.0", "i686-linux")).await.status, 200);
    let missing = says(404, "This gem could not be found");
    for file in
        ["Hola-1.0.0.gem", "hola-1.0.gem", "hola-1.0.0", "hola-1.0.0-x86-linux.gem", "hola-1.0.0-ruby.gem"]
    {
        assert_eq!(app.get(&format!("/rubygems/gems/{file}")).await.told(), missing, "{file}");
    }
    for hostile in
        ["..%2F..%2Fkeyward.sqlite", "%2e%2e%2fx.gem", "hola-1.0.0.gem%00", "%ff.gem", "..%5c..%5cx.gem"]
    {
        let answer = app.get(&format!("/rubygems/gems/{hostile}")).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{hostile}: {}", answer.status);
    }
    assert_eq!(app.get("/rubygems/gems/hola-1.0.0-i686-linux.gem").await.status, 200);
    yank(&key, "hola", "1.0.0").await;
    assert_eq!(app.get(FILE).await.told(), missing, "a yanked file is gone");
}

#[tokio::test]
async fn whole_downloads_are_counted_and_others_are_not() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    for _ in 0..3 {
        app.get(FILE).await;
    }
    app.head(FILE).await;
    get_with(&app, FILE, ("range", "bytes=0-1")).await;
    get_with(&app, FILE, ("if-none-match", "*")).await;
    app.settle().await;
    let told = says(200, r#"{"total_downloads":3,"version_downloads":3}"#);
    assert_eq!(app.get("/rubygems/api/v1/downloads/hola-1.0.0.json").await.told(), told);
    assert_eq!(app.get("/rubygems/api/v1/downloads").await.told(), says(200, "3"));
    assert_eq!(app.get("/rubygems/api/v1/downloads.json").await.told(), says(200, r#"{"total":3}"#));
    assert_eq!(app.get("/rubygems/api/v1/downloads.yaml").await.told(), says(200, "---\n:total: 3\n"));
    let unknown = app.get("/rubygems/api/v1/downloads/hola-2.0.0.json").await;
    assert_eq!(unknown.told(), says(404, r#"{"error":"This rubygem could not be found."}"#));
}

#[tokio::test]
async fn counts_survive_a_restart() {
    let mut app = TestApp::start().await;
    {
        let key = app.person("alice").await.key(&["push_rubygem"]).await;
        publish(&key, "hola", "1.0.0").await;
    }
    app.get(FILE).await;
    app.restart().await;
    assert_eq!(app.get("/rubygems/api/v1/downloads").await.told(), says(200, "1"));
}

#[tokio::test]
async fn nothing_is_written_to_a_read_address() {
    let app = TestApp::start().await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        for path in [FILE, "/rubygems/versions", "/rubygems/info/hola", "/rubygems/specs.4.8.gz"] {
            let answer = send(app.request(method.clone(), path)).await;
            assert_eq!(answer.status, 405, "{method} {path}");
        }
    }
}
