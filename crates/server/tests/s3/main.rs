//! The server with its packages in S3: a real S3 server over loopback, not a stand-in for the client library.

mod bucket;
mod store;

use blobs::S3;
use bucket::Bucket;
use server::config::Blobs;
use testkit::{GemBuilder, TestApp};

/// More than one part of a multipart upload, and nothing that compresses.
fn large_gem(name: &str) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    let bytes: Vec<u8> = noise.take(20 * 1024 * 1024 / 8).flatten().collect();
    GemBuilder::new(name, "1.0.0").file("data.bin", bytes).build()
}

async fn app(bucket: &Bucket) -> TestApp {
    let s3 = bucket.settings.clone();
    TestApp::start_with(|settings| settings.blobs = Blobs::S3(s3)).await
}

#[tokio::test]
async fn gems_in_s3_are_pushed_read_and_yanked() {
    let bucket = Bucket::start().await;
    let mut app = app(&bucket).await;
    let (small, large) = (GemBuilder::new("small", "1.0.0").build(), large_gem("large"));
    assert!(large.len() > 16 * 1024 * 1024, "{}", large.len());
    {
        let key = app.person("alice").await.key(&["push_rubygem", "yank_rubygem"]).await;
        for gem in [&small, &large] {
            let answer = key.push(gem.clone()).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        assert_eq!(app.get("/rubygems/gems/small-1.0.0.gem").await.bytes, small);
        assert_eq!(key.yank("small", "1.0.0").await.status, 200);
    }
    assert_eq!(bucket.objects(), 4, "each gem and its quick index");
    app.restart().await;
    assert_eq!(app.get("/rubygems/gems/small-1.0.0.gem").await.status, 404);
    assert!(app.get("/rubygems/gems/large-1.0.0.gem").await.bytes == large, "the large gem comes back whole");
    assert_eq!(app.get("/rubygems/quick/Marshal.4.8/large-1.0.0.gemspec.rz").await.status, 200);
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_refused_push_leaves_nothing_in_the_bucket() {
    let bucket = Bucket::start().await;
    let app = app(&bucket).await;
    let alice = app.person("alice").await.key(&["push_rubygem"]).await;
    let mallory = app.person("mallory").await.key(&["push_rubygem"]).await;
    assert_eq!(alice.push(GemBuilder::new("small", "1.0.0").build()).await.status, 200);
    let kept = bucket.objects();
    assert_eq!(mallory.push(GemBuilder::new("small", "1.1.0").build()).await.status, 403);
    let changed = GemBuilder::new("small", "1.0.0").file("other.rb", "1\n").build();
    assert_eq!(alice.push(changed).await.status, 409);
    assert_eq!(bucket.objects(), kept);
}

#[tokio::test]
async fn a_server_without_its_bucket_is_not_ready_and_takes_no_gem() {
    let bucket = Bucket::start().await;
    let s3 = S3 { secret_access_key: "wrong".to_owned(), ..bucket.settings.clone() };
    let app = TestApp::start_with(|settings| settings.blobs = Blobs::S3(s3)).await;
    assert_eq!(app.get("/readyz").await.status, 503);
    let key = app.person("alice").await.key(&["push_rubygem"]).await;
    let answer = key.push(GemBuilder::new("small", "1.0.0").build()).await;
    assert_eq!(answer.status, 500);
    assert_eq!(app.get("/rubygems/gems/small-1.0.0.gem").await.status, 404);
    assert!(!answer.text().contains("wrong"), "{}", answer.text());
}
