//! An S3 server on the loopback address, with one bucket in a temporary folder.

use std::path::{Path, PathBuf};

use blobs::S3;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

const NAME: &str = "packages";
const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET_ACCESS_KEY: &str = "a secret of the tests";

/// A bucket that lasts for one test.
pub(crate) struct Bucket {
    /// Where it is.
    pub(crate) settings: S3,
    folder: TempDir,
}

impl Bucket {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join(NAME)).expect("a bucket is a folder");
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("the folder exists"));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("it listens"));
        tokio::spawn(serve(listener, service.build()));
        let settings = S3 {
            bucket: NAME.to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(endpoint),
            access_key_id: ACCESS_KEY_ID.to_owned(),
            secret_access_key: SECRET_ACCESS_KEY.to_owned(),
        };
        Self { settings, folder }
    }

    /// How many objects there are.
    pub(crate) fn objects(&self) -> usize {
        files(&self.folder.path().join(NAME)).len()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

async fn serve(listener: TcpListener, service: S3Service) {
    let server = Builder::new(TokioExecutor::new());
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service.clone()).into_owned());
    }
}
