use std::{pin::Pin, sync::Arc};

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    response::Response,
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

/// The pattern of the route that made an answer, among the answer's extensions: for the log, since an address may carry secrets.
#[derive(Debug, Clone)]
pub struct RoutePattern(Arc<str>);

impl RoutePattern {
    /// The pattern: `/api/v1/gems/{name}`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A handler that finds what its route states among the extensions of the request, and whose answer carries the pattern.
#[derive(Clone)]
struct Stated<H> {
    handler: H,
    access: Access,
    pattern: RoutePattern,
}

impl<T, S, H: Handler<T, S>> Handler<T, S> for Stated<H> {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, mut request: Request, state: S) -> Self::Future {
        request.extensions_mut().insert(self.access);
        let answer = self.handler.call(request, state);
        Box::pin(async move {
            let mut response = answer.await;
            response.extensions_mut().insert(self.pattern);
            response
        })
    }
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
        let stated = Stated { handler, access, pattern: RoutePattern(path.into()) };
        self.router = self.router.route(path, on(filter, stated));
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
