//! How RubyGems clients are told what went wrong: plain text with the exact words that they look for.

use axum::{
    Json,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Reason;
use http::{HeaderValue, StatusCode, header};
use http_kit::{BadParams, Format, RoutePattern, split_format, yaml};
use registry::{Conflict, Error, Missing};
use serde_json::json;

/// The header that tells programs why a request was refused, in one word.
const REASON: &str = "x-keyward-reason";

/// An answer that is not a success.
#[derive(Debug)]
pub enum GemError {
    /// A text with its status, for people and for clients that match on it.
    Text(StatusCode, String),
    /// A text that is JSON whatever was asked for.
    Json(StatusCode, String),
    /// The policy said no.
    Denied(Reason),
    /// The name and password are wrong or absent.
    WrongPassword,
    /// Too many tries: try again after so many seconds.
    Limited(u64),
    /// The server has as much work as it can bear: try again after so many seconds.
    Busy(u64),
    /// Something of ours failed; the cause is in the log.
    Internal,
}

/// Result of a handler.
pub type GemResult<T, E = GemError> = std::result::Result<T, E>;

/// The text of an error, beside its answer, so that it can be written in the format of the path.
#[derive(Debug, Clone)]
struct ErrorText(String);

impl GemError {
    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::Text(status, text.into())
    }

    /// 404 for an unknown gem; clients know it under several wordings.
    pub(crate) fn not_found(text: &str) -> Self {
        Self::text(StatusCode::NOT_FOUND, text)
    }

    pub(crate) fn missing_param(name: &str) -> Self {
        Self::Json(StatusCode::BAD_REQUEST, format!("Request is missing param '{name}'"))
    }

    /// Logs the cause of an internal error; the caller learns nothing of it.
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "the request failed");
        Self::Internal
    }
}

impl From<BadParams> for GemError {
    fn from(error: BadParams) -> Self {
        Self::Json(error.status(), error.to_string())
    }
}

impl From<Error> for GemError {
    fn from(error: Error) -> Self {
        let seconds = error.retry_after().map_or(1, |wait| wait.as_secs());
        match error {
            Error::Denied(reason) => Self::Denied(reason),
            Error::WrongPassword | Error::SessionEnded => Self::WrongPassword,
            Error::Limited(_) => Self::Limited(seconds),
            Error::Busy { .. } => Self::Busy(seconds),
            Error::NotFound(missing) => Self::not_found(missing_text(missing)),
            Error::Conflict(conflict) => conflict_text(&conflict),
            Error::Invalid(problems) => Self::text(StatusCode::UNPROCESSABLE_ENTITY, problems.join(", ")),
            Error::InvalidUser(problems) => {
                Self::text(StatusCode::UNPROCESSABLE_ENTITY, problems.to_string())
            }
            Error::InvalidKey(problems) => Self::text(StatusCode::UNPROCESSABLE_ENTITY, problems.sentence()),
            Error::InvitationPending { .. } => Self::Denied(Reason::NotOwner),
            Error::TooLarge { limit } => Self::text(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The gem is larger than this server accepts ({limit} bytes)."),
            ),
            Error::Interrupted => Self::text(
                StatusCode::BAD_REQUEST,
                "The upload ended before it was complete. Please push again.",
            ),
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

fn missing_text(missing: Missing) -> &'static str {
    match missing {
        Missing::Package => "This rubygem could not be found.",
        Missing::Release => "This version could not be found.",
        Missing::Owner => "Owner could not be found.",
        Missing::Account
        | Missing::Key
        | Missing::Session
        | Missing::Page
        | Missing::Invitation
        | Missing::Link => "Not Found",
    }
}

fn conflict_text(conflict: &Conflict) -> GemError {
    let (status, text) = match conflict {
        Conflict::AlreadyOwner => (StatusCode::UNPROCESSABLE_ENTITY, "User is already an owner of this gem"),
        Conflict::AlreadyInvited => (StatusCode::UNPROCESSABLE_ENTITY, "User is already invited to this gem"),
        Conflict::LastOwner => (StatusCode::FORBIDDEN, "Unable to remove owner."),
        Conflict::OwnRole => (StatusCode::FORBIDDEN, "Can't update your own Role"),
        Conflict::LetterCase => (
            StatusCode::CONFLICT,
            "Unable to change case of gem name with indexed versions\nPlease delete all versions first with `gem yank`.",
        ),
        other => return GemError::text(StatusCode::CONFLICT, other.to_string()),
    };
    GemError::text(status, text)
}

/// Status and text of a refusal. `base` is the address of this server.
fn refusal(reason: Reason, base: &str) -> (StatusCode, String) {
    let forbidden = |text: &str| (StatusCode::FORBIDDEN, text.to_owned());
    match reason {
        Reason::Unknown | Reason::Expired | Reason::Revoked => {
            (StatusCode::UNAUTHORIZED, format!("Access Denied. Please sign up for an account at {base}"))
        }
        Reason::SecondFactorWanted => (
            StatusCode::UNAUTHORIZED,
            "You have enabled multifactor authentication but no OTP code provided. Please fill it and retry."
                .to_owned(),
        ),
        Reason::AccountUnconfirmed => forbidden(
            "Please confirm your email address before using the API. Check your inbox for a confirmation link.",
        ),
        Reason::AccountLocked => {
            forbidden("This account is locked. Please contact the administrator of this server.")
        }
        Reason::OwnershipLost => {
            forbidden("An invalid API key cannot be used. Please delete it and create a new one.")
        }
        Reason::ActionNotGranted => forbidden("The API key doesn't have access"),
        Reason::PackageNotCovered => {
            forbidden("This API key cannot perform the specified action on this gem.")
        }
        Reason::NameReserved => forbidden("This gem name is reserved. You are not allowed to push this gem."),
        Reason::NotOwner => forbidden("Forbidden"),
    }
}

impl IntoResponse for GemError {
    fn into_response(self) -> Response {
        match self {
            Self::Text(status, text) => plain_error(status, text),
            Self::Json(status, text) => (status, Json(json!({ "error": text }))).into_response(),
            // The address of the server is filled in by the layer below, which knows it.
            Self::Denied(reason) => {
                let mut response = StatusCode::FORBIDDEN.into_response();
                response.extensions_mut().insert(reason);
                response
            }
            Self::WrongPassword => {
                let mut response =
                    plain_error(StatusCode::UNAUTHORIZED, "HTTP Basic: Access denied.\n".to_owned());
                let realm = HeaderValue::from_static("Basic realm=\"Application\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
                response
            }
            Self::Limited(seconds) => later(StatusCode::TOO_MANY_REQUESTS, seconds, "Retry later\n"),
            Self::Busy(seconds) => later(
                StatusCode::SERVICE_UNAVAILABLE,
                seconds,
                "The server is busy. Please try again in a few seconds.\n",
            ),
            Self::Internal => {
                plain_error(StatusCode::INTERNAL_SERVER_ERROR, "Server error. Please try again.".to_owned())
            }
        }
    }
}

/// An answer to a request that may be repeated after so many seconds.
fn later(status: StatusCode, seconds: u64, text: &str) -> Response {
    let mut response = plain_error(status, text.to_owned());
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

fn plain_error(status: StatusCode, text: String) -> Response {
    let mut response = (status, text.clone()).into_response();
    response.extensions_mut().insert(ErrorText(text));
    response
}

/// Completes errors on their way out: the text of a refusal with this server's address, and 403 and 404 in the format that the
/// path names. 401 stays plain text, since clients match on it.
pub(crate) async fn complete(base: &str, request: Request, next: Next) -> Response {
    let (_, format) = split_format(request.uri().path());
    let mut response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    let route = response.extensions_mut().remove::<RoutePattern>();
    let mut response = written(response, base, format);
    // For the log: what was written may have taken the place of the answer that knew its route.
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

fn written(mut response: Response, base: &str, format: Option<Format>) -> Response {
    if let Some(reason) = response.extensions_mut().remove::<Reason>() {
        let (status, text) = refusal(reason, base);
        response = plain_error(status, text);
        let word = if reason == Reason::Revoked { Reason::Unknown.as_str() } else { reason.as_str() };
        response.headers_mut().insert(REASON, HeaderValue::from_static(word));
    }
    let plain = !matches!(response.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
    match (response.extensions_mut().remove::<ErrorText>(), format) {
        (Some(ErrorText(text)), Some(format)) if !plain => in_format(response, &text, format),
        _ => response,
    }
}

fn in_format(response: Response, text: &str, format: Format) -> Response {
    let (status, mut headers) = (response.status(), response.headers().clone());
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
    let mut formatted = match format {
        Format::Plain => return response,
        Format::Json => Json(json!({ "error": text })).into_response(),
        Format::Yaml => {
            ([(header::CONTENT_TYPE, "text/yaml; charset=utf-8")], yaml(&json!({ "error": text })))
                .into_response()
        }
    };
    *formatted.status_mut() = status;
    formatted.headers_mut().extend(headers);
    formatted
}

#[cfg(test)]
mod tests {
    use axum::middleware::from_fn;
    use http::Method;
    use http_kit::{Access, Routes};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_refusal_still_knows_its_route_for_the_log() {
        let router = Routes::<()>::default()
            .add(Method::GET, "/gems/{name}", Access::Public, async || GemError::Denied(Reason::NotOwner))
            .into_router()
            .layer(from_fn(|request: Request, next: Next| complete("", request, next)));
        for path in ["/gems/hola", "/gems/hola.json", "/gems/hola.yaml"] {
            let request = http::Request::get(path).body(axum::body::Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::FORBIDDEN);
            let route = response.extensions().get::<RoutePattern>().map(RoutePattern::as_str);
            assert_eq!(route, Some("/gems/{name}"), "{path}");
        }
    }
}
