//! Documents about gems.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::{Ecosystem, PackageName};
use futures_util::{Stream, StreamExt as _};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use http_kit::split_format;
use registry::{Error, Listed, Missing, Recorded, Result};
use serde_json::{Map, Value};

use super::{
    answer::{document, list},
    payload::{self, Shown},
    profiles::find_public,
};
use crate::{GemError, GemResult, RubyGems, caller::KeyCaller};

/// What scripts of the sites that may read what is public of a gem are told.
const READ_BY_OTHER_SITES: [(HeaderName, HeaderValue); 3] = [
    (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("X-Requested-With, X-Prototype-Version")),
    (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET")),
    (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("1728000")),
];

/// `GET /api/v1/gems[.json|.yaml]`: the caller's own gems.
pub(super) async fn own(
    State(state): State<RubyGems>,
    KeyCaller(caller): KeyCaller,
    uri: Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let packages = state.registry().own_packages(&caller, Ecosystem::RubyGems)?;
    list(documents(packages, &state), &uri, &headers).await
}

/// `GET /api/v1/owners/HANDLE/gems.json`: somebody's gems. Public; the suffix is mandatory.
pub(super) async fn of_owner(
    State(state): State<RubyGems>,
    Path((handle, segment)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let ("gems", Some(_)) = split_format(&segment) else { return Err(GemError::not_found("Not Found")) };
    let account = find_public(state.registry(), &handle).await?;
    let packages = state.registry().packages_of(account.id, Ecosystem::RubyGems);
    list(documents(packages, &state), &uri, &headers).await
}

/// The documents about gems, each made when it is asked for.
fn documents(
    packages: impl Stream<Item = Result<Listed>> + Send + 'static,
    state: &RubyGems,
) -> impl Stream<Item = GemResult<Value>> + Send + 'static {
    let state = state.clone();
    let packages = state.registry().with_recorded(packages, |listed| listed.latest.id);
    packages.map(move |gem| {
        let (listed, recorded) = gem?;
        Ok(Value::Object(fields(&listed, &recorded, &state)?))
    })
}

/// The document about a gem as its latest release shows it.
pub(super) fn fields(
    listed: &Listed,
    recorded: &Recorded,
    state: &RubyGems,
) -> GemResult<Map<String, Value>> {
    let Listed { package, latest, downloads } = listed;
    let shown = Shown { package, downloads: *downloads, release: latest, recorded };
    payload::gem(&shown, &state.options().base_url)
}

/// `GET /api/v1/gems/NAME[.json|.yaml]`: one gem. Public, also for scripts of the sites that the operator named.
pub(super) async fn show(
    State(state): State<RubyGems>,
    Path(segment): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let listed = find(&state, split_format(&segment).0).await?;
    let recorded = state.registry().recorded(listed.latest.id).await?;
    let gem = fields(&listed, &recorded, &state)?;
    let answer = document(&Value::Object(gem), &uri, &headers);
    Ok(state.options().cors.share(&headers, answer, &READ_BY_OTHER_SITES))
}

/// `OPTIONS /api/v1/gems/NAME`: what a browser asks before a script of another site may read.
pub(super) async fn preflight(State(state): State<RubyGems>, headers: HeaderMap) -> Response {
    state.options().cors.share(&headers, StatusCode::OK.into_response(), &READ_BY_OTHER_SITES)
}

/// A gem with a live release by its name in a path: letter for letter.
pub(super) async fn find(state: &RubyGems, name: &str) -> GemResult<Listed> {
    let unknown = || GemError::from(Error::from(Missing::Package));
    let parsed = PackageName::parse(Ecosystem::RubyGems, name).map_err(|_| unknown())?;
    let listed = state.registry().listed(&parsed).await?;
    if listed.package.name.as_str() == name { Ok(listed) } else { Err(unknown()) }
}
