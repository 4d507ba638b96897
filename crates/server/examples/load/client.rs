//! A client of HTTP/1.1 with as little work of its own as possible: one request at a time over one connection.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Ends the head of an answer.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What is looked at of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// The bytes of its body.
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a whole request and receives the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let head = self.receive_head().await?;
        let text = std::str::from_utf8(&self.received[..head])?;
        let (status, length) = (status(text)?, content_length(text)?);
        while self.received.len() < head + length {
            self.receive().await?;
        }
        Ok(Answer { status, body: self.received[head..].to_vec() })
    }

    /// Receives until the head is complete; returns its length.
    async fn receive_head(&mut self) -> Result<usize> {
        loop {
            self.receive().await?;
            if let Some(end) = self.received.windows(END_OF_HEAD.len()).position(|part| part == END_OF_HEAD) {
                return Ok(end + END_OF_HEAD.len());
            }
        }
    }

    async fn receive(&mut self) -> Result<()> {
        let count = self.stream.read_buf(&mut self.received).await?;
        ensure!(count > 0, "the server closed the connection");
        Ok(())
    }
}

fn status(head: &str) -> Result<u16> {
    head.get(9..12).and_then(|code| code.parse().ok()).context("the answer has no status")
}

fn content_length(head: &str) -> Result<usize> {
    for line in head.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        ensure!(!name.eq_ignore_ascii_case("transfer-encoding"), "the answer has no length");
        if name.eq_ignore_ascii_case("content-length") {
            return Ok(value.trim().parse()?);
        }
    }
    Ok(0)
}

/// A `GET`, with a key or without.
pub(crate) fn get(path: &str, key: Option<&str>) -> Vec<u8> {
    let authorization = key.map(|key| format!("Authorization: {key}\r\n")).unwrap_or_default();
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}User-Agent: load\r\nAccept: */*\r\n\r\n"
    )
    .into_bytes()
}

/// A push of a gem.
pub(crate) fn push(key: &str, gem: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST /rubygems/api/v1/gems HTTP/1.1\r\nHost: localhost\r\nAuthorization: {key}\r\nUser-Agent: load\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
        gem.len()
    )
    .into_bytes();
    request.extend_from_slice(gem);
    request
}
