//! The pages of keys: list, make, change, regenerate, delete.

mod change;
mod create;
mod form;
mod list;
mod preview;
mod remove;
mod scopes;
mod value;
mod view;

use domain::Timestamp;
use http::Method;
use http_kit::{Access, Routes};

use crate::Web;
pub(crate) use view::label;

pub(crate) fn routes() -> Routes<Web> {
    Routes::default()
        .add(Method::GET, "/keys", Access::Session, list::show)
        .add(Method::GET, "/keys/new", Access::Session, create::choose)
        .add(Method::GET, "/keys/new/{ecosystem}", Access::Session, create::show)
        .add(Method::POST, "/keys/new/{ecosystem}", Access::Session, create::submit)
        .add(Method::POST, "/keys/preview/{ecosystem}", Access::Session, preview::show)
        .add(Method::GET, "/keys/{id}", Access::Session, change::show)
        .add(Method::POST, "/keys/{id}", Access::Session, change::submit)
        .add(Method::POST, "/keys/{id}/value", Access::Session, value::claim)
        .add(Method::GET, "/keys/{id}/regenerate", Access::Session, remove::ask_regenerate)
        .add(Method::POST, "/keys/{id}/regenerate", Access::Session, remove::regenerate)
        .add(Method::GET, "/keys/{id}/delete", Access::Session, remove::ask_delete)
        .add(Method::POST, "/keys/{id}/delete", Access::Session, remove::delete)
        .add(Method::GET, "/keys/reset", Access::Session, remove::ask_reset)
        .add(Method::POST, "/keys/reset", Access::Session, remove::reset)
}

/// An instant for people: UTC, to the minute.
pub(crate) fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
