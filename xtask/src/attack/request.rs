//! A request as bytes, and what matters of an answer.

use std::fmt::Write as _;

/// A request of HTTP/1.1.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// A request without a body. The connection is closed after the answer, unless it is kept with [`Request::keep`].
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self { head: format!("{method} {path} HTTP/1.1\r\n"), body: Vec::new() }
    }

    /// A `GET`.
    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A `POST` of form fields.
    pub(crate) fn form(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", path).body("application/x-www-form-urlencoded", body)
    }

    /// A push with a key, right or wrong.
    pub(crate) fn push(key: &str, gem: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", "/rubygems/api/v1/gems")
            .header("Authorization", key)
            .body("application/octet-stream", gem)
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        write!(self.head, "{name}: {value}\r\n").expect("a string takes every text");
        self
    }

    /// Adds a name and password.
    pub(crate) fn basic(self, login: &str, password: &str) -> Self {
        let credentials = base64(format!("{login}:{password}").as_bytes());
        self.header("Authorization", &format!("Basic {credentials}"))
    }

    /// Adds the cookie of a session, as a page of this server would send it.
    pub(crate) fn session(self, session: &str) -> Self {
        self.header("Cookie", &format!("keyward_session={session}")).header("Sec-Fetch-Site", "same-origin")
    }

    /// Adds a body and its type.
    pub(crate) fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self.header("Content-Type", content_type) }
    }

    /// The bytes of a request after which the connection is closed.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.head(self.body.len() as u64, "close").as_bytes(), &self.body].concat()
    }

    /// The bytes of a request after which the connection is kept.
    pub(crate) fn keep(&self) -> Vec<u8> {
        [self.head(self.body.len() as u64, "keep-alive").as_bytes(), &self.body].concat()
    }

    /// The head, which promises a body of so many bytes.
    pub(crate) fn promise(&self, length: u64) -> Vec<u8> {
        self.head(length, "close").into_bytes()
    }

    fn head(&self, length: u64, connection: &str) -> String {
        let length = if length == 0 { String::new() } else { format!("Content-Length: {length}\r\n") };
        format!(
            "{}Host: 127.0.0.1\r\nUser-Agent: attack\r\nConnection: {connection}\r\n{length}\r\n",
            self.head
        )
    }
}

/// An answer, of whose body only the start is kept.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// Head and start of the body.
    pub(crate) text: String,
}

impl Answer {
    /// Reads the start of what a server sent.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        Some(Self { status, text })
    }

    /// Whether all went well.
    pub(crate) fn is_good(&self) -> bool {
        (200..400).contains(&self.status)
    }

    /// The value of a cookie that is set.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let set = self.text.split("\r\n").filter_map(|line| line.split_once(": "));
        set.filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie"))
            .find_map(|(_, cookie)| cookie.strip_prefix(name)?.strip_prefix('=')?.split(';').next())
    }
}

/// The alphabet of base64.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or_default()));
        let bits = a << 16 | b << 8 | c;
        for place in 0..4 {
            let six = bits >> (18 - 6 * place) & 63;
            text.push(if place <= group.len() { char::from(ALPHABET[six as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (plain, encoded) in
            [("", ""), ("a", "YQ=="), ("a:", "YTo="), ("a:b", "YTpi"), ("a:b?", "YTpiPw==")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn a_request_tells_how_long_its_body_is() {
        let request = Request::form("/sign_in", "login=a");
        let text = String::from_utf8(request.bytes()).unwrap();
        assert!(
            text.starts_with("POST /sign_in HTTP/1.1\r\n") && text.ends_with("\r\n\r\nlogin=a"),
            "{text}"
        );
        assert!(text.contains("Content-Length: 7\r\n") && text.contains("Connection: close\r\n"), "{text}");
        let text = String::from_utf8(Request::get("/healthz").keep()).unwrap();
        assert!(!text.contains("Content-Length") && text.contains("Connection: keep-alive\r\n"), "{text}");
    }

    #[test]
    fn status_and_cookies_of_an_answer_are_found() {
        let answer =
            Answer::of(b"HTTP/1.1 303 See Other\r\nset-cookie: keyward_session=abc; Path=/\r\n\r\n").unwrap();
        assert!(answer.is_good());
        assert_eq!(answer.cookie("keyward_session"), Some("abc"));
        assert_eq!(answer.cookie("other"), None);
        assert!(Answer::of(b"nothing").is_none());
    }
}
