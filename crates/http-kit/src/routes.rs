use std::{pin::Pin, sync::Arc};

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use domain::Action;
use http::{Method, StatusCode, header};

use crate::{
    body::BodyKind,
    browser::{is_browser, is_from_another_site, is_of_its_host},
    query::has_secret,
};

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
    is_upload: bool,
    pattern: RoutePattern,
}

impl<T, S, H: Handler<T, S>> Handler<T, S> for Stated<H> {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, mut request: Request, state: S) -> Self::Future {
        if let Some(refusal) = self.access.refuses(&request) {
            let mut response = refusal.into_response();
            response.extensions_mut().insert(self.pattern);
            return Box::pin(std::future::ready(response));
        }
        if self.is_upload
            && let Some(kind) = request.extensions().get::<BodyKind>()
        {
            kind.set_upload();
        }
        request.extensions_mut().insert(self.access);
        let answer = self.handler.call(request, state);
        Box::pin(async move {
            let mut response = answer.await;
            response.extensions_mut().insert(self.pattern);
            response
        })
    }
}

/// Why a request does not reach the handler of its route, whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    SecretInQuery,
    Browser,
    AnotherSite,
}

impl Access {
    /// What is wrong with the way in which a request was sent, before anybody looks at what it wants.
    ///
    /// Routes that take a password are for programs: a browser remembers one and attaches it to whatever a page of another site makes
    /// it send, also to a plain GET that makes a key. Routes that change something by a key only refuse pages of other sites: no
    /// browser attaches a key by itself. The pages and their sessions have a check of their own.
    fn refuses(self, request: &Request) -> Option<Unfit> {
        let headers = request.headers();
        if request.uri().query().is_some_and(|query| has_secret(query, self)) {
            return Some(Unfit::SecretInQuery);
        }
        match self {
            Self::Password if is_browser(headers) => Some(Unfit::Browser),
            Self::Key(_)
                if !request.method().is_safe()
                    && is_from_another_site(headers, |origin| is_of_its_host(headers, origin)) =>
            {
                Some(Unfit::AnotherSite)
            }
            _ => None,
        }
    }
}

impl IntoResponse for Unfit {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::SecretInQuery => (
                StatusCode::BAD_REQUEST,
                "There is a secret in the query of this address. Addresses are kept in logs and histories: send keys and passwords \
                 in a header or in the body, and replace this one.\n",
            ),
            Self::Browser => (
                StatusCode::FORBIDDEN,
                "This address is for programs such as `gem`, and not for browsers. To create an API key in a browser, sign in on the \
                 pages of this server.\n",
            ),
            Self::AnotherSite => (
                StatusCode::FORBIDDEN,
                "This request was sent by a page of another site, which may not do this.\n",
            ),
        };
        (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
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
    pub fn add<H, T>(self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add_of_kind(method, path, access, handler, false)
    }

    /// Adds a route whose body is a package: it has no total of time, but has to go on.
    #[must_use]
    pub fn add_upload<H, T>(self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add_of_kind(method, path, access, handler, true)
    }

    fn add_of_kind<H, T>(
        mut self,
        method: Method,
        path: &str,
        access: Access,
        handler: H,
        is_upload: bool,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let filter =
            MethodFilter::try_from(method.clone()).expect("routes have methods that the router knows");
        // Extractors that read a whole body keep their usual limit (2 MiB); uploads read the stream, with their own.
        let stated = Stated { handler, access, is_upload, pattern: RoutePattern(path.into()) };
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
