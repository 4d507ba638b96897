//! The Marshal indexes: what `gem list -r`, `gem outdated` and old clients read.

use std::io::Read as _;

use http::Method;
use testkit::{TestApp, send};

use crate::support::{gem_for, get_with, publish, yank};

const LISTS: [&str; 3] =
    ["/rubygems/specs.4.8.gz", "/rubygems/latest_specs.4.8.gz", "/rubygems/prerelease_specs.4.8.gz"];

/// A reader of the one shape that an index has: an array of `[name, Gem::Version, platform]`.
struct Marshal {
    bytes: std::vec::IntoIter<u8>,
    symbols: usize,
}

impl Marshal {
    fn byte(&mut self) -> u8 {
        self.bytes.next().expect("the index goes on")
    }

    fn count(&mut self) -> usize {
        match self.byte() {
            0 => 0,
            length @ 1..=3 => (0..length).fold(0, |sum, place| sum | usize::from(self.byte()) << (8 * place)),
            small @ 6..=127 => usize::from(small) - 5,
            other => panic!("not a count: {other}"),
        }
    }

    fn take(&mut self) -> String {
        let count = self.count();
        String::from_utf8((0..count).map(|_| self.byte()).collect()).expect("texts are UTF-8")
    }

    fn symbol(&mut self) {
        match self.byte() {
            b':' => {
                self.take();
                self.symbols += 1;
            }
            b';' => assert!(self.count() < self.symbols, "a symbol that was not told before"),
            other => panic!("not a symbol: {other}"),
        }
    }

    fn text(&mut self) -> String {
        assert_eq!((self.byte(), self.byte()), (b'I', b'"'));
        let text = self.take();
        assert_eq!(self.byte(), 6, "one attribute: the encoding");
        self.symbol();
        assert_eq!(self.byte(), b'T');
        text
    }

    fn array(&mut self) -> usize {
        assert_eq!(self.byte(), b'[');
        self.count()
    }

    fn version(&mut self) -> String {
        assert_eq!(self.byte(), b'U');
        self.symbol();
        assert_eq!(self.array(), 1);
        self.text()
    }

    fn entry(&mut self) -> String {
        assert_eq!(self.array(), 3);
        let (name, version, platform) = (self.text(), self.version(), self.text());
        format!("{name} {version} {platform}")
    }
}

async fn list(app: &TestApp, path: &str) -> Vec<String> {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(answer.bytes.as_slice()).read_to_end(&mut bytes).expect("gzip");
    let mut marshal = Marshal { bytes: bytes.into_iter(), symbols: 0 };
    assert_eq!((marshal.byte(), marshal.byte()), (4, 8));
    let count = marshal.array();
    let entries = (0..count).map(|_| marshal.entry()).collect();
    assert!(marshal.bytes.next().is_none(), "nothing follows");
    entries
}

#[tokio::test]
async fn an_empty_registry_has_empty_indexes() {
    let app = TestApp::start().await;
    for path in LISTS {
        assert_eq!(list(&app, path).await, Vec::<String>::new(), "{path}");
    }
}

#[tokio::test]
async fn the_indexes_are_packed_files_and_not_packed_transfers() {
    let app = TestApp::start().await;
    publish(&app.person("alice").await.key(&["push_rubygem"]).await, "hola", "1.0.0").await;
    for path in LISTS {
        let answer = send(app.request(Method::GET, path).header("accept-encoding", "gzip, deflate")).await;
        assert_eq!(answer.header("content-encoding"), None, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"), "{path}");
        assert!(answer.bytes.starts_with(&[0x1f, 0x8b]), "{path}");
        let head = app.head(path).await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
        assert_eq!(head.header("content-length"), answer.header("content-length"));
    }
}

#[tokio::test]
async fn each_index_has_its_releases_by_name_and_oldest_first() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    for number in ["1.2.0", "1.10.0", "1.9.0", "2.0.0.rc1"] {
        publish(&key, "hola", number).await;
    }
    assert_eq!(key.push(gem_for("hola", "1.9.0", "java")).await.status, 200);
    publish(&key, "adios", "0.1").await;
    let mut found = list(&app, LISTS[0]).await;
    // The platforms of one version have no order among them.
    found[2..4].sort();
    let released =
        ["adios 0.1 ruby", "hola 1.2.0 ruby", "hola 1.9.0 java", "hola 1.9.0 ruby", "hola 1.10.0 ruby"];
    assert_eq!(found, released);
    assert_eq!(list(&app, LISTS[1]).await.len(), 3, "the newest of each gem and platform");
    assert!(list(&app, LISTS[1]).await.contains(&"hola 1.9.0 java".to_owned()));
    assert_eq!(list(&app, LISTS[2]).await, ["hola 2.0.0.rc1 ruby"]);
    yank(&key, "hola", "1.10.0").await;
    assert!(!list(&app, LISTS[0]).await.contains(&"hola 1.10.0 ruby".to_owned()));
    assert!(list(&app, LISTS[1]).await.contains(&"hola 1.9.0 ruby".to_owned()));
}

#[tokio::test]
async fn an_index_that_did_not_change_is_not_sent_again() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    app.clock.advance(60);
    for path in LISTS {
        let etag = app.get(path).await.header("etag").expect("a tag").to_owned();
        assert_eq!(get_with(&app, path, ("if-none-match", &etag)).await.status, 304, "{path}");
        let later = ("if-modified-since", "Sat, 01 Aug 2026 12:00:30 GMT");
        assert_eq!(get_with(&app, path, later).await.status, 304, "{path}");
        let same_second = ("if-modified-since", "Sat, 01 Aug 2026 12:00:00 GMT");
        assert_eq!(get_with(&app, path, same_second).await.status, 200, "{path}");
        assert_eq!(
            get_with(&app, path, ("range", "bytes=5-")).await.status,
            200,
            "{path}: whole or not at all"
        );
    }
    publish(&key, "hola", "1.1.0").await;
    let since = ("if-modified-since", "Sat, 01 Aug 2026 12:00:30 GMT");
    assert_eq!(get_with(&app, LISTS[0], since).await.status, 200, "it changed since");
}

#[tokio::test]
async fn the_quick_index_has_each_live_gemspec_packed_with_zlib() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
    publish(&key, "hola", "1.0.0").await;
    assert_eq!(key.push(gem_for("hola", "1.0.0", "java")).await.status, 200);
    for full_name in ["hola-1.0.0", "hola-1.0.0-java"] {
        let path = format!("/rubygems/quick/Marshal.4.8/{full_name}.gemspec.rz");
        let answer = app.get(&path).await;
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(answer.header("content-length"), Some(answer.bytes.len().to_string().as_str()));
        let mut bytes = Vec::new();
        flate2::read::ZlibDecoder::new(answer.bytes.as_slice()).read_to_end(&mut bytes).expect("zlib");
        assert!(bytes.starts_with(b"\x04\x08u:\x17Gem::Specification"), "{full_name}");
    }
    yank(&key, "hola", "1.0.0").await;
    let gone = app.get("/rubygems/quick/Marshal.4.8/hola-1.0.0.gemspec.rz").await;
    assert_eq!(gone.status, 404);
    assert_eq!(app.get("/rubygems/quick/Marshal.4.8/hola-1.0.0-java.gemspec.rz").await.status, 200);
}
