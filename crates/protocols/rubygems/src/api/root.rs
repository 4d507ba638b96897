//! The base address itself, and what old clients still ask for.

use axum::{extract::State, response::Redirect};
use http::StatusCode;

use crate::{GemError, RubyGems};

/// `GET|HEAD /`: `gem install` probes it, and takes the address after redirects for its base: so there is never one.
pub(super) async fn probe(State(state): State<RubyGems>) -> String {
    format!("Gems are served here by Keyward. For people: {}\n", state.options().base_url)
}

/// `GET /sign_up`: `gem signin` shows this address to people without an account.
pub(super) async fn sign_up(State(state): State<RubyGems>) -> Redirect {
    Redirect::to(&state.options().base_url)
}

/// Calls that only plugins of long ago send.
pub(super) async fn retired() -> (StatusCode, &'static str) {
    (
        StatusCode::FORBIDDEN,
        "This call is not supported any more. Please remove the plugin that sent it, or update it.",
    )
}

/// Every other address.
pub(crate) async fn nothing() -> GemError {
    GemError::not_found("Not Found")
}
