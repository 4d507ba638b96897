use std::{
    io::Read as _,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, WriteMultipart, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path as ObjectPath,
};

use crate::{BlobName, Upload};

/// Uploads above this size are stored in parts of this size.
const PART: usize = 8 * 1024 * 1024;

/// Why a blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such blob.
    #[error("the blob `{0}` is missing")]
    Missing(String),
    /// Anything else the backend reports.
    #[error("blob store: {0}")]
    Backend(#[source] object_store::Error),
    /// A file or folder cannot be read.
    #[error("the files cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::Missing(path),
            other => Self::Backend(other),
        }
    }
}

/// Where S3 is.
#[derive(Clone)]
pub struct S3 {
    /// Bucket name.
    pub bucket: String,
    /// Region; `us-east-1` when the server does not care.
    pub region: String,
    /// Address of the server, when it is not the one of the region.
    pub endpoint: Option<String>,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

impl std::fmt::Debug for S3 {
    /// Without the credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// Keeps blobs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BlobStore {
    store: Arc<dyn ObjectStore>,
    /// The folder, where there is one.
    folder: Option<PathBuf>,
}

/// A blob being read.
pub struct BlobRead {
    /// Bytes of the whole blob.
    pub size: u64,
    /// The bytes asked for.
    pub bytes: BoxStream<'static, Result<Bytes, Error>>,
}

impl std::fmt::Debug for BlobRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobRead").field("size", &self.size).finish_non_exhaustive()
    }
}

impl BlobStore {
    /// Blobs as files below `folder`, which must exist.
    pub fn folder(folder: &Path) -> Result<Self, Error> {
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder.to_owned()) })
    }

    /// Blobs as objects of an S3 bucket, which must exist.
    pub fn s3(s3: &S3) -> Result<Self, Error> {
        // The transport takes the cryptography that the process has chosen; a second choice changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&s3.bucket)
            .with_region(&s3.region)
            .with_access_key_id(&s3.access_key_id)
            .with_secret_access_key(&s3.secret_access_key);
        if let Some(endpoint) = &s3.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        Ok(Self { store: Arc::new(builder.build()?), folder: None })
    }

    /// Stores a whole upload under a new name. A name that exists is an error: blobs are never replaced.
    pub async fn put_upload(&self, name: &BlobName, upload: &Upload) -> Result<(), Error> {
        let mut reader = upload.reader()?;
        if upload.size() <= PART as u64 {
            let mut bytes = Vec::with_capacity(usize::try_from(upload.size()).unwrap_or(PART));
            reader.read_to_end(&mut bytes)?;
            return self.put(name, bytes.into()).await;
        }
        let parts = self.store.put_multipart(&path(name)).await?;
        let mut writer = WriteMultipart::new_with_chunk_size(parts, PART);
        loop {
            let (chunk, rest) = read_part(reader).await?;
            reader = rest;
            if chunk.is_empty() {
                break;
            }
            writer.wait_for_capacity(4).await?;
            writer.put(chunk);
        }
        writer.finish().await?;
        Ok(())
    }

    /// Stores bytes under a new name. A name that exists is an error.
    pub async fn put(&self, name: &BlobName, bytes: Bytes) -> Result<(), Error> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        self.store.put_opts(&path(name), bytes.into(), options).await?;
        Ok(())
    }

    /// Reads a blob, or a part of it.
    pub async fn get(&self, name: &BlobName, range: Option<Range<u64>>) -> Result<BlobRead, Error> {
        let options = object_store::GetOptions { range: range.map(Into::into), ..Default::default() };
        let result = self.store.get_opts(&path(name), options).await?;
        Ok(BlobRead {
            size: result.meta.size,
            bytes: result.into_stream().map(|part| part.map_err(Error::from)).boxed(),
        })
    }

    /// Reads a small blob whole.
    pub async fn get_bytes(&self, name: &BlobName) -> Result<Bytes, Error> {
        Ok(self.store.get(&path(name)).await?.bytes().await?)
    }

    /// Deletes a blob. One that is missing is deleted already.
    pub async fn delete(&self, name: &BlobName) -> Result<(), Error> {
        match self.store.delete(&path(name)).await {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the backend for something small: an error says that it cannot be reached.
    pub async fn check(&self) -> Result<(), Error> {
        if let Some(folder) = &self.folder {
            return Ok(tokio::fs::metadata(folder).await.map(drop)?);
        }
        match self.store.head(&ObjectPath::from("readiness")).await {
            Err(object_store::Error::NotFound { .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn path(name: &BlobName) -> ObjectPath {
    ObjectPath::from(name.as_str())
}

async fn read_part(mut file: std::fs::File) -> std::io::Result<(Bytes, std::fs::File)> {
    let read = move || {
        let mut part = Vec::with_capacity(PART);
        (&mut file).take(PART as u64).read_to_end(&mut part)?;
        Ok((part.into(), file))
    };
    tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
}
