//! How often gems were downloaded.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use domain::Ecosystem;
use http::{Uri, header};
use http_kit::{Format, split_format};
use serde_json::json;

use crate::{GemError, GemResult, RubyGems};

/// `GET /api/v1/downloads[.json|.yaml]`: all downloads.
pub(super) async fn total(State(state): State<RubyGems>, uri: Uri) -> GemResult<Response> {
    let total = state.registry().total_downloads(Ecosystem::RubyGems).await?;
    Ok(match split_format(uri.path()).1 {
        Some(Format::Json) => Json(json!({ "total": total })).into_response(),
        Some(Format::Yaml) => {
            ([(header::CONTENT_TYPE, "text/yaml; charset=utf-8")], format!("---\n:total: {total}\n"))
                .into_response()
        }
        Some(Format::Plain) | None => total.to_string().into_response(),
    })
}

/// `GET /api/v1/downloads/NAME-1.0.json`: downloads of a version and of its gem.
pub(super) async fn of_release(
    State(state): State<RubyGems>,
    Path(segment): Path<String>,
) -> GemResult<Response> {
    let (full_name, Some(Format::Json)) = split_format(&segment) else {
        return Err(GemError::not_found("Not Found"));
    };
    let (package, release) = state.registry().gem_downloads(full_name).await?;
    Ok(Json(json!({ "total_downloads": package, "version_downloads": release })).into_response())
}
