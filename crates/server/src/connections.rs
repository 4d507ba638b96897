//! Who is connected: how many, from where, and which of them wait for their clients. When there is no room for a new connection, one that
//! waits for its client makes room; whoever only waits never keeps out whoever asks.

mod bodies;
mod link;
mod room;

pub(crate) use bodies::{Bodies, TooMany};
pub(crate) use link::{Link, Tracked};
pub(crate) use room::Connections;
