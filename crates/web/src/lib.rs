#![doc = include_str!("../README.md")]

mod accounts;
mod admin;
mod chrome;
mod error;
mod events;
mod fields;
mod health;
mod home;
mod invitation;
mod keys;
mod packages;
mod page;
mod same_origin;
mod sessions;
mod setup;
mod signed_in;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, map_response_with_state},
};
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

    /// The path of the base address, which links in pages begin with: often nothing.
    fn root(&self) -> &str {
        path_of(&self.base_url)
    }

    /// Whether browsers reach us over TLS.
    fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// All pages with what each asks of its caller.
pub fn routes() -> Routes<Web> {
    Routes::default()
        .add(Method::GET, "/", Access::Public, home::show)
        .add(Method::GET, "/style.css", Access::Public, page::style)
        .add(Method::GET, "/copy.js", Access::Public, page::copy_script)
        .add(Method::GET, "/preview.js", Access::Public, page::preview_script)
        .add(Method::GET, "/icon.svg", Access::Public, page::icon)
        .add(Method::GET, "/healthz", Access::Public, health::live)
        .add(Method::GET, "/readyz", Access::Public, health::ready)
        .add(Method::GET, "/setup", Access::Link, setup::show)
        .add(Method::POST, "/setup", Access::Link, setup::submit)
        .add(Method::GET, "/owners/confirm/{token}", Access::Link, invitation::show)
        .add(Method::POST, "/owners/confirm/{token}", Access::Link, invitation::accept)
        .merge(accounts::routes())
        .merge(admin::routes())
        .merge(sessions::routes())
        .merge(keys::routes())
        .merge(packages::routes())
        .add(Method::GET, "/events", Access::Session, events::show)
}

/// The router of the pages.
pub fn router(state: Web) -> Router {
    let base_url = state.base_url.clone();
    routes()
        .into_router()
        .fallback(error::not_found)
        .layer(from_fn(move |request: Request, next: Next| {
            same_origin::check(base_url.clone(), request, next)
        }))
        .layer(map_response_with_state(state.clone(), page::complete))
        .with_state(state)
}

/// The path in an address, without a slash at its end.
fn path_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or("", |at| &url[host + at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_the_path_of_the_base_address() {
        assert_eq!(path_of("https://keys.example.com"), "");
        assert_eq!(path_of("https://example.com:8080/keyward"), "/keyward");
    }
}
