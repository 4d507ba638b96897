use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};

use crate::WebOrigin;

/// The sites whose scripts may read what is public. A registry inside a company is reached by the browsers of people who visit other
/// sites too: whoever is not named here reads nothing.
#[derive(Debug, Clone, Default)]
pub struct CorsOrigins(Arc<[WebOrigin]>);

impl CorsOrigins {
    /// Exactly these.
    pub fn new(origins: &[WebOrigin]) -> Self {
        Self(origins.into())
    }

    /// Lets the sender of the request read the answer, if it is one of these sites; `more` is what else it is told then.
    #[must_use]
    pub fn share(
        &self,
        request: &HeaderMap,
        mut answer: Response,
        more: &[(header::HeaderName, HeaderValue)],
    ) -> Response {
        if self.0.is_empty() {
            return answer;
        }
        // Whatever the origin: a cache must not give the answer for one to another.
        answer.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = request.get(header::ORIGIN).filter(|origin| self.contains(origin)) else {
            return answer;
        };
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.headers_mut().extend(more.iter().cloned());
        answer
    }

    fn contains(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().ok().and_then(|text| text.parse::<WebOrigin>().ok());
        origin.is_some_and(|origin| self.0.contains(&origin))
    }
}
