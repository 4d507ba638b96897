//! `/names`, `/versions` and `/info/NAME`: what Bundler resolves from.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;
use sha2::{Digest as _, Sha256};
use testkit::{Answer, GemBuilder, TestApp, send};

use crate::support::{
    assert_digests_agree, gem, gem_for, get_with, md5, publish, says, sha256, version_lines, yank,
};

const DOCUMENTS: [&str; 3] = ["/rubygems/names", "/rubygems/versions", "/rubygems/info/hola"];

/// A server with three versions of a gem.
async fn app_with_gem() -> TestApp {
    let app = TestApp::start().await;
    {
        let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
        for number in ["1.0.0", "1.1.0", "2.0.0"] {
            publish(&key, "hola", number).await;
        }
    }
    app
}

fn assert_describes(answer: &Answer, whole: &[u8]) {
    let digest = STANDARD.encode(Sha256::digest(whole));
    assert_eq!(answer.header("etag"), Some(format!("\"{}\"", md5(whole)).as_str()));
    assert_eq!(answer.header("repr-digest"), Some(format!("sha-256=:{digest}:").as_str()));
    assert_eq!(answer.header("digest"), Some(format!("sha-256={digest}").as_str()));
    assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    assert_eq!(answer.header("cache-control"), Some("max-age=60, public"));
}

#[tokio::test]
async fn an_empty_registry_has_all_documents() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/rubygems/names").await.told(), says(200, "---\n\n"));
    let versions = app.get("/rubygems/versions").await;
    assert_eq!(versions.told(), says(200, "created_at: 2026-08-01T12:00:00Z\n---\n"));
    assert_describes(&versions, &versions.bytes);
    let unknown = app.get("/rubygems/info/hola").await;
    assert_eq!(unknown.told(), says(404, "This gem could not be found"));
    assert_eq!(unknown.header("cache-control"), Some("max-age=60, public"));
}

#[tokio::test]
async fn each_document_is_described_by_its_headers() {
    let app = app_with_gem().await;
    for path in DOCUMENTS {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
        assert_describes(&answer, &answer.bytes);
        let head = app.head(path).await;
        assert!(head.bytes.is_empty());
        let (mut headers, mut same) = (head.headers.clone(), answer.headers.clone());
        for own in ["x-request-id", "date"] {
            headers.remove(own);
            same.remove(own);
        }
        assert_eq!((head.status, headers), (answer.status, same), "{path}: HEAD is GET without the body");
    }
}

#[tokio::test]
async fn a_range_is_answered_with_the_rest_and_the_digests_of_the_whole() {
    let app = app_with_gem().await;
    for path in DOCUMENTS {
        let whole = app.get(path).await.bytes;
        let from = whole.len() - 3;
        let part = get_with(&app, path, ("range", &format!("bytes={from}-"))).await;
        assert_eq!((part.status.as_u16(), part.bytes.as_slice()), (206, &whole[from..]), "{path}");
        let range = format!("bytes {from}-{}/{}", whole.len() - 1, whole.len());
        assert_eq!(part.header("content-range"), Some(range.as_str()));
        assert_describes(&part, &whole);
        for beyond in [whole.len(), whole.len() + 100] {
            let full = get_with(&app, path, ("range", &format!("bytes={beyond}-"))).await;
            assert_eq!((full.status.as_u16(), full.bytes.as_slice()), (200, whole.as_slice()), "{path}");
            assert_describes(&full, &whole);
        }
        let head = send(app.request(Method::HEAD, path).header("range", "bytes=1-")).await;
        assert_eq!(head.status, 200, "ranges are for GET");
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let app = app_with_gem().await;
    for path in DOCUMENTS {
        let etag = app.get(path).await.header("etag").expect("a tag").to_owned();
        for known in [etag.clone(), format!("W/{etag}")] {
            let request =
                app.request(Method::GET, path).header("if-none-match", known).header("range", "bytes=1-");
            let answer = send(request).await;
            assert_eq!(
                (answer.status.as_u16(), answer.bytes.len()),
                (304, 0),
                "{path}: the tag comes before the range"
            );
            assert_eq!(answer.header("etag"), Some(etag.as_str()));
        }
        let other = get_with(&app, path, ("if-none-match", "\"0123456789abcdef0123456789abcdef\"")).await;
        assert_eq!(other.status, 200);
    }
}

#[tokio::test]
async fn a_copy_of_a_later_second_is_fresh_and_one_of_the_same_second_is_not() {
    let app = app_with_gem().await;
    app.clock.advance(60);
    let cases = [
        ("Sat, 01 Aug 2026 12:00:01 GMT", 304),
        ("Sat, 01 Aug 2026 12:01:00 GMT", 304),
        ("Sat, 01 Aug 2026 12:00:00 GMT", 200),
        ("Sat, 01 Aug 2026 11:59:59 GMT", 200),
        ("Sat, 01 Aug 2026 12:01:01 GMT", 200),
    ];
    for path in DOCUMENTS {
        for (date, status) in cases {
            let answer = get_with(&app, path, ("if-modified-since", date)).await;
            assert_eq!(answer.status, status, "{path} {date}");
        }
    }
}

#[tokio::test]
async fn compression_never_touches_ranges_or_tags() {
    let app = app_with_gem().await;
    for path in DOCUMENTS {
        let plain = app.get(path).await;
        let asked = || app.request(Method::GET, path).header("accept-encoding", "gzip");
        let part = send(asked().header("range", "bytes=2-")).await;
        assert_eq!((part.status.as_u16(), part.header("content-encoding")), (206, None));
        assert_eq!(part.bytes, plain.bytes[2..]);
        assert_describes(&send(asked()).await, &plain.bytes);
    }
}

#[tokio::test]
async fn each_push_and_yank_is_a_line_with_the_digest_after_it() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    let mut expected = Vec::new();
    for (what, number) in [("", "1.0.0"), ("", "1.1.0"), ("-", "1.0.0"), ("-", "1.1.0"), ("", "2.0.0")] {
        if what.is_empty() {
            publish(&key, "hola", number).await;
        } else {
            yank(&key, "hola", number).await;
        }
        let info = app.get("/rubygems/info/hola").await;
        expected.push(format!("hola {what}{number} {}", md5(&info.bytes)));
        assert_eq!(version_lines(&app).await, expected);
    }
    assert!(expected[3].ends_with(" 6105347ebb9825ac754615ca55ff3b0c"), "a fully yanked gem is `---`");
}

#[tokio::test]
async fn a_line_of_info_has_all_that_a_resolver_asks() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let bytes = GemBuilder::new("hola", "1.0.0")
        .dependency("unknown-elsewhere", ">= 1, < 3")
        .dependency("rack", ">= 0")
        .development_dependency("rspec", "~> 3.0")
        .required_ruby_version(">= 3.1")
        .required_rubygems_version(">= 3.0, < 5")
        .build();
    assert_eq!(key.push(bytes.clone()).await.status, 200);
    let expected = format!(
        "---\n1.0.0 rack:>= 0,unknown-elsewhere:< 3&>= 1|checksum:{},ruby:>= 3.1,rubygems:< 5&>= 3.0,\
         created_at:2026-08-01T12:00:00Z\n",
        sha256(&bytes)
    );
    assert_eq!(app.get("/rubygems/info/hola").await.text(), expected);
}

#[tokio::test]
async fn platforms_and_prereleases_have_their_lines() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0.rc1").await;
    app.clock.advance(1);
    for platform in ["java", "x86_64-linux"] {
        assert_eq!(key.push(gem_for("hola", "1.0.0", platform)).await.status, 200);
    }
    publish(&key, "hola", "1.0.0").await;
    let info = app.get("/rubygems/info/hola").await.text();
    let versions: Vec<_> = info.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(
        versions,
        ["1.0.0.rc1", "1.0.0-java", "1.0.0", "1.0.0-x86_64-linux"],
        "time, number, platform"
    );
    let lines = version_lines(&app).await;
    let versions: Vec<_> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(versions, ["1.0.0.rc1", "1.0.0-java", "1.0.0-x86_64-linux", "1.0.0"]);
    assert_digests_agree(&app).await;
}

#[tokio::test]
async fn names_are_told_in_byte_order_and_case_counts_in_paths() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    for name in ["zebra", "Apple", "apple-pie", "banana"] {
        publish(&key, name, "1.0").await;
    }
    assert_eq!(app.get("/rubygems/names").await.text(), "---\nApple\napple-pie\nbanana\nzebra\n");
    assert_eq!(app.get("/rubygems/info/apple").await.status, 404);
    for strange in ["%00", "a%2Fb", "..%2F", "h%C3%B6la", "a%20b"] {
        assert_eq!(app.get(&format!("/rubygems/info/{strange}")).await.status, 404, "{strange}");
    }
}

#[tokio::test]
async fn a_restart_changes_no_byte_and_no_tag() {
    let mut app = app_with_gem().await;
    let specs = ["/rubygems/specs.4.8.gz", "/rubygems/gems/hola-1.0.0.gem"];
    let mut before = Vec::new();
    for path in DOCUMENTS.iter().chain(&specs) {
        let answer = app.get(path).await;
        before.push((answer.header("etag").map(str::to_owned), answer.bytes));
    }
    app.clock.advance_days(3);
    app.restart().await;
    for (path, (etag, bytes)) in DOCUMENTS.iter().chain(&specs).zip(before) {
        let answer = app.get(path).await;
        assert_eq!((answer.header("etag").map(str::to_owned), answer.bytes), (etag, bytes), "{path}");
    }
}

#[tokio::test]
async fn publication_times_can_be_left_out_and_the_digests_follow() {
    let mut app = app_with_gem().await;
    assert!(app.get("/rubygems/info/hola").await.text().contains(",created_at:2026-08-01T12:00:00Z\n"));
    app.settings.rubygems.info_created_at = false;
    app.clock.advance_days(1);
    app.restart().await;
    assert!(!app.get("/rubygems/info/hola").await.text().contains("created_at"));
    let versions = app.get("/rubygems/versions").await.text();
    assert!(
        versions.starts_with("created_at: 2026-08-02T12:00:00Z\n---\nhola 1.0.0,1.1.0,2.0.0 "),
        "{versions}"
    );
    assert_digests_agree(&app).await;
    {
        let key = app.known_person("alice").await.key(&["push_rubygem"]).await;
        assert_eq!(key.push(gem("hola", "3.0.0")).await.status, 200);
    }
    assert_digests_agree(&app).await;
}

#[tokio::test]
async fn two_nodes_serve_the_same_documents() {
    let app = app_with_gem().await;
    let other = app.second_node().await;
    let key = app.known_person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "3.0.0").await;
    for path in DOCUMENTS {
        let there = send(app.request_at(other.address(), Method::GET, path)).await;
        assert_eq!(there.text(), app.get(path).await.text(), "{path}");
    }
    other.stop().await.expect("the other node stops");
}
