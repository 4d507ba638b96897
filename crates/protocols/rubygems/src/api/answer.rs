//! Answers in the format that was asked for.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri, header};
use http_kit::{Format, split_format, yaml};
use serde_json::Value;

/// A document as JSON, or as YAML where the path or `Accept` asks for it.
pub(super) fn document(value: &Value, uri: &Uri, headers: &HeaderMap) -> Response {
    match split_format(uri.path()).1.unwrap_or_else(|| Format::accepted(headers, Format::Json)) {
        Format::Yaml => {
            let type_and_disposition = [
                (header::CONTENT_TYPE, "text/yaml; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment"),
            ];
            (type_and_disposition, yaml(value)).into_response()
        }
        Format::Json | Format::Plain => Json(value).into_response(),
    }
}
