//! Hooks for conformance suites from outside. Only in builds with the feature `test-hooks`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Router, extract::State, routing::post};
use domain::{Clock, SystemClock, Timestamp, to_microseconds};
use http::StatusCode;
use registry::Registry;

/// A clock that stands still once it was set.
#[derive(Debug, Default)]
pub(crate) struct HookedClock {
    set: Mutex<Option<Timestamp>>,
}

/// The one clock of the process.
static CLOCK: std::sync::LazyLock<Arc<HookedClock>> = std::sync::LazyLock::new(Arc::default);

impl HookedClock {
    pub(crate) fn shared() -> Arc<dyn Clock> {
        Arc::clone(&CLOCK) as Arc<dyn Clock>
    }
}

impl Clock for HookedClock {
    fn now(&self) -> Timestamp {
        self.set.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| SystemClock.now())
    }
}

/// The two routes, below the base of the gems.
pub(crate) fn router(registry: Registry) -> Router {
    Router::new()
        .route("/set_time", post(set_time))
        .route("/rebuild_versions_list", post(rebuild_versions_list))
        .with_state(registry)
}

/// `POST /set_time`: the body is an instant in ISO 8601; from now on it is that time for everything.
async fn set_time(body: String) -> (StatusCode, String) {
    match body.trim().parse::<Timestamp>() {
        Ok(instant) => {
            *CLOCK.set.lock().unwrap_or_else(PoisonError::into_inner) = Some(to_microseconds(instant));
            (StatusCode::OK, instant.to_string())
        }
        Err(error) => (StatusCode::BAD_REQUEST, format!("The body is not an instant in ISO 8601: {error}")),
    }
}

/// `POST /rebuild_versions_list`: writes the list behind `/versions` anew.
async fn rebuild_versions_list(State(registry): State<Registry>) -> StatusCode {
    match registry.rebuild_gem_index().await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(%error, "the index could not be rebuilt");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
