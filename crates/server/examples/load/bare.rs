//! The measure: a bare handler of the web framework in the same accept loop.

use std::time::Duration;

use anyhow::Result;
use axum::{Router, routing::get};
use http::StatusCode;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;

use crate::noop::PATH;

/// Answers 204 at the path that the real server is asked for, until it is killed.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let router = Router::new().route(PATH, get(|| async { StatusCode::NO_CONTENT }));
    let mut server = Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(30));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service).into_owned());
    }
}
