//! Finding gems by parts of their names.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Ecosystem;
use http::{HeaderMap, Uri};
use http_kit::Params;
use registry::{Listing, PackageDetails};
use serde_json::{Value, json};

use super::{answer::document, payload};
use crate::{GemError, GemResult, RubyGems};

/// Results on a page.
const PAGE: u32 = 30;
/// Last page that is served.
const LAST_PAGE: u32 = 1000;
/// Fields of the gem document that search results go without.
const LEFT_OUT: [&str; 4] = ["yanked", "spec_sha", "version_created_at", "dependencies"];

/// `GET /api/v1/search[.json|.yaml]?query=&page=`
pub(super) async fn search(
    State(state): State<RubyGems>,
    uri: Uri,
    headers: HeaderMap,
    params: Params,
) -> GemResult<Response> {
    let query = params.get("query").ok_or_else(|| GemError::missing_param("query"))?;
    let page = params.present("page").unwrap_or("1").parse().unwrap_or(0);
    if !(1..=LAST_PAGE).contains(&page) {
        return Ok(Redirect::to(&first_page(&uri, query)).into_response());
    }
    let found =
        state.registry().search(Ecosystem::RubyGems, query.trim(), Listing { page, size: PAGE }).await?;
    let results =
        found.iter().filter_map(|details| result(details, &state)).collect::<GemResult<Vec<_>>>()?;
    Ok(document(&Value::Array(results), &uri, &headers))
}

fn result(details: &PackageDetails, state: &RubyGems) -> Option<GemResult<Value>> {
    let release = payload::representative(&details.releases)?;
    Some(payload::gem(details, release, &state.options().base_url).map(|mut gem| {
        gem.retain(|field, _| !LEFT_OUT.contains(&field.as_str()));
        Value::Object(gem)
    }))
}

/// A relative address: the same path, without a page.
fn first_page(uri: &Uri, query: &str) -> String {
    let query: String =
        percent_encoding::utf8_percent_encode(query, percent_encoding::NON_ALPHANUMERIC).to_string();
    let last_segment = uri.path().rsplit('/').next().unwrap_or_default();
    format!("{last_segment}?query={query}&page=1")
}

/// `GET /api/v1/search/autocomplete?query=`: names only.
pub(super) async fn autocomplete(State(state): State<RubyGems>, params: Params) -> GemResult<Response> {
    let query = params.get("query").unwrap_or_default();
    let found =
        state.registry().search(Ecosystem::RubyGems, query.trim(), Listing { page: 1, size: 10 }).await?;
    let names: Vec<&str> = found.iter().map(|details| details.package.name.as_str()).collect();
    Ok(Json(json!(names)).into_response())
}
