use std::{fmt, net::IpAddr, str::FromStr};

use http::{HeaderMap, header};

/// The host and the port that a request names in `Host`, or an address in its authority, in the form in which they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The host.
    pub host: Host,
    /// The port, if one is named.
    pub port: Option<u16>,
}

/// A name in lower case and without a dot at its end, or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name.
    Name(String),
    /// An IP address; one of IPv4 that is written as IPv6 is one of IPv4.
    Address(IpAddr),
}

/// Where a page comes from, as browsers see it: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin {
    is_https: bool,
    host: Host,
    port: u16,
}

/// A text that is no authority or no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not an address of the web")]
pub struct NoOrigin;

impl Host {
    /// Whether the name or the address is always the machine itself: nobody else can make a browser take it for theirs.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Self::Address(address) => address.is_loopback(),
        }
    }
}

impl FromStr for Host {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: std::net::Ipv6Addr = address.parse().map_err(|_| NoOrigin)?;
            return Ok(Self::Address(address.to_canonical()));
        }
        if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let in_names = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if name.is_empty() || !name.bytes().all(in_names) {
            return Err(NoOrigin);
        }
        Ok(Self::Name(name.to_ascii_lowercase()))
    }
}

impl FromStr for Authority {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        // The colons of an address of IPv6 stand in brackets.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (text, ""),
        };
        let digits = port.bytes().all(|byte| byte.is_ascii_digit()).then_some(port).ok_or(NoOrigin)?;
        let port = match digits {
            "" => None,
            digits => Some(digits.parse().map_err(|_| NoOrigin)?),
        };
        Ok(Self { host: host.parse()?, port })
    }
}

impl WebOrigin {
    /// The origin of the pages below an address.
    pub fn of_address(address: &str) -> Result<Self, NoOrigin> {
        let (scheme, rest) = address.split_once("://").ok_or(NoOrigin)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Self::new(scheme, authority)
    }

    fn new(scheme: &str, authority: &str) -> Result<Self, NoOrigin> {
        let is_https = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(NoOrigin),
        };
        let Authority { host, port } = authority.parse()?;
        Ok(Self { is_https, host, port: port.unwrap_or(usual_port(is_https)) })
    }

    /// Whether pages of this origin are read over TLS.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether a request that names this authority is one to this origin. Proxies may leave the port out.
    pub fn is_at(&self, authority: &Authority) -> bool {
        self.host == authority.host && authority.port.is_none_or(|port| port == self.port)
    }

    /// Whether a page of this origin that asks its own server names this authority.
    pub fn is_exactly_at(&self, authority: &Authority) -> bool {
        let port = authority.port.unwrap_or(usual_port(self.is_https));
        self.host == authority.host && port == self.port
    }
}

/// The port that nobody writes.
fn usual_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

impl FromStr for WebOrigin {
    type Err = NoOrigin;

    /// Reads the value of `Origin`.
    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(NoOrigin)?;
        Self::new(scheme, authority)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == usual_port(self.is_https) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// What `Host` names, if it can be read.
pub fn host_of(headers: &HeaderMap) -> Option<Authority> {
    headers.get(header::HOST)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_read_in_the_form_in_which_hosts_are_compared() {
        let read = |text: &str| text.parse::<Authority>().map(|it| (it.host.to_string(), it.port)).ok();
        let of = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(read("Keys.Example.COM.:8080"), of("keys.example.com", Some(8080)));
        assert_eq!(read("keys.example.com:"), of("keys.example.com", None));
        assert_eq!(read("[0:0::1]:80"), of("[::1]", Some(80)));
        assert_eq!(read("[::ffff:127.0.0.1]"), of("127.0.0.1", None));
        for wrong in
            ["", ":80", "a:b", "a:+80", "a:65536", "u@a", "a/b", "a b", "[::1", "::1", "[a]", "a,b", "é"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_of_the_machine_itself_are_known() {
        let is_loopback = |host: &str| host.parse::<Host>().unwrap().is_loopback();
        for ours in ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(ours), "{ours}");
        }
        for others in ["localhost.evil.test", "notlocalhost", "127.0.0.1.evil.test", "128.0.0.1", "[::2]"] {
            assert!(!is_loopback(others), "{others}");
        }
    }

    #[test]
    fn origins_are_the_same_when_scheme_host_and_port_are() {
        let origin = |text: &str| text.parse::<WebOrigin>().ok();
        assert_eq!(origin("https://a.test"), origin("https://A.test:443"));
        assert_eq!(origin("http://a.test"), WebOrigin::of_address("http://a.test:80/path?x#y").ok());
        assert_ne!(origin("http://a.test"), origin("https://a.test"));
        assert_ne!(origin("http://a.test:8080"), origin("http://a.test"));
        for wrong in ["null", "*", "a.test", "ftp://a.test", "https://a.test/", "https://*.a.test"] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
        for text in ["https://a.test", "http://a.test:8080", "http://[::1]:81"] {
            assert_eq!(origin(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_request_may_leave_out_the_port_of_an_origin_but_not_name_another() {
        let is_at = |authority: &str| {
            WebOrigin::of_address("https://a.test:8443").unwrap().is_at(&authority.parse().unwrap())
        };
        assert!(is_at("a.test:8443") && is_at("A.test"));
        assert!(!is_at("a.test:443") && !is_at("b.test:8443"));
        let asks = |origin: &str, authority: &str| {
            origin.parse::<WebOrigin>().unwrap().is_exactly_at(&authority.parse().unwrap())
        };
        assert!(asks("https://a.test", "a.test") && asks("http://a.test:8080", "a.test:8080"));
        assert!(!asks("http://a.test:8080", "a.test") && !asks("http://a.test:81", "a.test:8080"));
    }
}
