#![doc = include_str!("../README.md")]

mod api;
mod caller;
mod error;
mod files;
mod index;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use http::{HeaderValue, header};
use http_kit::{CorsOrigins, Routes};
use registry::{Registry, Workers};

pub use error::{GemError, GemResult};
pub use index::CompactIndex;

/// Most gems that are read at once, however many cores there are: each may take 64 MiB.
const INSPECTIONS: usize = 4;
/// How long an upload that has arrived waits to be read.
const INSPECTION_PATIENCE: Duration = Duration::from_secs(30);

/// What an operator may choose of this face.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address of this server, without a slash at its end.
    pub base_url: String,
    /// Whether `/info` tells when each release was published.
    pub info_created_at: bool,
    /// Whether `GET /api/v1/api_key` makes keys for clients older than RubyGems 3.2.
    pub legacy_get_api_key: bool,
    /// The sites whose scripts may read what is public of a gem.
    pub cors: CorsOrigins,
}

/// The state of this face. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RubyGems {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    options: Options,
    index: index::Indexes,
    /// Reading a gem takes memory and a core.
    inspections: Workers,
}

impl RubyGems {
    /// The face of `registry`.
    pub fn new(registry: Registry, options: Options) -> Self {
        let index = index::Indexes::new(options.info_created_at);
        let inspections = Workers::new(INSPECTIONS, INSPECTION_PATIENCE);
        Self { inner: Arc::new(Inner { registry, options, index, inspections }) }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    pub(crate) fn index(&self) -> &index::Indexes {
        &self.inner.index
    }

    pub(crate) fn inspections(&self) -> &Workers {
        &self.inner.inspections
    }

    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }
}

/// All routes of this face, relative to its base, with what each asks of its caller.
pub fn routes() -> Routes<RubyGems> {
    api::routes().merge(files::routes())
}

/// The router of this face.
pub fn router(state: RubyGems) -> Router {
    let face = state.clone();
    routes()
        .into_router()
        .fallback(api::nothing)
        .layer(from_fn(move |request: Request, next: Next| finish(face.clone(), request, next)))
        .with_state(state)
}

/// Writes the answers that only the face as a whole can write. Nothing that is answered to a caller with credentials may be kept by
/// anybody in between, refusals included.
async fn finish(face: RubyGems, request: Request, next: Next) -> Response {
    let authenticated = request.headers().contains_key(header::AUTHORIZATION);
    let mut response = error::complete(&face.options().base_url, request, next).await;
    if authenticated {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert("surrogate-control", HeaderValue::from_static("max-age=0"));
        headers.append(header::VARY, HeaderValue::from_static("Cookie, Authorization"));
    }
    response
}
