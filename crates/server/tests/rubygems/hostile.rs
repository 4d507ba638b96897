//! Packages that are made to hurt, over HTTP: refused by name, and nothing of them is left.

use gem_format::build::{GemBuilder, Tar, checksums, gzip, header, package};
use http::Method;
use testkit::{KeyHolder, TestApp, send};

use crate::support::{PUSH, multipart, publish, says};

/// What is hostile, its bytes, and what the publisher reads after "Error:".
type Case = (&'static str, Vec<u8>, &'static str);

fn good() -> GemBuilder {
    GemBuilder::new("hola", "1.0.0").file("lib/hola.rb", b"puts 1")
}

/// The good entries after a change, with no checksums that would catch it first.
fn changed(change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut entries = good().entries();
    change(&mut entries);
    package(&entries)
}

fn with(name: &str) -> Vec<u8> {
    changed(|entries| entries.push((name.to_owned(), b"x".to_vec())))
}

fn unsummed(gemspec: &str, data: &[u8]) -> Vec<u8> {
    package(&[("metadata.gz".to_owned(), gzip(gemspec.as_bytes())), ("data.tar.gz".to_owned(), gzip(data))])
}

fn contents(fill: impl FnOnce(&mut Tar)) -> Vec<u8> {
    let mut tar = Tar::default();
    fill(&mut tar);
    unsummed(&good().gemspec(), &tar.finish())
}

fn gemspec(from: &str, to: &str) -> Vec<u8> {
    let gemspec = good().gemspec();
    assert!(gemspec.contains(from), "{from:?} is in the good gemspec");
    unsummed(&gemspec.replacen(from, to, 1), &[])
}

/// An archive whose only header announces two gibibytes.
fn announced() -> Vec<u8> {
    let mut tar = Tar::default();
    tar.entry(&header("metadata.gz", 2 << 30, b'0', ""), b"x");
    tar.finish()
}

fn containers() -> Vec<Case> {
    let whole = good().build();
    let twice = |name: &str| with(name);
    vec![
        ("no bytes", Vec::new(), "gem package contains no entries"),
        ("no entries", Tar::default().finish(), "gem package contains no entries"),
        (
            "no archive",
            vec![b'x'; 4096],
            "gem package is not a valid tar archive: the header at byte 0 has an invalid number",
        ),
        (
            "half",
            whole[..whole.len() / 2].to_vec(),
            "gem package is not a valid tar archive: it is truncated",
        ),
        ("two gibibytes announced", announced(), "gem package is not a valid tar archive: it is truncated"),
        ("another entry", with("README"), "unexpected gem file entry: \"README\""),
        ("an entry above", with("../metadata.gz"), "unexpected gem file entry: \"../metadata.gz\""),
        (
            "two manifests",
            with("metadata"),
            "duplicate metadata file: already processed metadata, found metadata",
        ),
        ("contents twice", twice("data.tar.gz"), "duplicate data.tar.gz file found"),
        ("checksums twice", twice("checksums.yaml.gz"), "duplicate checksums.yaml.gz file found"),
        (
            "no manifest",
            changed(|entries| entries.retain(|(name, _)| name != "metadata.gz")),
            "missing metadata.gz file",
        ),
        (
            "no contents",
            changed(|entries| entries.retain(|(name, _)| name != "data.tar.gz")),
            "missing data.tar.gz file",
        ),
        ("a signature of nothing", with("nothing.sig"), "unexpected gem file entry: \"nothing.sig\""),
    ]
}

fn gemspecs() -> Vec<Case> {
    vec![
        ("a gzip bomb", unsummed(&"a".repeat(2 << 20), &[]), "metadata.gz is too big (over 1048576 bytes)"),
        (
            "a prefix for tags",
            unsummed(&format!("%TAG !a! tag:{}\n{}", "x".repeat(100_000), good().gemspec()), &[]),
            "invalid YAML syntax at line 1: directives are not supported",
        ),
        (
            "a list on one line",
            gemspec("requirements: []", &format!("requirements: [[{}]]", "a,".repeat(100_000))),
            "invalid YAML syntax at line 31: a value is longer than 98304 characters",
        ),
        (
            "a long message",
            good().field("post_install_message", &"x".repeat((64 << 10) + 1)).build(),
            "post_install_message is too large (65537 > 65536 bytes)",
        ),
        (
            "deep lists",
            gemspec("requirements: []", &format!("requirements: {}", "[".repeat(40))),
            "invalid YAML syntax at line",
        ),
        (
            "another object",
            gemspec("metadata: {}", "metadata: !ruby/object:Kernel {}"),
            "gemspec validation failed: ",
        ),
        (
            "a private key",
            gemspec("signing_key:\n", "signing_key: /home/me/key.pem\n"),
            "gemspec validation failed: ",
        ),
        (
            "a path for a name",
            gemspec("name: \"hola\"", "name: ../../etc/passwd"),
            "gemspec validation failed: ",
        ),
        (
            "lines in a name",
            gemspec("name: \"hola\"", "name: \"hola\\nevil 1.0 00\""),
            "gemspec validation failed: ",
        ),
        ("a key twice", unsummed(&(good().gemspec() + "name: evil\n"), &[]), "invalid YAML syntax at line"),
        ("not a version", gemspec("\"1.0.0\"", "\"1..0\""), "gemspec validation failed: "),
        ("no authors", good().authors(&[]).build(), "authors may not be empty"),
        (
            "a script for a link",
            good().metadata("wiki_uri", "javascript:alert(1)").build(),
            "metadata['wiki_uri'] has invalid link: \"javascript:alert(1)\"",
        ),
    ]
}

fn archives() -> Vec<Case> {
    let refused = "data.tar.gz is refused: ";
    let wrong = checksums(&[("metadata.gz".to_owned(), Vec::new()), ("data.tar.gz".to_owned(), Vec::new())]);
    vec![
        (
            "a bomb",
            contents(|tar| tar.file("zeros", &vec![0; 65 << 20])),
            "data.tar.gz is refused: it unpacks to over 200",
        ),
        ("an absolute path", contents(|tar| tar.file("/etc/passwd", b"x")), refused),
        ("a path above", contents(|tar| tar.file("../evil", b"x")), refused),
        ("a link outside", contents(|tar| tar.symlink("lib/a", "../../etc/passwd")), refused),
        ("a device", contents(|tar| tar.entry(&header("dev", 0, b'3', ""), b"")), refused),
        (
            "two gibibytes announced inside",
            contents(|tar| tar.entry(&header("a", 2 << 30, b'0', ""), b"")),
            "data.tar.gz is refused: not a valid tar archive: it is truncated",
        ),
        (
            "wrong checksums",
            changed(|entries| entries[2].1 = gzip(wrong.as_bytes())),
            "expected \"metadata.gz\" to have ",
        ),
        (
            "no checksum of the contents",
            changed(|entries| entries[2].1 = gzip(checksums(&good().entries()[..1]).as_bytes())),
            "expected checksum for \"data.tar.gz\" but found none",
        ),
        (
            "certificates without signatures",
            good().field("cert_chain", "[\"-----BEGIN CERTIFICATE-----\"]").build(),
            "Cert chain provided, but no signatures found",
        ),
    ]
}

/// What stands before the detail.
const BEFORE: &str = "This server cannot process this gem.\nPlease try rebuilding it and installing it locally to make sure it's valid.\nError:\n";

async fn assert_refused(app: &TestApp, key: &KeyHolder<'_>, cases: Vec<Case>) {
    for (name, bytes, detail) in cases {
        let answer = key.push(bytes).await;
        let text = answer.text();
        assert_eq!(answer.status, 422, "{name}: {text}");
        assert!(text.starts_with(&format!("{BEFORE}{detail}")) && text.ends_with('\n'), "{name}: {text}");
        let shown = &text[BEFORE.len()..text.len() - 1];
        assert!(shown.chars().count() <= 500 && !shown.contains(char::is_control), "{name}: {text}");
    }
    assert_nothing_left(app).await;
}

async fn assert_nothing_left(app: &TestApp) {
    assert_eq!(app.files_in("blobs"), Vec::<String>::new());
    assert_eq!(app.files_in("uploads"), Vec::<String>::new());
    assert_eq!(app.db_pending_blobs().await, Vec::<String>::new());
    assert_eq!(app.db_texts("SELECT name FROM packages").await, Vec::<String>::new());
    assert_eq!(app.get("/rubygems/names").await.text(), "---\n\n");
}

#[tokio::test]
async fn hostile_containers_are_refused_by_name() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    assert_refused(&app, &key, containers()).await;
}

#[tokio::test]
async fn hostile_gemspecs_are_refused_by_name() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    assert_refused(&app, &key, gemspecs()).await;
}

#[tokio::test]
async fn hostile_contents_are_refused_by_name() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    assert_refused(&app, &key, archives()).await;
}

#[tokio::test]
async fn aliases_are_refused_with_advice() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let told = "This server cannot process this gem.\nPushing gems where there are aliases in the YAML gemspec is no longer \
                supported.\nPlease update to the latest version of RubyGems (gem update --system),\nthen build the gem and push \
                it again.\n";
    let bomb: String = (1..30).fold("b0: &b0 [a]\n".to_owned(), |bomb, level| {
        bomb + &format!("b{level}: &b{level} [*b{0}, *b{0}]\n", level - 1)
    });
    for bytes in [unsummed(&bomb, &[]), gemspec("requirements: []", "requirements: &a []")] {
        assert_eq!(key.push(bytes).await.told(), says(422, told));
    }
    assert_nothing_left(&app).await;
}

#[tokio::test]
async fn a_text_from_a_package_brings_no_control_characters_to_a_terminal() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let long = "x".repeat(99);
    for name in ["a\u{1b}[2Jb", "a\rb", "a\u{202e}b", &long] {
        let text = key.push(with(name)).await.text();
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}'), "nor ones that turn the text around: {text:?}");
    }
}

#[tokio::test]
async fn a_hostile_package_in_a_form_is_refused_too() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let parts = |body: Vec<u8>| {
        let request =
            key.request(Method::POST, PUSH).header("content-type", "multipart/form-data; boundary=cut");
        send(request.body(body))
    };
    for bytes in [b"x".to_vec(), announced(), with("README")] {
        let answer = parts(multipart(&[("gem", Some("a.gem"), &bytes)])).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{}", answer.text());
    }
    let endless = format!("--cut\r\nContent-Disposition: form-data; name=\"{}", "x".repeat(1 << 20));
    assert_eq!(parts(endless.into_bytes()).await.status, 400, "a name without an end");
    let cut = multipart(&[("gem", Some("a.gem"), &good().build())]);
    assert_eq!(parts(cut[..cut.len() - 20].to_vec()).await.status, 400, "a form without an end");
    let huge =
        multipart(&[("gem", Some("a.gem"), &good().build()), ("attestations", None, &vec![b'x'; 64 << 20])]);
    let answer = parts(huge).await;
    assert!(
        matches!(answer.status.as_u16(), 400 | 413),
        "what is kept in memory has a limit: {}",
        answer.text()
    );
    assert_nothing_left(&app).await;
}

#[tokio::test]
async fn two_gems_in_one_form_are_ambiguous() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let (first, second) = (good().build(), GemBuilder::new("evil", "1.0.0").build());
    let body = multipart(&[
        ("gem", Some("a.gem"), &first),
        ("gem", Some("b.gem"), &second),
        ("attestations", None, b"[]"),
    ]);
    let request = key.request(Method::POST, PUSH).header("content-type", "multipart/form-data; boundary=cut");
    assert_eq!(send(request.body(body)).await.status, 400);
    assert_nothing_left(&app).await;
}

#[tokio::test]
async fn a_good_package_is_still_taken_after_all_of_them() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    for (_, bytes, _) in containers().into_iter().chain(gemspecs()) {
        key.push(bytes).await;
    }
    publish(&key, "hola", "1.0.0").await;
    assert_eq!(app.get("/readyz").await.status, 200);
}
