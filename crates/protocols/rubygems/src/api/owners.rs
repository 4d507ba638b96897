//! Who owns a gem.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Ecosystem, PackageName, Role};
use http::{HeaderMap, StatusCode, Uri};
use http_kit::Params;
use registry::{Error, Missing};
use serde_json::{Value, json};

use super::answer::document;
use crate::{GemError, GemResult, RubyGems, caller::KeyCaller};

/// `GET /api/v1/gems/NAME/owners[.json|.yaml]`: confirmed owners. Public.
pub(super) async fn list(
    State(state): State<RubyGems>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> GemResult<Response> {
    let owners = state.registry().owners(&gem_name(&name)?).await?;
    let list: Vec<Value> = owners
        .into_iter()
        .map(|owner| json!({ "id": owner.number, "handle": owner.handle, "role": owner.role.as_str() }))
        .collect();
    Ok(document(&Value::Array(list), &uri, &headers))
}

/// `POST /api/v1/gems/NAME/owners`: invites an owner by mail address or handle.
pub(super) async fn add(
    State(state): State<RubyGems>,
    KeyCaller(caller): KeyCaller,
    Path(name): Path<String>,
    params: Params,
) -> GemResult<String> {
    let (login, role) = (login(&params)?, role(&params)?.unwrap_or(Role::Owner));
    state.registry().invite_owner(&caller, &gem_name(&name)?, login, role).await?;
    Ok(format!(
        "{login} was added as an unconfirmed owner. Ownership access will be enabled after the user clicks on the confirmation \
         mail sent to their email."
    ))
}

/// `DELETE /api/v1/gems/NAME/owners`: removes an owner or takes an invitation back.
pub(super) async fn remove(
    State(state): State<RubyGems>,
    KeyCaller(caller): KeyCaller,
    Path(name): Path<String>,
    params: Params,
) -> GemResult<&'static str> {
    state.registry().remove_owner(&caller, &gem_name(&name)?, login(&params)?).await?;
    Ok("Owner removed successfully.")
}

/// `PATCH /api/v1/gems/NAME/owners`: gives an owner another role.
pub(super) async fn update(
    State(state): State<RubyGems>,
    KeyCaller(caller): KeyCaller,
    Path(name): Path<String>,
    params: Params,
) -> GemResult<&'static str> {
    let role = role(&params)?.ok_or_else(|| GemError::missing_param("role"))?;
    state.registry().set_owner_role(&caller, &gem_name(&name)?, login(&params)?, role).await?;
    Ok("Owner updated successfully.")
}

fn gem_name(text: &str) -> GemResult<PackageName> {
    PackageName::parse(Ecosystem::RubyGems, text).map_err(|_| Error::from(Missing::Package).into())
}

fn login(params: &Params) -> GemResult<&str> {
    params.present("email").ok_or_else(|| GemError::missing_param("email"))
}

fn role(params: &Params) -> GemResult<Option<Role>> {
    let Some(word) = params.present("role") else { return Ok(None) };
    let refusal = || GemError::text(StatusCode::UNPROCESSABLE_ENTITY, "Role is not included in the list");
    word.parse().map(Some).map_err(|_| refusal())
}
