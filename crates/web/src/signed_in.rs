//! Who visits: by the cookie of the session.

use std::{collections::HashSet, sync::LazyLock};

use axum::{
    extract::{FromRequestParts, MatchedPath},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use registry::{Error, Missing, SessionToken, SignedIn};

use crate::{Web, error::WebError};

/// The name of the cookie.
const COOKIE: &str = "keyward_session";
/// How long browsers keep it, in seconds: as long as an unused session lives.
const COOKIE_LIFE: u32 = 14 * 24 * 3600;

/// The name of the cookie by which a browser is known again after a sign-out: it opens nothing.
const DEVICE_COOKIE: &str = "keyward_browser";
/// How long browsers keep it, in seconds: a year.
const DEVICE_COOKIE_LIFE: u32 = 365 * 24 * 3600;

/// Somebody, signed in or not.
#[derive(Debug)]
pub(crate) struct Visitor(pub(crate) Option<SignedIn>);

/// Somebody who is signed in. Others are sent to the sign-in page and back.
#[derive(Debug)]
pub(crate) struct Member(pub(crate) SignedIn);

/// Somebody who is signed in and gave the password in the last ten minutes. Others are asked for it.
#[derive(Debug)]
pub(crate) struct Proved(pub(crate) SignedIn);

/// An administrator who is signed in and gave the password in the last ten minutes. For everybody else there is no such page.
#[derive(Debug)]
pub(crate) struct Administrator(pub(crate) SignedIn);

/// Where somebody is sent before they may see the page.
#[derive(Debug)]
pub(crate) enum Detour {
    /// To a page that comes back.
    To(String),
    /// Nowhere: something failed.
    Error(WebError),
}

impl IntoResponse for Detour {
    fn into_response(self) -> Response {
        match self {
            Self::To(address) => Redirect::to(&address).into_response(),
            Self::Error(error) => error.into_response(),
        }
    }
}

impl FromRequestParts<Web> for Visitor {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        match token(&parts.headers) {
            Some(token) => Ok(Self(web.registry.session(token).await?)),
            None => Ok(Self(None)),
        }
    }
}

impl FromRequestParts<Web> for Member {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Detour> {
        let visitor = Visitor::from_request_parts(parts, web).await.map_err(Detour::Error)?;
        visitor.0.map(Self).ok_or_else(|| detour(web, "sign_in", parts))
    }
}

impl FromRequestParts<Web> for Proved {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Detour> {
        let Member(signed_in) = Member::from_request_parts(parts, web).await?;
        if signed_in.proved { Ok(Self(signed_in)) } else { Err(detour(web, "verify", parts)) }
    }
}

impl FromRequestParts<Web> for Administrator {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Detour> {
        let Member(signed_in) = Member::from_request_parts(parts, web).await?;
        if !signed_in.caller.account().is_admin {
            return Err(Detour::Error(Error::NotFound(Missing::Page).into()));
        }
        if signed_in.proved { Ok(Self(signed_in)) } else { Err(detour(web, "verify", parts)) }
    }
}

/// To a page that comes back to this one. A form that was sent is not sent again: the way back leads to the page of the form.
fn detour(web: &Web, page: &str, parts: &Parts) -> Detour {
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let pattern = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let back = if parts.method == Method::GET { path } else { page_of_form(parts.uri.path(), pattern) };
    Detour::To(format!("{}/{page}?return={}", web.root(), utf8_percent_encode(back, NON_ALPHANUMERIC)))
}

/// The nearest page at or above the address that a form is sent to.
fn page_of_form<'a>(path: &'a str, pattern: &str) -> &'a str {
    static PAGES: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let entries = crate::routes();
        let pages = entries.entries().iter().filter(|route| route.method == Method::GET);
        pages.map(|route| route.path.clone()).collect()
    });
    let (mut path, mut pattern) = (path, pattern);
    while !PAGES.contains(pattern) {
        let (Some((above, _)), Some((pattern_above, _))) = (path.rsplit_once('/'), pattern.rsplit_once('/'))
        else {
            return "/keys";
        };
        (path, pattern) = (above, pattern_above);
    }
    path
}

fn token(headers: &HeaderMap) -> Option<&str> {
    find_cookie(headers, COOKIE)
}

/// The token by which this browser is known, if it has one.
pub(crate) fn device(headers: &HeaderMap) -> Option<&str> {
    find_cookie(headers, DEVICE_COOKIE)
}

fn find_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split("; "))
        .find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))
}

/// The cookie that begins a session.
pub(crate) fn begin_cookie(web: &Web, token: &SessionToken) -> HeaderValue {
    cookie(web, COOKIE, token.expose(), COOKIE_LIFE)
}

/// The cookie that ends a session.
pub(crate) fn end_cookie(web: &Web) -> HeaderValue {
    cookie(web, COOKIE, "", 0)
}

/// The cookie by which this browser is known again.
pub(crate) fn device_cookie(web: &Web, token: &SessionToken) -> HeaderValue {
    cookie(web, DEVICE_COOKIE, token.expose(), DEVICE_COOKIE_LIFE)
}

fn cookie(web: &Web, name: &str, value: &str, life: u32) -> HeaderValue {
    let secure = if web.is_secure() { "; Secure" } else { "" };
    let path = if web.root().is_empty() { "/" } else { web.root() };
    let text = format!("{name}={value}; Path={path}; Max-Age={life}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::from_str(&text).expect("tokens and paths are visible ASCII");
    value.set_sensitive(true);
    value
}

/// A path of ours to come back to, or the list of keys: never another site.
pub(crate) fn safe_return(path: Option<&str>) -> &str {
    path.filter(|path| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    })
    .unwrap_or("/keys")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_to_another_site() {
        for evil in [
            "//evil.test",
            "https://evil.test",
            "/\\evil.test",
            "",
            "/a b",
            "javascript:alert(1)",
            "/\t/evil.test",
        ] {
            assert_eq!(safe_return(Some(evil)), "/keys", "{evil:?}");
        }
        assert_eq!(safe_return(Some("/keys/new?ecosystem=nuget")), "/keys/new?ecosystem=nuget");
        assert_eq!(safe_return(None), "/keys");
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let headers =
            HeaderMap::from_iter([(header::COOKIE, "a=b; keyward_session=token; c=d".parse().unwrap())]);
        assert_eq!(token(&headers), Some("token"));
        let headers = HeaderMap::from_iter([(header::COOKIE, "xkeyward_session=token".parse().unwrap())]);
        assert_eq!(token(&headers), None);
    }
}
