use std::time::Duration;

use server::Running;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Longer than any test waits for a server that works.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection on which a test writes the bytes of a request itself: slow ones, broken ones, ones that stop.
#[derive(Debug)]
pub struct RawConnection(TcpStream);

impl RawConnection {
    /// Connects to a server.
    pub async fn open(server: &Running) -> Self {
        Self(TcpStream::connect(server.address()).await.expect("the server listens"))
    }

    /// Sends bytes.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the server reads");
    }

    /// Sends bytes to a server that may have stopped to listen.
    pub async fn try_send(&mut self, bytes: &[u8]) {
        // Whatever the server says of it stands in its answer.
        let _ = self.0.write_all(bytes).await;
    }

    /// Says that nothing more will be sent.
    pub async fn end(&mut self) {
        self.0.shutdown().await.expect("the connection can be ended");
    }

    /// Everything that the server sends until it closes the connection.
    pub async fn rest(mut self) -> String {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut bytes))
            .await
            .expect("the server closes the connection");
        // A reset after the answer is the same to a client that has read it.
        let _ = read;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What the server sends next.
    pub async fn next(&mut self) -> String {
        let mut bytes = vec![0; 64 * 1024];
        let read = timeout(PATIENCE, self.0.read(&mut bytes)).await.expect("the server sends something");
        bytes.truncate(read.unwrap_or(0));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
