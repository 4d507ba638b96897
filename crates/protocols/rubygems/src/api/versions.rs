//! Documents about versions of gems.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, Uri, header};
use http_kit::split_format;
use registry::{Error, Missing};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::{document, list as write_list},
    gems::find,
    payload::{self, Shown},
};
use crate::{GemError, GemResult, RubyGems};

/// `GET /api/v1/versions/NAME.json`: live versions, newest first. The suffix is mandatory.
pub(super) async fn list(
    State(state): State<RubyGems>,
    Path(segment): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let (name, Some(_)) = split_format(&segment) else { return Err(GemError::not_found("Not Found")) };
    let package = find(&state, name).await?.package;
    let mut releases = state.registry().live_releases(package.id).await?;
    payload::sort_newest_first(&mut releases);
    let releases = stream::iter(releases).map(Ok);
    let versions = state.registry().with_recorded(releases, |release| release.id).map(|version| {
        let (release, recorded) = version?;
        payload::version(&release, &recorded).map(Value::Object)
    });
    write_list(versions, &uri, &headers).await
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
        Ok(listed) => Some(listed.latest.number),
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
    let listed = find(&state, &name).await.map_err(|error| match error {
        GemError::Text(..) => GemError::not_found("This gem could not be found"),
        other => other,
    })?;
    let number = split_format(&segment).0;
    let platform = query.platform.as_deref().unwrap_or("ruby");
    let release = state.registry().release(listed.package.id, number, platform).await?;
    if release.withdrawn_at.is_some() {
        return Err(Error::from(Missing::Release).into());
    }
    let recorded = state.registry().recorded(release.id).await?;
    let (package, downloads) = (&listed.package, listed.downloads);
    let shown = Shown { package, downloads, release: &release, recorded: &recorded };
    let mut fields = payload::gem(&shown, &state.options().base_url)?;
    fields.extend(payload::version(&release, &recorded)?);
    Ok(document(&Value::Object(fields), &uri, &headers))
}
