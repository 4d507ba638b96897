#![doc = include_str!("../README.md")]

mod error;
mod health;
mod home;
mod invitation;
mod page;
mod setup;

use axum::{Router, middleware::map_response};
use http::Method;
use http_kit::{Access, Routes};
use registry::Registry;

/// The state of the pages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Web {
    registry: Registry,
    base_url: String,
}

impl Web {
    /// The pages of `registry`; `base_url` has no slash at its end.
    pub fn new(registry: Registry, base_url: String) -> Self {
        Self { registry, base_url }
    }
}

/// All pages with what each asks of its caller.
pub fn routes() -> Routes<Web> {
    Routes::default()
        .add(Method::GET, "/", Access::Public, home::show)
        .add(Method::GET, "/style.css", Access::Public, page::style)
        .add(Method::GET, "/healthz", Access::Public, health::live)
        .add(Method::GET, "/readyz", Access::Public, health::ready)
        .add(Method::GET, "/setup", Access::Link, setup::show)
        .add(Method::POST, "/setup", Access::Link, setup::submit)
        .add(Method::GET, "/owners/confirm/{token}", Access::Link, invitation::show)
        .add(Method::POST, "/owners/confirm/{token}", Access::Link, invitation::accept)
}

/// The router of the pages.
pub fn router(state: Web) -> Router {
    routes().into_router().fallback(error::not_found).layer(map_response(page::harden)).with_state(state)
}
