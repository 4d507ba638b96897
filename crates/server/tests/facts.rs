//! What a page or an answer takes when every version of a gem says as much as it may. A program of its own, so that nothing else
//! is in the memory that it measures.
#![cfg(target_os = "linux")]

use http::Method;
use testkit::{GemBuilder, KeyHolder, TestApp};

/// Versions of the gem.
const VERSIONS: u32 = 200;
/// What the whole process, the client included, may grow by during one request, in KiB.
const ALLOWED: u64 = 24 * 1024;

/// A gem of which as much is recorded as may be: a little less than 256 KiB.
fn wordy() -> Vec<u8> {
    let text = "x".repeat(64_000);
    GemBuilder::new("wordy", "1.0.0")
        .authors(&[&text])
        .summary(&text)
        .description(&text)
        .field("post_install_message", &format!("\"{text}\""))
        .build()
}

/// A line of what the system tells of this process, in KiB.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells");
    let line = status.lines().find_map(|text| text.strip_prefix(line)).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// What the process grows by while it answers, in KiB, and the length of the answer in bytes. The client drops what it has read.
async fn growth(app: &TestApp, key: &KeyHolder<'_>, path: &str) -> (u64, usize) {
    // The peak counts from here.
    std::fs::write("/proc/self/clear_refs", "5").expect("the peak can be reset");
    let before = memory("VmRSS:");
    let request = if path == "/rubygems/api/v1/gems.json" {
        key.request(Method::GET, path)
    } else {
        app.request(Method::GET, path)
    };
    let mut answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    let mut length = 0;
    while let Some(piece) = answer.chunk().await.expect("the whole answer") {
        length += piece.len();
    }
    (memory("VmHWM:").saturating_sub(before), length)
}

#[tokio::test]
async fn no_answer_loads_what_all_versions_say() {
    let app = TestApp::start().await;
    let key = app.person("alice").await.key(&["push_rubygem", "index_rubygems"]).await;
    assert_eq!(key.push(wordy()).await.status, 200);
    app.db_many_releases("wordy", VERSIONS - 1).await;
    for path in [
        "/gems/wordy",
        "/gems/wordy/versions/0.1",
        "/gems?query=wordy",
        "/rubygems/api/v1/gems/wordy.json",
        "/rubygems/api/v1/gems.json",
        "/rubygems/api/v1/owners/alice/gems.json",
        "/rubygems/api/v1/search.json?query=wordy",
        "/rubygems/api/v1/search/autocomplete?query=wordy",
        "/rubygems/api/v1/versions/wordy/latest.json",
        "/rubygems/api/v2/rubygems/wordy/versions/0.1.json",
        "/rubygems/api/v1/downloads/wordy-1.0.0.json",
        "/rubygems/info/wordy",
        "/rubygems/versions",
        "/rubygems/specs.4.8.gz",
        "/rubygems/api/v1/versions/wordy.json",
        "/rubygems/api/v1/versions/wordy.yaml",
    ] {
        let (grown, length) = growth(&app, &key, path).await;
        assert!(grown <= ALLOWED, "{path}: grew by {grown} KiB");
        if path.contains("/versions/wordy.") {
            assert!(length > 192_000 * VERSIONS as usize, "{path}: all versions are in its {length} bytes");
        }
    }
}
