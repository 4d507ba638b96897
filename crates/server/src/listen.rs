//! The accept loop: HTTP/1 with limits on time and room, and an end that lets running requests finish.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http_kit::BodyKind;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown};
use registry::ClientAddress;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

use crate::{
    body::paced,
    config::Limits,
    connections::{Bodies, Connections, Link, TooMany, Tracked},
    faces::{Ends, Faces},
    handles,
    pace::Pace,
    wire::Wire,
};

/// Running requests get this long to finish after the signal.
const FINISH: Duration = Duration::from_mins(5);
/// Largest head of a request, in bytes, and most that is kept of a connection on either way.
const LARGEST_HEAD: usize = 64 * 1024;
/// How often connections are looked for that are overdue: at least so often, or four times within the shortest time they have.
const LOOK: Duration = Duration::from_secs(1);
/// How long new connections wait at a time while others are closed for them.
const KEEP_UP: Duration = Duration::from_millis(1);
/// Connections without room that are told so at the same time; others are closed without a word.
const REFUSALS: usize = 16;
/// How long a client that is told so may take to hear it.
const REFUSAL: Duration = Duration::from_secs(2);
/// At most so many bytes of what it says are read.
const REFUSED_BYTES: u64 = 64 * 1024;
/// What it is told.
const NO_ROOM: &str = "The server has too many connections. Please try again.
";
/// And when to come back, in seconds: stalled clients make room after one.
pub(crate) const RETRY_AFTER: u64 = 5;

/// What every connection shares.
struct Listener {
    faces: Faces,
    limits: Arc<Limits>,
    connections: Arc<Connections>,
    bodies: Bodies,
    refusals: Arc<Semaphore>,
}

/// Accepts connections until `stop`, then waits until running requests are answered.
pub(crate) async fn listen(listener: TcpListener, faces: Faces, limits: Limits, stop: CancellationToken) {
    let bodies = Bodies::new(limits.connections_per_address);
    let room = Connections::new(handles::connections(limits.connections), limits.connections_per_address);
    let (connections, graceful) = (Arc::new(room), GracefulShutdown::new());
    let shared = Arc::new(Listener {
        faces,
        limits: Arc::new(limits),
        connections,
        bodies,
        refusals: Arc::new(Semaphore::new(REFUSALS)),
    });
    let overdue = tokio::spawn(close_overdue(Arc::clone(&shared)));
    loop {
        while !shared.connections.keeps_up() {
            tokio::time::sleep(KEEP_UP).await;
        }
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => serve(&shared, stream, peer.ip(), &graceful),
            Err(error) => {
                // Out of file descriptors, or a connection that ended before it began: the next one may do better.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(FINISH, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests that did not finish in time are cut off");
    }
    overdue.abort();
}

/// Serves a connection in a task of its own, if there is room for it.
fn serve(shared: &Arc<Listener>, stream: TcpStream, peer: IpAddr, graceful: &GracefulShutdown) {
    let Ok(local) = stream.local_addr() else { return };
    let ends = Ends { peer, local: local.ip() };
    let from = (!shared.faces.is_proxy(ends.peer)).then(|| ClientAddress(ends.peer).limit_key());
    let Some(seat) = shared.connections.admit(from) else { return refuse(shared, stream) };
    // Answers are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let pace = Pace::at_least(shared.limits.bytes_per_second, shared.limits.write_timeout);
    let wire = Wire::new(TokioIo::new(stream), Arc::clone(seat.link()), pace);
    let (link, listener) = (Arc::clone(seat.link()), Arc::clone(shared));
    let service = service_fn(move |request| answer(Arc::clone(&listener), Arc::clone(&link), ends, request));
    // `close_overdue` looks after heads that do not get complete: so a request costs no timer.
    let mut http = http1::Builder::new();
    let http = http.header_read_timeout(None).max_buf_size(LARGEST_HEAD).max_header_size(LARGEST_HEAD);
    let connection = graceful.watch(http.serve_connection(wire, service));
    let link = Arc::clone(seat.link());
    let task = tokio::spawn(async move {
        let _seat = seat;
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
    link.served_by(task.abort_handle());
}

/// Answers a request, unless its connection is being closed.
async fn answer(
    shared: Arc<Listener>,
    link: Arc<Link>,
    ends: Ends,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Tracked>, Closing> {
    if !link.begin() {
        return Err(Closing);
    }
    let body = if request.body().is_end_stream() {
        shared.faces.answer(request.map(Body::new), ends).await
    } else {
        // Boxed, so that requests without a body stay small.
        Box::pin(shared.answer_with_body(request.map(Body::new), &link, ends)).await
    };
    Ok(body.map(|body| Tracked { body, link }))
}

/// The connection is being closed: nothing that comes on it is done any more.
#[derive(Debug, thiserror::Error)]
#[error("the connection is being closed to make room")]
struct Closing;

impl Listener {
    /// Answers a request whose client still has to send a body. Behind a trusted proxy, whose connections have no limit of their own,
    /// each client sends only so many at the same time.
    async fn answer_with_body(&self, request: Request, link: &Arc<Link>, ends: Ends) -> Response {
        let client = self.faces.is_proxy(ends.peer).then(|| self.faces.client(request.headers(), ends.peer));
        let Ok(_turn) = self.bodies.begin(client.map(|client| ClientAddress(client).limit_key())) else {
            return TooMany.into_response();
        };
        let kind = BodyKind::default();
        let limits = Arc::clone(&self.limits);
        let mut request = request.map(|body| paced(body, kind.clone(), limits, Arc::clone(link)));
        request.extensions_mut().insert(kind);
        self.faces.answer(request, ends).await
    }
}

/// Closes the connections whose next request does not begin, or does not get complete, in time.
async fn close_overdue(shared: Arc<Listener>) {
    let (idle, head) = (shared.limits.idle_timeout, shared.limits.header_timeout);
    let pause = LOOK.min(idle / 4).min(head / 4);
    loop {
        tokio::time::sleep(pause).await;
        shared.connections.close_overdue(idle, head);
    }
}

/// Tells a client that there is no room for its connection, as long as that costs little.
fn refuse(shared: &Listener, mut stream: TcpStream) {
    let Ok(permit) = Arc::clone(&shared.refusals).try_acquire_owned() else { return };
    tokio::spawn(async move {
        let _permit = permit;
        // A client that goes away first has nothing to hear.
        let _ = tokio::time::timeout(REFUSAL, tell_no_room(&mut stream)).await;
    });
}

/// Writes the answer, and reads what the client says meanwhile: else the answer would be lost with what was not read.
async fn tell_no_room(stream: &mut TcpStream) -> std::io::Result<()> {
    let head =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8";
    let answer =
        format!("{head}\r\nRetry-After: {RETRY_AFTER}\r\nContent-Length: {}\r\n\r\n{NO_ROOM}", NO_ROOM.len());
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut unread = stream.take(REFUSED_BYTES);
    tokio::io::copy(&mut unread, &mut tokio::io::sink()).await.map(drop)
}
