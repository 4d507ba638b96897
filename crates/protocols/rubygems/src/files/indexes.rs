//! `/names`, `/versions`, `/info/NAME` and the Marshal indexes.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use registry::{Error, Missing};

use super::answer::{Asked, SHORT, serve};
use crate::{GemError, GemResult, RubyGems, index::SpecsList};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Not what gzip is for HTTP: the client unpacks it, nobody before it.
const PACKED: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// `GET /names`
pub(super) async fn names(State(gems): State<RubyGems>, asked: Asked) -> GemResult<Response> {
    let document = gems.index().names(gems.registry()).await?;
    Ok(serve(&asked, &document, TEXT, gems.registry().now()))
}

/// `GET /versions`
pub(super) async fn versions(State(gems): State<RubyGems>, asked: Asked) -> GemResult<Response> {
    let document = gems.index().versions(gems.registry()).await?;
    Ok(serve(&asked, &document, TEXT, gems.registry().now()))
}

/// `GET /info/NAME`
pub(super) async fn info(
    State(gems): State<RubyGems>,
    Path(name): Path<String>,
    asked: Asked,
) -> GemResult<Response> {
    if !is_written(&name) {
        return Ok(unknown_gem());
    }
    match gems.index().info(gems.registry(), &name).await {
        Ok(document) => Ok(serve(&asked, &document, TEXT, gems.registry().now())),
        Err(Error::NotFound(Missing::Package)) => Ok(unknown_gem()),
        Err(error) => Err(error.into()),
    }
}

/// `GET /specs.4.8.gz`, `/latest_specs.4.8.gz`, `/prerelease_specs.4.8.gz`
pub(super) async fn specs(
    State(gems): State<RubyGems>,
    asked: Asked,
    list: SpecsList,
) -> GemResult<Response> {
    let document = gems.index().specs(gems.registry(), list).await?;
    Ok(serve(&asked, &document, PACKED, gems.registry().now()))
}

/// Whether a name is visible ASCII: nothing else was ever published, and the database need not see it.
pub(super) fn is_written(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Caches may keep it as long as a document.
fn unknown_gem() -> Response {
    let mut response = GemError::not_found("This gem could not be found").into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, SHORT);
    response
}
