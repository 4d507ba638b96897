//! The host names that this server answers to. Whoever can point a name of its own at our address (DNS rebinding) would otherwise read
//! us from the browsers of our users, as a page of that name.

use std::net::IpAddr;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, Version, header};
use http_kit::{Authority, Host, WebOrigin};

/// The host names of this server.
#[derive(Debug)]
pub(crate) struct Hosts {
    base: WebOrigin,
    /// Whether the operator chose the base, or it is the address listened on.
    is_chosen: bool,
    gems: Vec<Host>,
}

/// What is served at a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// Every face below its path.
    Whole,
    /// The gems alone.
    Gems,
}

/// Why a request is not served at the host that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotServed {
    /// HTTP/1.1 wants exactly one host, and one that can be read.
    Malformed,
    /// The host is none of ours.
    Elsewhere(Authority),
}

impl Hosts {
    /// The hosts of a server: that of the base address, which the operator chose or which is the address listened on, and those of the
    /// gems.
    pub(crate) fn new(base: WebOrigin, is_chosen: bool, gems: &[String]) -> Self {
        let gems = gems.iter().map(|name| Host::Name(name.to_ascii_lowercase())).collect();
        Self { base, is_chosen, gems }
    }

    /// Finds out what a request that arrived at the local address `local` is about. From then on `Host` says so too, also where the
    /// target of the request had a host of its own.
    pub(crate) fn find(&self, request: &mut Request, local: IpAddr) -> Result<Site, NotServed> {
        let Some(authority) = named(request)? else { return Ok(Site::Whole) };
        if self.gems.contains(&authority.host) {
            return Ok(Site::Gems);
        }
        if self.base.is_at(&authority) || self.is_this_machine(&authority.host, local.to_canonical()) {
            return Ok(Site::Whole);
        }
        Err(NotServed::Elsewhere(authority))
    }

    /// Whether the host is a name that nobody else can have: one of the loopback interface, where the request arrived there or nothing
    /// was chosen, or the very address at which the request arrived, where nothing was chosen. An address cannot be rebound.
    fn is_this_machine(&self, host: &Host, local: IpAddr) -> bool {
        let by_loopback = host.is_loopback() && (local.is_loopback() || !self.is_chosen);
        by_loopback || (!self.is_chosen && *host == Host::Address(local))
    }
}

/// The host that the request names: in its target, else in `Host`. Only HTTP/1.0 may name none.
fn named(request: &mut Request) -> Result<Option<Authority>, NotServed> {
    if let Some(target) = request.uri().authority() {
        let text = HeaderValue::from_str(target.as_str()).map_err(|_| NotServed::Malformed)?;
        request.headers_mut().insert(header::HOST, text);
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let host = host.to_str().ok().and_then(|text| text.parse().ok());
            host.map(Some).ok_or(NotServed::Malformed)
        }
        (None, _) if request.version() == Version::HTTP_10 => Ok(None),
        _ => Err(NotServed::Malformed),
    }
}

impl IntoResponse for NotServed {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed => {
                (StatusCode::BAD_REQUEST, "The request must name one host in its Host header.\n")
                    .into_response()
            }
            Self::Elsewhere(Authority { host, .. }) => {
                let text = format!(
                    "This server does not serve the host {host}. If clients should reach it under this name, its administrator \
                     sets `base_url` to the address that they use, or adds the name to `rubygems.hosts`. A proxy in front of it \
                     must pass on the Host header.\n"
                );
                (StatusCode::MISDIRECTED_REQUEST, text).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    const LOOPBACK: &str = "127.0.0.1";
    const LAN: &str = "192.168.1.5";

    fn hosts(base: &str, is_chosen: bool) -> Hosts {
        Hosts::new(WebOrigin::of_address(base).unwrap(), is_chosen, &["Gems.example.com".to_owned()])
    }

    /// Whether a request to this host is served that arrived at this address.
    fn is_served(hosts: &Hosts, host: &str, local: &str) -> bool {
        let mut request = Request::get("/").header(header::HOST, host).body(Body::empty()).unwrap();
        hosts.find(&mut request, local.parse().unwrap()) == Ok(Site::Whole)
    }

    #[test]
    fn with_a_base_address_only_its_host_is_served_and_loopback_names_on_the_machine_itself() {
        let hosts = hosts("https://keys.example.com/keyward", true);
        for host in ["keys.example.com", "KEYS.example.com.", "keys.example.com:443"] {
            assert!(is_served(&hosts, host, LAN), "{host}");
        }
        let foreign = ["evil.test", "keys.example.com.evil.test", "keys.example.com:80", LAN, "192.168.1.6"];
        for host in foreign {
            assert!(!is_served(&hosts, host, LAN) && !is_served(&hosts, host, LOOPBACK), "{host}");
        }
        for host in ["localhost:99", "a.localhost", "127.0.0.2:8080", "[::1]:8080"] {
            assert!(is_served(&hosts, host, LOOPBACK), "{host}");
            assert!(!is_served(&hosts, host, LAN), "{host}");
        }
    }

    #[test]
    fn without_a_base_address_the_machine_is_served_by_its_own_address_and_by_loopback_names() {
        let hosts = hosts("http://127.0.0.1:8080", false);
        for host in ["127.0.0.1:8080", "localhost:9", "192.168.1.5:8080", "192.168.1.5"] {
            assert!(is_served(&hosts, host, LAN), "{host}");
        }
        assert!(is_served(&hosts, LAN, "::ffff:192.168.1.5"), "the socket is one for both families");
        for host in ["192.168.1.6:8080", "evil.test:8080", "keyward", "127.0.0.1.nip.io"] {
            assert!(!is_served(&hosts, host, LAN) && !is_served(&hosts, host, LOOPBACK), "{host}");
        }
    }

    #[test]
    fn a_host_of_the_gems_is_known_with_and_without_port() {
        let find = |host: &str| {
            let mut request = Request::get("/").header(header::HOST, host).body(Body::empty()).unwrap();
            hosts("http://a.test", true).find(&mut request, LAN.parse().unwrap())
        };
        assert_eq!(find("gems.example.com"), Ok(Site::Gems));
        assert_eq!(find("GEMS.example.com:8080"), Ok(Site::Gems));
        assert!(matches!(find("gems.example.com.evil.test"), Err(NotServed::Elsewhere(_))));
    }

    #[test]
    fn the_host_in_the_target_counts_and_takes_the_place_of_the_header() {
        let hosts = hosts("http://a.test", true);
        let find = |target: &str, host: &str| {
            let mut request = Request::get(target).header(header::HOST, host).body(Body::empty()).unwrap();
            let found = hosts.find(&mut request, LAN.parse().unwrap());
            (found, request.headers()[header::HOST].to_str().unwrap().to_owned())
        };
        assert_eq!(find("http://a.test/names", "evil.test"), (Ok(Site::Whole), "a.test".to_owned()));
        let (refused, _) = find("http://evil.test/names", "a.test");
        assert!(matches!(refused, Err(NotServed::Elsewhere(_))));
        assert_eq!(find("http://u@a.test/", "a.test").0, Err(NotServed::Malformed));
    }

    #[test]
    fn exactly_one_host_is_named_but_for_http_1_0() {
        let hosts = hosts("http://a.test", true);
        let find = |version: Version, names: &[&str]| {
            let mut request = Request::get("/").version(version).body(Body::empty()).unwrap();
            for name in names {
                request.headers_mut().append(header::HOST, HeaderValue::from_str(name).unwrap());
            }
            hosts.find(&mut request, LAN.parse().unwrap())
        };
        assert_eq!(find(Version::HTTP_10, &[]), Ok(Site::Whole));
        for (version, names) in [
            (Version::HTTP_11, &[] as &[&str]),
            (Version::HTTP_11, &["a.test", "a.test"]),
            (Version::HTTP_10, &["a.test", "evil.test"]),
            (Version::HTTP_11, &["a.test evil.test"]),
            (Version::HTTP_11, &[""]),
        ] {
            assert_eq!(find(version, names), Err(NotServed::Malformed), "{names:?}");
        }
    }
}
