//! Documents about versions of gems.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Uri, header};
use http_kit::split_format;
use registry::{Error, Missing};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answer::document, gems::find, payload};
use crate::{GemError, GemResult, RubyGems};

/// `GET /api/v1/versions/NAME.json`: live versions, newest first. The suffix is mandatory.
pub(super) async fn list(
    State(state): State<RubyGems>,
    Path(segment): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let (name, Some(_)) = split_format(&segment) else { return Err(GemError::not_found("Not Found")) };
    let details = find(&state, name).await?;
    if details.releases.is_empty() {
        return Err(Error::from(Missing::Package).into());
    }
    let versions = payload::newest_first(&details.releases)
        .into_iter()
        .map(|release| payload::version(&details, release));
    let versions = versions.map(|fields| fields.map(Value::Object)).collect::<GemResult<Vec<_>>>()?;
    Ok(document(&Value::Array(versions), &uri, &headers))
}

#[derive(Debug, Deserialize)]
pub(super) struct Latest {
    callback: Option<String>,
}

/// `GET /api/v1/versions/NAME/latest.json[?callback=f]`: the number of the newest release, `unknown` for unknown gems.
pub(super) async fn latest(
    State(state): State<RubyGems>,
    Path(name): Path<String>,
    Query(query): Query<Latest>,
) -> GemResult<Response> {
    let number = match find(&state, &name).await {
        Ok(details) => payload::representative(&details.releases).map(|release| release.number.clone()),
        Err(GemError::Internal) => return Err(GemError::Internal),
        Err(_) => None,
    };
    let answer = json!({ "version": number.as_deref().unwrap_or("unknown") });
    match query.callback.filter(|name| is_identifier(name)) {
        Some(callback) => {
            let script = format!("/**/{callback}({answer})");
            Ok(([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script).into_response())
        }
        None => Ok(Json(answer).into_response()),
    }
}

fn is_identifier(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.'))
}

#[derive(Debug, Deserialize)]
pub(super) struct Platform {
    platform: Option<String>,
}

/// `GET /api/v2/rubygems/NAME/versions/1.0.0[.json|.yaml][?platform=x]`: one version, with all that is said of its gem.
pub(super) async fn show(
    State(state): State<RubyGems>,
    Path((name, segment)): Path<(String, String)>,
    Query(query): Query<Platform>,
    uri: Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let details = find(&state, &name).await.map_err(|error| match error {
        GemError::Text(..) => GemError::not_found("This gem could not be found"),
        other => other,
    })?;
    let number = split_format(&segment).0;
    let platform = query.platform.as_deref().unwrap_or("ruby");
    let release =
        details.releases.iter().find(|release| release.number == number && release.platform == platform);
    let release = release.ok_or(Error::from(Missing::Release))?;
    let mut fields = payload::gem(&details, release, &state.options().base_url)?;
    fields.extend(payload::version(&details, release)?);
    Ok(document(&Value::Object(fields), &uri, &headers))
}
