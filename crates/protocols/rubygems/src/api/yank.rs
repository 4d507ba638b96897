//! `DELETE /api/v1/gems/yank`: withdraws a version.

use axum::extract::State;
use domain::{Ecosystem, PackageName, Reason};
use http::StatusCode;
use http_kit::Params;
use registry::{Conflict, Error, Missing};

use crate::{GemError, GemResult, RubyGems, caller::KeyCaller};

/// The platform of gems that run everywhere.
const RUBY: &str = "ruby";

/// `DELETE /api/v1/gems/yank` with `gem_name`, `version` and perhaps `platform`, which is matched as it was published.
pub(super) async fn yank(
    State(state): State<RubyGems>,
    KeyCaller(caller): KeyCaller,
    params: Params,
) -> GemResult<String> {
    let unknown = || GemError::not_found("This gem could not be found");
    let gem = params.present("gem_name").or_else(|| params.present("rubygem_name"));
    let gem = gem.ok_or_else(|| GemError::missing_param("gem_name"))?;
    let name = PackageName::parse(Ecosystem::RubyGems, gem).map_err(|_| unknown())?;
    state.registry().may_withdraw(&caller, &name).await.map_err(|error| match error {
        Error::NotFound(Missing::Package) => unknown(),
        other => refusal(other, "", ""),
    })?;
    let number = params.present("version").ok_or_else(|| GemError::missing_param("version"))?;
    let platform = params.present("platform").unwrap_or(RUBY);
    let absent =
        || GemError::not_found(&format!("The version {} does not exist.", described(number, platform)));
    match state.registry().withdraw(&caller, &name, number, platform).await {
        Ok(_) => Ok(format!("Successfully deleted gem: {gem} ({})", full_number(number, platform))),
        Err(Error::NotFound(Missing::Release)) => Err(absent()),
        Err(error) => Err(refusal(error, gem, number)),
    }
}

/// `1.0.0` or `1.0.0 (java)`.
fn described(number: &str, platform: &str) -> String {
    if platform == RUBY { number.to_owned() } else { format!("{number} ({platform})") }
}

/// `1.0.0` or `1.0.0-java`.
fn full_number(number: &str, platform: &str) -> String {
    if platform == RUBY { number.to_owned() } else { format!("{number}-{platform}") }
}

fn refusal(error: Error, gem: &str, number: &str) -> GemError {
    match error {
        Error::Denied(Reason::NotOwner) => {
            GemError::text(StatusCode::FORBIDDEN, "You do not have permission to delete this gem.")
        }
        Error::Conflict(Conflict::AlreadyWithdrawn) => GemError::text(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("{gem} {number} has already been deleted"),
        ),
        Error::Conflict(Conflict::TooOld { days }) => GemError::text(
            StatusCode::FORBIDDEN,
            format!(
                "Versions published more than {days} days ago cannot be deleted. Please contact the administrator of this server \
                 to request deletion of this version if it represents a legal or security risk."
            ),
        ),
        Error::Conflict(Conflict::TooPopular { downloads }) => GemError::text(
            StatusCode::FORBIDDEN,
            format!(
                "Versions with more than {downloads} downloads cannot be deleted. Please contact the administrator of this server \
                 to request deletion of this version if it represents a legal or security risk."
            ),
        ),
        other => other.into(),
    }
}
