//! What several modules ask of a server, and the texts that they share.

use std::sync::{Mutex, Once, PoisonError};

use http::Method;
use md5::{Digest as _, Md5};
use testkit::{Answer, GemBuilder, KeyHolder, TestApp, send};

/// Where pushes go.
pub(crate) const PUSH: &str = "/rubygems/api/v1/gems";
/// Where yanks go.
pub(crate) const YANK: &str = "/rubygems/api/v1/gems/yank";
/// Where keys are made.
pub(crate) const API_KEY: &str = "/rubygems/api/v1/api_key";

/// What a key without the scope is told: clients look for the beginning, and offer to widen the key.
pub(crate) const NO_SCOPE: &str = "The API key doesn't have access";
/// What a key for another gem is told.
pub(crate) const OTHER_GEM: &str = "This API key cannot perform the specified action on this gem.";
/// What a key is told whose gem its owner lost.
pub(crate) const LOST: &str = "An invalid API key cannot be used. Please delete it and create a new one.";
/// What an account is told that has not confirmed its mail address.
pub(crate) const UNCONFIRMED: &str =
    "Please confirm your email address before using the API. Check your inbox for a confirmation link.";

/// What somebody is told whose key is missing, unknown or expired.
pub(crate) fn denied(app: &TestApp) -> (u16, String) {
    (401, format!("Access Denied. Please sign up for an account at {}", app.base()))
}

/// A status and a text, for comparing with [`Answer::told`].
pub(crate) fn says(status: u16, text: impl Into<String>) -> (u16, String) {
    (status, text.into())
}

/// A small gem.
pub(crate) fn gem(name: &str, version: &str) -> Vec<u8> {
    GemBuilder::new(name, version).build()
}

/// A small gem for one platform.
pub(crate) fn gem_for(name: &str, version: &str, platform: &str) -> Vec<u8> {
    GemBuilder::new(name, version).platform(platform).build()
}

/// Pushes a small gem, which has to succeed.
pub(crate) async fn publish(key: &KeyHolder<'_>, name: &str, version: &str) {
    let answer = key.push(gem(name, version)).await;
    assert_eq!(answer.told(), says(200, format!("Successfully registered gem: {name} ({version})")));
}

/// Yanks a version, which has to succeed.
pub(crate) async fn yank(key: &KeyHolder<'_>, name: &str, version: &str) {
    let answer = key.yank(name, version).await;
    assert_eq!(answer.told(), says(200, format!("Successfully deleted gem: {name} ({version})")));
}

/// `GET` by nobody with one header.
pub(crate) async fn get_with(app: &TestApp, path: &str, header: (&str, &str)) -> Answer {
    send(app.request(Method::GET, path).header(header.0, header.1)).await
}

/// Where the owners of a gem are.
pub(crate) fn owners_of(name: &str) -> String {
    format!("/rubygems/api/v1/gems/{name}/owners")
}

/// Handles and roles of the confirmed owners of a gem, by handle.
pub(crate) async fn owners(app: &TestApp, name: &str) -> Vec<String> {
    let list = app.get(&owners_of(name)).await.json();
    let owners = list.as_array().expect("a list of owners").iter();
    let mut owners: Vec<_> =
        owners.map(|owner| format!("{} ({})", text(&owner["handle"]), text(&owner["role"]))).collect();
    owners.sort();
    owners
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("a text")
}

/// Invites somebody and accepts in their place, with the link from the mail.
pub(crate) async fn make_owner(app: &TestApp, key: &KeyHolder<'_>, gem: &str, handle: &str, role: &str) {
    let fields = [("email", handle), ("role", role)];
    let answer = key.form(Method::POST, &owners_of(gem), &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let link = invitation_link(app, handle).await;
    let answer = send(app.request(Method::POST, &link)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The path of the link in the newest invitation that was sent to somebody.
pub(crate) async fn invitation_link(app: &TestApp, handle: &str) -> String {
    app.mailed_link(&format!("{handle}@example.com"), "/owners/confirm/").await
}

/// The lines of `/versions` after its header.
pub(crate) async fn version_lines(app: &TestApp) -> Vec<String> {
    let text = app.get("/rubygems/versions").await.text();
    let (_, lines) = text.split_once("\n---\n").expect("a header ends with dashes");
    lines.lines().map(str::to_owned).collect()
}

/// `/versions` says of each gem the digest of its `/info`: the last line counts.
pub(crate) async fn assert_digests_agree(app: &TestApp) {
    let mut last = std::collections::BTreeMap::new();
    for line in version_lines(app).await {
        let words: Vec<_> = line.split(' ').collect();
        let [name, _, digest] = words[..] else { panic!("{line}") };
        last.insert(name.to_owned(), digest.to_owned());
    }
    for (name, digest) in last {
        let info = app.get(&format!("/rubygems/info/{name}")).await;
        assert_eq!(md5(&info.bytes), digest, "{name}: {}", info.text());
    }
}

/// MD5 in hex.
pub(crate) fn md5(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(sha2::Sha256::digest(bytes))
}

/// A part of a body: name, file name, contents.
pub(crate) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

/// A body of several parts.
pub(crate) fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body.extend(
            format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--cut--\r\n");
    body
}

/// Everything that was logged since [`keep_log`].
pub(crate) static CAPTURED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes into [`CAPTURED`].
struct Capture;

impl std::io::Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        CAPTURED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps the log of this process from now on, down to the finest detail of every crate.
pub(crate) fn keep_log() {
    static START: Once = Once::new();
    START.call_once(|| {
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(|| Capture);
        log.with_ansi(false).try_init().expect("nobody else has started a log");
    });
}
