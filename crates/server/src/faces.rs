//! The faces under one address: which one answers, what every request carries, and its line in the log.

use std::{borrow::Cow, net::IpAddr, panic::AssertUnwindSafe, time::Instant};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use domain::{Clock as _, SystemClock};
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery};
use http_kit::{PeerAddress, RequestId, RequestIds, RoutePattern};
use registry::ClientAddress;
use tower::ServiceExt as _;

use crate::{
    client::TrustedProxies,
    hosts::{Hosts, NotServed, Site},
};

/// Where the gems are below the base address.
const RUBYGEMS: &str = "/rubygems";

/// Probes come by address or by names of their own: these are answered whatever the host.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// The header with the id of the request.
const REQUEST_ID: &str = "x-request-id";

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// Where the client is, or a proxy in front of us.
    pub(crate) peer: IpAddr,
    /// Which of our addresses it reached.
    pub(crate) local: IpAddr,
}

/// What every answer tells browsers: pages of other sites may not load it, not even as a script or a picture, where no rule about reading
/// asks; and it is what its type says, so that a list of names is never run as a script.
const FOR_BROWSERS: [(HeaderName, HeaderValue); 2] = [
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// All faces.
#[derive(Debug)]
pub(crate) struct Faces {
    rubygems: Router,
    web: Router,
    ids: RequestIds,
    hosts: Hosts,
    proxies: TrustedProxies,
}

impl Faces {
    pub(crate) fn new(rubygems: Router, web: Router, hosts: Hosts, proxies: TrustedProxies) -> Self {
        Self { rubygems, web, ids: RequestIds::new(SystemClock.now()), hosts, proxies }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, mut request: Request, ends: Ends) -> Response {
        let (id, began) = (self.ids.next(SystemClock.now()), Instant::now());
        let (method, client) = (request.method().clone(), self.client(request.headers(), ends.peer));
        request.extensions_mut().insert(PeerAddress(ClientAddress(client)));
        let mut response = match self.choose(&mut request, ends.local) {
            Ok(router) => route(router, request, &id).await,
            Err(not_served) => not_served.into_response(),
        };
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(REQUEST_ID, value);
        }
        for (name, value) in FOR_BROWSERS {
            headers.insert(name, value);
        }
        let micros = began.elapsed().as_micros();
        log(&id, &method, &response, micros, client);
        response
    }

    /// Whether an address is that of a trusted proxy.
    pub(crate) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.contain(address.to_canonical())
    }

    /// The address of the client of a request.
    pub(crate) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        self.proxies.client(headers, peer)
    }

    /// The face that the host or the path names; the path becomes relative to it.
    fn choose(&self, request: &mut Request, local: IpAddr) -> Result<Router, NotServed> {
        let site = self.hosts.find(request, local);
        let path = collapse_slashes(request.uri().path());
        let below = path.strip_prefix(RUBYGEMS).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let (router, path) = match (site, below) {
            (Ok(Site::Gems), _) => (&self.rubygems, path.as_ref()),
            (Ok(Site::Whole), Some(rest)) => (&self.rubygems, rest),
            (Ok(Site::Whole), None) => (&self.web, path.as_ref()),
            (Err(_), _) if HEALTH.contains(&path.as_ref()) => (&self.web, path.as_ref()),
            (Err(not_served), _) => return Err(not_served),
        };
        if let Some(uri) = with_path(request.uri(), path) {
            *request.uri_mut() = uri;
        }
        Ok(router.clone())
    }
}

async fn route(router: Router, request: Request, id: &RequestId) -> Response {
    match AssertUnwindSafe(router.oneshot(request)).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => {
            tracing::error!(request = %id, "the handler panicked");
            (StatusCode::INTERNAL_SERVER_ERROR, "Server error. Please try again.").into_response()
        }
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
}
