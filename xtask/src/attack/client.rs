//! Connections to the server, from any address of loopback.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::request::{Answer, Request};

/// Of an answer so much is kept, in bytes.
const KEPT: usize = 64 * 1024;

/// Somebody at one address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    server: SocketAddr,
    address: Ipv4Addr,
    patience: Duration,
}

impl Client {
    /// A client at this address of loopback, who waits so long for anything.
    pub(crate) fn new(server: SocketAddr, address: Ipv4Addr, patience: Duration) -> Self {
        Self { server, address, patience }
    }

    /// The same client, who waits so long for anything.
    pub(crate) fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Connects.
    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        self.connect_with(|_| Ok(()))
    }

    /// Connects with a socket that receives little at a time, so that a server must keep what is not read.
    pub(crate) fn connect_narrow(&self) -> io::Result<TcpStream> {
        self.connect_with(|socket| socket.set_recv_buffer_size(4096))
    }

    fn connect_with(&self, prepare: impl FnOnce(&Socket) -> io::Result<()>) -> io::Result<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((self.address, 0)).into())?;
        prepare(&socket)?;
        socket.connect_timeout(&self.server.into(), self.patience)?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(self.patience))?;
        stream.set_write_timeout(Some(self.patience))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Sends a request and reads the answer to its end.
    pub(crate) fn ask(&self, request: &Request) -> io::Result<Answer> {
        let mut stream = self.connect()?;
        // A server that refuses early closes while we still send: what it says counts.
        let sent = stream.write_all(&request.bytes());
        match read_answer(&mut stream, self.patience) {
            Ok(answer) => Ok(answer),
            Err(error) => Err(sent.err().unwrap_or(error)),
        }
    }

    /// Sends a request and hangs up a moment later, without waiting for the answer.
    pub(crate) fn ask_and_hang_up(&self, request: &Request, after: Duration) -> io::Result<()> {
        let mut stream = self.connect()?;
        stream.write_all(&request.bytes())?;
        std::thread::sleep(after);
        Ok(())
    }
}

/// Reads what the server sends until it closes the connection.
pub(crate) fn read_answer(stream: &mut TcpStream, patience: Duration) -> io::Result<Answer> {
    let (start, mut kept, mut buffer) = (Instant::now(), Vec::new(), vec![0; KEPT]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => kept.extend_from_slice(&buffer[..count.min(KEPT - kept.len())]),
            // The answer may have come before the connection broke.
            Err(_) if !kept.is_empty() => break,
            Err(error) => return Err(error),
        }
        if start.elapsed() > patience {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Answer::of(&kept).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
