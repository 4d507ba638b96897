use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use registry::LimitKey;

use crate::listen::RETRY_AFTER;

/// How many bodies each client behind a trusted proxy is sending.
#[derive(Debug)]
pub(crate) struct Bodies {
    most_of_one: usize,
    sending: Mutex<HashMap<LimitKey, usize>>,
}

/// A body that is being sent, until this is dropped.
pub(crate) struct Turn<'a>(&'a Bodies, Option<LimitKey>);

/// A client sends as many bodies as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Bodies {
    /// So many of each client at the same time.
    pub(crate) fn new(most_of_one: usize) -> Self {
        Self { most_of_one, sending: Mutex::default() }
    }

    /// Counts a body of a client, until what it returns is dropped; nothing is counted of `None`.
    pub(crate) fn begin(&self, client: Option<LimitKey>) -> Result<Turn<'_>, TooMany> {
        if let Some(client) = client {
            let mut sending = self.lock();
            let count = sending.entry(client).or_default();
            if *count >= self.most_of_one {
                return Err(TooMany);
            }
            *count += 1;
        }
        Ok(Turn(self, client))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LimitKey, usize>> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(client) = self.1 else { return };
        let mut sending = self.0.lock();
        if let Some(count) = sending.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                sending.remove(&client);
            }
        }
    }
}

impl IntoResponse for TooMany {
    fn into_response(self) -> Response {
        let text = "Too many requests of this client are still being sent. Please try again.\n";
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER.to_string())], text)
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use registry::ClientAddress;

    use super::*;

    #[test]
    fn a_client_sends_only_so_many_bodies_at_the_same_time() {
        let key = |last| Some(ClientAddress([192, 0, 2, last].into()).limit_key());
        let bodies = Bodies::new(2);
        let (first, second) = (bodies.begin(key(1)), bodies.begin(key(1)));
        assert!(first.is_ok() && second.is_ok() && bodies.begin(key(1)).is_err());
        assert!(bodies.begin(key(2)).is_ok() && bodies.begin(None).is_ok());
        drop(first);
        assert!(bodies.begin(key(1)).is_ok());
        drop(second);
        assert!(bodies.lock().is_empty(), "nobody is remembered who sends nothing");
    }
}
