//! The dependency API of long ago. Clients accept its absence and go on with the indexes.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, Uri};
use http_kit::{Format, split_format};
use serde_json::json;

const GONE: &str = "The dependency API has gone away. Please use the compact index, which this server has.";

/// `GET /api/v1/dependencies`
pub(super) async fn gone(uri: Uri) -> Response {
    match split_format(uri.path()).1 {
        Some(Format::Json) => {
            (StatusCode::NOT_FOUND, Json(json!({ "error": GONE, "code": 404 }))).into_response()
        }
        _ => (StatusCode::NOT_FOUND, GONE).into_response(),
    }
}
