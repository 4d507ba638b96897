//! The faces under one address: which one answers, what every request carries, and its line in the log.

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    time::Instant,
};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use domain::{Clock as _, SystemClock};
use futures_util::FutureExt as _;
use http::{HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery};
use http_kit::{PeerAddress, RequestId, RequestIds, RoutePattern};
use registry::ClientAddress;
use tower::ServiceExt as _;

use crate::client::TrustedProxies;

/// Where the gems are below the base address.
const RUBYGEMS: &str = "/rubygems";

/// The header with the id of the request.
const REQUEST_ID: &str = "x-request-id";

/// All faces.
#[derive(Debug)]
pub(crate) struct Faces {
    rubygems: Router,
    web: Router,
    ids: RequestIds,
    gem_hosts: Vec<String>,
    proxies: TrustedProxies,
}

impl Faces {
    pub(crate) fn new(rubygems: Router, web: Router, gem_hosts: &[String], proxies: TrustedProxies) -> Self {
        Self {
            rubygems,
            web,
            ids: RequestIds::new(SystemClock.now()),
            gem_hosts: gem_hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            proxies,
        }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, mut request: Request, peer: SocketAddr) -> Response {
        let (id, began) = (self.ids.next(SystemClock.now()), Instant::now());
        let (method, client) = (request.method().clone(), self.proxies.client(request.headers(), peer.ip()));
        request.extensions_mut().insert(PeerAddress(ClientAddress(client)));
        let router = self.choose(&mut request);
        let answered = AssertUnwindSafe(router.oneshot(request)).catch_unwind().await;
        let mut response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => {
                tracing::error!(request = %id, "the handler panicked");
                (StatusCode::INTERNAL_SERVER_ERROR, "Server error. Please try again.").into_response()
            }
        };
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        let micros = began.elapsed().as_micros();
        log(&id, &method, &response, micros, client);
        response
    }

    /// The face that the host or the path names; the path becomes relative to it.
    fn choose(&self, request: &mut Request) -> Router {
        let path = collapse_slashes(request.uri().path());
        let below = path.strip_prefix(RUBYGEMS).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let (router, path) = match below {
            _ if self.is_gem_host(request) => (&self.rubygems, path.as_ref()),
            Some(rest) => (&self.rubygems, rest),
            None => (&self.web, path.as_ref()),
        };
        if let Some(uri) = with_path(request.uri(), path) {
            *request.uri_mut() = uri;
        }
        router.clone()
    }

    fn is_gem_host(&self, request: &Request) -> bool {
        let Some(host) = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()) else {
            return false;
        };
        let name = host
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(host, |(name, _)| name);
        self.gem_hosts.iter().any(|gem_host| gem_host.eq_ignore_ascii_case(name))
    }
}

/// The line of a request in the log. A read that went well is told at `debug` only: most requests are that, and each line costs
/// about as much as the request.
fn log(id: &RequestId, method: &Method, response: &Response, micros: u128, client: IpAddr) {
    // The pattern of the route, never the address itself: addresses may carry secrets.
    let route = response.extensions().get::<RoutePattern>().map_or("none", RoutePattern::as_str);
    let status = response.status();
    if method.is_safe() && !status.is_client_error() && !status.is_server_error() {
        tracing::debug!(request = %id, %method, route, status = status.as_u16(), micros, %client, "answered");
    } else {
        tracing::info!(request = %id, %method, route, status = status.as_u16(), micros, %client, "answered");
    }
}

/// `//api///v1` is `/api/v1`: clients double slashes when their host ends in one.
fn collapse_slashes(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return path.into();
    }
    let mut out = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !out.ends_with('/') {
            out.push(letter);
        }
    }
    out.into()
}

/// The address with another path; nothing if it has this path already.
fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    if path == uri.path() {
        return None;
    }
    let mut text = String::with_capacity(uri.path_and_query().map_or(1, |whole| whole.as_str().len()));
    text.push_str(if path.is_empty() { "/" } else { path });
    if let Some(query) = uri.query() {
        text.push('?');
        text.push_str(query);
    }
    // Scheme and host of an absolute address are of no use: nothing here is decided by them.
    PathAndQuery::try_from(text).ok().map(Uri::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_slashes_collapse() {
        assert_eq!(collapse_slashes("//rubygems//api/v1///gems/"), "/rubygems/api/v1/gems/");
        assert_eq!(collapse_slashes("/"), "/");
    }

    fn faces(hosts: &[&str]) -> Faces {
        let hosts: Vec<_> = hosts.iter().map(|&host| host.to_owned()).collect();
        let empty = || Router::new().route("/", axum::routing::get(|| async {}));
        Faces::new(empty(), empty(), &hosts, TrustedProxies::new(&[]))
    }

    #[test]
    fn a_host_of_its_own_is_known_with_and_without_port() {
        let faces = faces(&["gems.example.com"]);
        let request = |host: &str| {
            Request::get("/").header(header::HOST, host).body(axum::body::Body::empty()).unwrap()
        };
        assert!(faces.is_gem_host(&request("gems.example.com")));
        assert!(faces.is_gem_host(&request("GEMS.example.com:8080")));
        assert!(!faces.is_gem_host(&request("gems.example.com.evil.test")));
    }
}
