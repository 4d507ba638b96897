//! The accept loop: HTTP/1 with limits on time, and an end that lets running requests finish.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::body::Body;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Limits,
    faces::{Ends, Faces},
    steady::steady,
};

/// Running requests get this long to finish after the signal.
const FINISH: Duration = Duration::from_mins(5);

/// Accepts connections until `stop`, then waits until running requests are answered.
pub(crate) async fn listen(listener: TcpListener, faces: Faces, limits: Limits, stop: CancellationToken) {
    let mut server = Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(limits.header_timeout);
    let (faces, connections) = (Arc::new(faces), GracefulShutdown::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a connection that ended before it began: the next one may do better.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Answers are small and wanted at once.
        let _ = stream.set_nodelay(true);
        let Ok(local) = stream.local_addr() else { continue };
        let ends = Ends { peer: peer.ip(), local: local.ip() };
        let (faces, idle) = (Arc::clone(&faces), limits.body_idle_timeout);
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let faces = Arc::clone(&faces);
            let request = request.map(|body| steady(Body::new(body), idle));
            async move { Ok::<_, Infallible>(faces.answer(request, ends).await) }
        });
        let connection =
            connections.watch(server.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(FINISH, connections.shutdown()).await.is_err() {
        tracing::warn!("requests that did not finish in time are cut off");
    }
}
