use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use server::Running;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
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

    /// Connects to a server from one of the addresses of this machine.
    pub async fn open_from(server: &Running, address: IpAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((address, 0))).expect("an address of this machine");
        Self(socket.connect(server.address()).await.expect("the server listens"))
    }

    /// Connects to a server with little room for what it sends.
    pub async fn open_narrow(server: &Running) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        Self(socket.connect(server.address()).await.expect("the server listens"))
    }

    /// Whether the server takes these bytes.
    pub async fn takes(&mut self, bytes: &[u8]) -> bool {
        timeout(PATIENCE, self.0.write_all(bytes)).await.is_ok_and(|sent| sent.is_ok())
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
    pub async fn rest(self) -> String {
        String::from_utf8_lossy(&self.rest_bytes().await).into_owned()
    }

    /// The same as bytes.
    pub async fn rest_bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut bytes))
            .await
            .expect("the server closes the connection");
        // A reset after the answer is the same to a client that has read it.
        let _ = read;
        bytes
    }

    /// What the server sends next.
    pub async fn next(&mut self) -> String {
        let mut bytes = vec![0; 64 * 1024];
        let read = timeout(PATIENCE, self.0.read(&mut bytes)).await.expect("the server sends something");
        bytes.truncate(read.unwrap_or(0));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
