//! Who somebody is.

use axum::{
    Json,
    extract::{FromRequestParts as _, Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, request::Parts};
use http_kit::{Format, split_format, yaml};
use registry::{Account, Registry};
use serde_json::json;

use super::answer::document;
use crate::{GemError, GemResult, RubyGems, caller::PasswordCaller};

/// `GET /api/v1/profile/me[.json|.yaml]`: the account behind name and password.
pub(super) async fn me(State(state): State<RubyGems>, mut parts: Parts) -> GemResult<Response> {
    let caller = match PasswordCaller::from_request_parts(&mut parts, &state).await {
        Ok(PasswordCaller(caller)) => caller,
        Err(GemError::WrongPassword) if http_kit::basic(&parts.headers).is_some() => {
            return Ok(invalid(&parts));
        }
        Err(error) => return Err(error),
    };
    let account = caller.account();
    let profile = json!({
        "id": account.number,
        "handle": account.handle,
        "mfa": account.second_factor.as_str(),
        "warning": null,
    });
    Ok(document(&profile, &parts.uri, &parts.headers))
}

fn invalid(parts: &Parts) -> Response {
    let value = json!({ "error": "Invalid credentials", "code": 401 });
    match split_format(parts.uri.path()).1 {
        Some(Format::Yaml) => (StatusCode::UNAUTHORIZED, yaml(&value)).into_response(),
        _ => (StatusCode::UNAUTHORIZED, Json(value)).into_response(),
    }
}

/// `GET /api/v1/profiles/ID_OR_HANDLE[.json|.yaml]`: public.
pub(super) async fn show(
    State(state): State<RubyGems>,
    Path(segment): Path<String>,
    uri: http::Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let account = find_public(state.registry(), split_format(&segment).0).await?;
    Ok(document(&json!({ "id": account.number, "handle": account.handle }), &uri, &headers))
}

/// The account with this number or handle. A mail address finds nobody: that would tell whose it is.
pub(super) async fn find_public(registry: &Registry, text: &str) -> GemResult<Account> {
    match text.parse() {
        Ok(number) => Ok(registry.find_account_by_number(number).await?),
        Err(_) if text.contains('@') => Err(GemError::not_found("Not Found")),
        Err(_) => Ok(registry.find_account(text).await?),
    }
}
