//! The bytes of a connection: clients that do not read are not waited for, and it is noted when a request begins.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::Sleep;

use crate::{connections::Link, pace::Pace};

/// A connection whose client has to keep a pace while there is something for it to read.
#[derive(Debug)]
pub(crate) struct Wire<T> {
    io: T,
    link: Arc<Link>,
    pace: Pace,
    blocked: Option<Blocked>,
}

/// The client does not read.
#[derive(Debug)]
struct Blocked {
    since: Instant,
    patience: Pin<Box<Sleep>>,
}

impl<T> Wire<T> {
    pub(crate) fn new(io: T, link: Arc<Link>, pace: Pace) -> Self {
        Self { io, link, pace, blocked: None }
    }

    /// What a write came to, or that the client has not read for too long.
    fn paced(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let Poll::Ready(written) = written else {
            ready!(self.blocked().patience.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        };
        if let Some(blocked) = self.blocked.take() {
            self.pace.waited(blocked.since.elapsed());
            self.link.unblocked();
        }
        self.pace.moved(*written.as_ref().unwrap_or(&0));
        Poll::Ready(written)
    }

    fn blocked(&mut self) -> &mut Blocked {
        let (pace, link) = (&self.pace, &self.link);
        self.blocked.get_or_insert_with(|| {
            link.blocked();
            Blocked { since: Instant::now(), patience: Box::pin(tokio::time::sleep(pace.left())) }
        })
    }
}

impl<T: Read + Unpin> Read for Wire<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        self.link.heard();
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Write for Wire<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.paced(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, parts);
        self.paced(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
