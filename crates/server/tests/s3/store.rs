//! The blob store itself on S3.

use std::convert::Infallible;

use blobs::{BlobName, BlobStore, Error, Upload};
use domain::Timestamp;
use futures_util::{StreamExt as _, stream};

use super::bucket::Bucket;

const LARGE: usize = 20 * 1024 * 1024 + 7;

fn name(word: &[u8]) -> BlobName {
    BlobName::new(&blobs::sha256(word), Timestamp::UNIX_EPOCH)
}

async fn upload(bytes: &[u8]) -> Upload {
    let chunks: Vec<_> =
        bytes.chunks(1_000_003).map(|chunk| Ok::<_, Infallible>(chunk.to_vec().into())).collect();
    Upload::receive(&std::env::temp_dir(), stream::iter(chunks), u64::MAX).await.expect("the upload is kept")
}

async fn read(store: &BlobStore, name: &BlobName, range: Option<std::ops::Range<u64>>) -> (u64, Vec<u8>) {
    let blob = store.get(name, range).await.expect("the blob is there");
    let parts: Vec<_> = blob.bytes.map(|part| part.expect("the blob is whole")).collect().await;
    (blob.size, parts.concat())
}

#[tokio::test]
async fn uploads_of_one_part_and_of_several_come_back_whole_and_in_ranges() {
    let bucket = Bucket::start().await;
    let store = BlobStore::s3(&bucket.settings).unwrap();
    store.check().await.unwrap();
    let large: Vec<u8> = (0..=250).cycle().flat_map(|byte| [byte; 1000]).take(LARGE).collect();
    for bytes in [b"a small gem".as_slice(), &large] {
        let name = name(bytes);
        store.put_upload(&name, &upload(bytes).await).await.unwrap();
        let (size, whole) = read(&store, &name, None).await;
        assert!(size == bytes.len() as u64 && whole == bytes, "{size} of {} bytes", bytes.len());
        let (size, part) = read(&store, &name, Some(2..7)).await;
        assert_eq!((size, part.as_slice()), (bytes.len() as u64, &bytes[2..7]));
        assert_eq!(store.get_bytes(&name).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_blob_is_never_replaced() {
    let bucket = Bucket::start().await;
    let store = BlobStore::s3(&bucket.settings).unwrap();
    let name = name(b"first");
    store.put(&name, "first".into()).await.unwrap();
    store.put(&name, "second".into()).await.unwrap_err();
    assert_eq!(store.get_bytes(&name).await.unwrap(), "first");
}

#[tokio::test]
async fn a_missing_blob_is_told_as_missing_and_deleting_it_is_no_error() {
    let bucket = Bucket::start().await;
    let store = BlobStore::s3(&bucket.settings).unwrap();
    let name = name(b"gone");
    assert!(matches!(store.get(&name, None).await, Err(Error::Missing(_))));
    store.delete(&name).await.unwrap();
    store.put(&name, "here".into()).await.unwrap();
    store.delete(&name).await.unwrap();
    assert!(matches!(store.get_bytes(&name).await, Err(Error::Missing(_))));
    assert_eq!(bucket.objects(), 0);
}
