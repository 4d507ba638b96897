use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::header;
use registry::{Error, Missing};
use serde_json::json;

use crate::{Web, error::WebError, fields::Fields, signed_in::Member};

/// `POST /keys/ID/value`: draws the value for the Copy button, once. The page that holds the claim is never seen again, and the
/// answer is kept by nobody.
pub(crate) async fn claim(
    State(web): State<Web>,
    Member(signed_in): Member,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let id = id.parse().map_err(|_| Error::NotFound(Missing::Key))?;
    let value = web.registry.claim_value(&signed_in.caller, id, fields.secret("claim")).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "value": value.expose() }))).into_response())
}
