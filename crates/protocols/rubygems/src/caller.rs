//! Who asks, by the key in `Authorization` or by name and password.

use axum::extract::FromRequestParts;
use domain::{Ecosystem, Reason};
use http::request::Parts;
use http_kit::{Access, PeerAddress, basic, raw_key};
use registry::Caller;

use crate::{GemError, RubyGems};

/// A caller with a key that grants at least one of the actions that the route states.
#[derive(Debug)]
pub(crate) struct KeyCaller(pub(crate) Caller);

impl FromRequestParts<RubyGems> for KeyCaller {
    type Rejection = GemError;

    async fn from_request_parts(parts: &mut Parts, state: &RubyGems) -> Result<Self, GemError> {
        // A route that states no action is never reached with a key.
        let Some(Access::Key(actions)) = parts.extensions.get::<Access>().copied() else {
            return Err(GemError::Denied(Reason::ActionNotGranted));
        };
        let PeerAddress(from) = peer(parts).await;
        let presented = raw_key(&parts.headers).ok_or(GemError::Denied(Reason::Unknown))?;
        let caller = state.registry().authenticate(presented, Ecosystem::RubyGems, from).await?;
        state.registry().may_somewhere(&caller, actions)?;
        Ok(Self(caller))
    }
}

/// A caller who proved an account with name and password, and whose mail address is confirmed.
#[derive(Debug)]
pub(crate) struct PasswordCaller(pub(crate) Caller);

impl FromRequestParts<RubyGems> for PasswordCaller {
    type Rejection = GemError;

    async fn from_request_parts(parts: &mut Parts, state: &RubyGems) -> Result<Self, GemError> {
        let PeerAddress(from) = peer(parts).await;
        let given = basic(&parts.headers).ok_or(GemError::WrongPassword)?;
        let caller = state.registry().sign_in(given.user.trim(), &given.password, from).await?;
        if !caller.account().confirmed {
            return Err(GemError::Denied(Reason::AccountUnconfirmed));
        }
        Ok(Self(caller))
    }
}

async fn peer(parts: &mut Parts) -> PeerAddress {
    let Ok(address) = PeerAddress::from_request_parts(parts, &()).await;
    address
}
