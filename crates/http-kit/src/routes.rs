use std::convert::Infallible;

use axum::{
    Extension, Router,
    handler::Handler,
    routing::{MethodFilter, on},
};
use domain::Action;
use http::Method;

/// What a route asks of its caller. Every route states one, or it cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody may.
    Public,
    /// A key that grants at least one of these actions. The use case decides again, on the package.
    Key(&'static [Action]),
    /// A name and its password.
    Password,
    /// Somebody who is signed in to the pages.
    Session,
    /// A secret that stands in the address, given out for this one purpose.
    Link,
}

/// A route and what it asks: for the tests that walk all of them.
#[derive(Debug, Clone)]
pub struct RouteEntry {
    /// The method; a GET answers HEAD too.
    pub method: Method,
    /// The pattern of the path.
    pub path: String,
    /// What it asks.
    pub access: Access,
}

/// A router in which each route states its [`Access`]. The handler finds it among the extensions of the request.
pub struct Routes<S> {
    router: Router<S>,
    entries: Vec<RouteEntry>,
}

impl<S> std::fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.entries).finish()
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), entries: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Adds a route. `GET` also answers `HEAD`.
    #[must_use]
    pub fn add<H, T>(mut self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let filter =
            MethodFilter::try_from(method.clone()).expect("routes have methods that the router knows");
        // Extractors that read a whole body keep their usual limit (2 MiB); uploads read the stream, with their own.
        let route = on(filter, handler).layer::<_, Infallible>(Extension(access));
        self.router = self.router.route(path, route);
        self.entries.push(RouteEntry { method, path: path.to_owned(), access });
        self
    }

    /// Adds all routes of another table.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.entries.extend(other.entries);
        self
    }

    /// The table.
    pub fn entries(&self) -> &[RouteEntry] {
        &self.entries
    }

    /// The router.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}
