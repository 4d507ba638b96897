#![doc = include_str!("../README.md")]

mod address;
mod body;
mod browser;
pub mod conditional;
mod cors;
mod credentials;
mod format;
mod origin;
mod params;
mod query;
mod request_id;
mod routes;
mod yaml;

pub use address::PeerAddress;
pub use body::{BodyKind, drain, drain_unread};
pub use browser::{is_browser, is_from_another_site};
pub use cors::CorsOrigins;
pub use credentials::{Basic, basic, raw_key};
pub use format::{Format, split_format};
pub use origin::{Authority, Host, NoOrigin, WebOrigin, host_of};
pub use params::{BadParams, LARGEST_FORM, MOST_PARAMS, Params};
pub use request_id::{RequestId, RequestIds};
pub use routes::{Access, RouteEntry, RoutePattern, Routes};
pub use yaml::yaml;
