//! `/gems/FULL.gem` and `/quick/Marshal.4.8/FULL.gemspec.rz`.

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderValue, header};
use http_kit::conditional::{Answer, Representation};
use registry::{Download, Error, Missing, Registry};

use super::{
    answer::{Asked, SHORT, sent},
    indexes::is_written,
};
use crate::{GemError, GemResult, RubyGems};

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// A version is never replaced.
const FOREVER: HeaderValue = HeaderValue::from_static("max-age=31536000, public, immutable");

/// `GET /gems/NAME-VERSION[-PLATFORM].gem`
///
/// Counts a download when the whole file is sent.
pub(super) async fn gem(
    State(gems): State<RubyGems>,
    Path(file): Path<String>,
    asked: Asked,
) -> GemResult<Response> {
    let registry = gems.registry();
    let download = find(registry, &file, ".gem", "gem").await?;
    let (answer, response) = send(registry, &asked, &download, FOREVER).await?;
    if answer == Answer::Full && asked.is_get() {
        registry.count_download(&download);
    }
    Ok(response)
}

/// `GET /quick/Marshal.4.8/NAME-VERSION[-PLATFORM].gemspec.rz`
pub(super) async fn quick(
    State(gems): State<RubyGems>,
    Path(file): Path<String>,
    asked: Asked,
) -> GemResult<Response> {
    let registry = gems.registry();
    let download = find(registry, &file, ".gemspec.rz", "quick").await?;
    Ok(send(registry, &asked, &download, SHORT).await?.1)
}

/// The file of a live release. Its name is never taken apart: only the records know where the version begins.
async fn find(registry: &Registry, file: &str, extension: &str, kind: &str) -> GemResult<Download> {
    let missing = || GemError::not_found("This gem could not be found");
    let full_name = file.strip_suffix(extension).filter(|name| is_written(name)).ok_or_else(missing)?;
    registry.find_gem_file(full_name, kind).await.map_err(|error| match error {
        Error::NotFound(Missing::Release) => missing(),
        other => other.into(),
    })
}

/// Streams a file, or what is asked for of it. The store is not touched for bytes that are not sent.
async fn send(
    registry: &Registry,
    asked: &Asked,
    download: &Download,
    cache_control: HeaderValue,
) -> GemResult<(Answer, Response)> {
    let body = Representation {
        etag: &format!("\"{}\"", hex::encode(download.sha256)),
        last_modified: download.published_at,
        length: download.size,
        ranges: asked.is_get(),
    };
    let (answer, mut response) = asked.begin(&body, registry.now());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, cache_control);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(range) = sent(&answer, download.size) {
        headers.insert(header::CONTENT_TYPE, BYTES);
        headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
        if asked.is_get() {
            let part = matches!(answer, Answer::Part(_)).then_some(range);
            *response.body_mut() = Body::from_stream(registry.open(download, part).await?.bytes);
        }
    }
    Ok((answer, response))
}
