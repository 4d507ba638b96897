use axum::extract::State;
use http::StatusCode;

use crate::Web;

/// `GET /healthz`: the process answers.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: database and blob store answer too.
pub(crate) async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    match web.registry.check().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "The database or the blob store does not answer.\n")
        }
    }
}
