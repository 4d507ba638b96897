//! Single HTTP requests, as a browser or a script makes them.

use std::time::Duration;

use ureq::Agent;
use ureq::http::Response;

/// An answer that has arrived whole.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status of HTTP.
    pub(crate) status: u16,
    /// All bytes of the body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Returns the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn receive(response: Response<ureq::Body>) -> Result<Self, ureq::Error> {
        let status = response.status().as_u16();
        let body = response.into_body().read_to_vec()?;
        Ok(Self { status, body })
    }
}

/// Sends a GET. An error means that no whole answer came.
pub(crate) fn get(url: &str) -> Result<Answer, ureq::Error> {
    Answer::receive(agent().get(url).call()?)
}

/// Sends a POST with some headers. An error means that no whole answer came.
pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, ureq::Error> {
    let request =
        headers.iter().fold(agent().post(url), |request, (name, value)| request.header(*name, *value));
    Answer::receive(request.send(body)?)
}

/// A client that reports every status as it is, follows nothing, and uses no proxy. It opens a connection for each request.
fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
    config.max_redirects_will_error(false).timeout_global(Some(Duration::from_mins(1))).build().into()
}
