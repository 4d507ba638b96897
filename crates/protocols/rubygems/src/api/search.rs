//! Finding gems by parts of their names.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Ecosystem;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, Uri};
use http_kit::Params;
use registry::Listing;
use serde_json::{Value, json};

use super::{answer::list, gems::fields};
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
    let found = state.registry().with_recorded(stream::iter(found).map(Ok), |listed| listed.latest.id);
    let results = found.map(move |gem| {
        let (listed, recorded) = gem?;
        let mut gem = fields(&listed, &recorded, &state)?;
        gem.retain(|field, _| !LEFT_OUT.contains(&field.as_str()));
        Ok(Value::Object(gem))
    });
    list(results, &uri, &headers).await
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
    let names: Vec<&str> = found.iter().map(|listed| listed.package.name.as_str()).collect();
    Ok(Json(json!(names)).into_response())
}
