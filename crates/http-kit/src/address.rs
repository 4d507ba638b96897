use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
};

use axum::extract::FromRequestParts;
use http::request::Parts;
use registry::ClientAddress;

/// The address that a request comes from, put on the request by the server: the peer of the socket, or what a trusted proxy says.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub ClientAddress);

impl<S: Sync> FromRequestParts<S> for PeerAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Requests that no socket brought (in tests of single routes) share one address, and its limits.
        let nobody = Self(ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(nobody))
    }
}
