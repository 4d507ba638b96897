//! The fields of a sent form, repeated ones included.

use axum::{
    extract::{DefaultBodyLimit, FromRequest, RawForm, Request},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use http_kit::{LARGEST_FORM, MOST_PARAMS};

use crate::error::refusal;

/// What somebody typed and ticked, in order. May hold a password: it has no `Debug` text.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field, without space around it; empty when it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.secret(name).trim()
    }

    /// A password, letter for letter.
    pub(crate) fn secret(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// All values of a field, without space around them.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// The values of a field with one item a line or between commas, without empty ones.
    pub(crate) fn items<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let items = self.all(name).flat_map(|value| value.split(['\n', ',', ' ', '\r', '\t']));
        items.map(str::trim).filter(|item| !item.is_empty())
    }

    /// Whether the form has such a field at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// Whether a box is ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Response> {
        DefaultBodyLimit::max(LARGEST_FORM).apply(&mut request);
        let RawForm(bytes) = RawForm::from_request(request, state).await.map_err(|rejection| {
            let response = rejection.into_response();
            if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
                too_large(response.status())
            } else {
                response
            }
        })?;
        let fields: Vec<_> = form_urlencoded::parse(&bytes)
            .take(MOST_PARAMS + 1)
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        if fields.len() > MOST_PARAMS { Err(too_large(StatusCode::BAD_REQUEST)) } else { Ok(Self(fields)) }
    }
}

fn too_large(status: StatusCode) -> Response {
    let text = format!("A form can have at most {MOST_PARAMS} fields and {} MiB.", LARGEST_FORM >> 20);
    refusal(status, "The form is too large", text)
}
