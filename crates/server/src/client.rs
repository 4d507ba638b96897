//! Where a request comes from, when proxies stand in front of us.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// The header in which each proxy notes, at its end, where a request came to it from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies that are believed.
#[derive(Debug, Clone)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(crate) fn new(networks: &[IpNet]) -> Self {
        Self(networks.to_vec())
    }

    /// Whether this address, in its canonical form, is one of ours.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the address of the client: the nearest hop that is no trusted proxy.
    ///
    /// Each hop vouches for the one to its left only, so the list is read from the right, over all its lines, for as long as the hop
    /// that wrote an entry is trusted. What stands further left was sent by the client, who may write there whatever it likes.
    ///
    /// An entry that cannot be read (`unknown`, a name, nothing) ends the walk: what stands left of it has no one to vouch for it. The
    /// client then counts as the last trusted proxy that was reached. That is coarse, since all such clients share one address and
    /// its limits; but nobody can choose an address, and nobody gets a new one with each request.
    pub(crate) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        let mut reached = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')).map(hop);
        while self.contain(reached) {
            let Some(Some(hop)) = hops.next() else { break };
            reached = hop;
        }
        reached
    }
}

/// Reads one entry of the list: an address, which may have a port, in the form in which addresses are compared.
fn hop(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let address = text.parse().ok().or_else(with_port).or_else(in_brackets)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    const PROXIES: [&str; 3] = ["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.1/32"];

    fn proxies() -> TrustedProxies {
        TrustedProxies::new(&PROXIES.map(|network| network.parse().unwrap()))
    }

    fn headers<Line: AsRef<[u8]>>(lines: impl IntoIterator<Item = Line>) -> HeaderMap {
        let name = HeaderName::from_static(FORWARDED_FOR);
        lines
            .into_iter()
            .map(|line| (name.clone(), HeaderValue::from_bytes(line.as_ref()).unwrap()))
            .collect()
    }

    fn client(peer: &str, lines: &[&str]) -> String {
        proxies().client(&headers(lines), peer.parse().unwrap()).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_may_say_where_a_request_comes_from() {
        let list = ["198.51.100.7, 203.0.113.9, 10.0.0.2"];
        assert_eq!(client("10.0.0.1", &list), "203.0.113.9");
        assert_eq!(client("203.0.113.1", &list), "203.0.113.1");
        assert_eq!(client("::ffff:10.0.0.1", &list), "203.0.113.9", "a socket for both families says it so");
    }

    #[test]
    fn the_list_is_read_from_the_right_over_all_its_lines() {
        assert_eq!(client("10.0.0.1", &["198.51.100.7", "203.0.113.9", "10.0.0.2, 10.0.0.3"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.7, 203.0.113.9", "10.0.0.2"]), "203.0.113.9");
    }

    #[test]
    fn an_entry_that_cannot_be_read_ends_the_walk_at_the_last_trusted_proxy() {
        for unreadable in ["unknown", "", "_hidden", "example.com", "203.0.113.999", "[::1", "\"1.2.3.4\""] {
            let list = format!("198.51.100.7, {unreadable}, 10.0.0.2");
            assert_eq!(client("10.0.0.1", &[&list]), "10.0.0.2", "{unreadable}");
            let left_of_the_client = format!("198.51.100.7, {unreadable}, 203.0.113.9, 10.0.0.2");
            assert_eq!(client("10.0.0.1", &[&left_of_the_client]), "203.0.113.9", "{unreadable}");
        }
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3", "a request of the proxy itself");
    }

    #[test]
    fn entries_have_ports_and_both_ways_of_writing_addresses() {
        for (entry, address) in [
            ("203.0.113.9:567", "203.0.113.9"),
            ("[2001:db8::9]:567", "2001:db8::9"),
            ("[2001:db8::9]", "2001:db8::9"),
            ("2001:DB8::9", "2001:db8::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:1", "203.0.113.9"),
        ] {
            assert_eq!(client("10.0.0.1", &[&format!("6.6.6.6, {entry}, ::ffff:10.0.0.2")]), address);
        }
    }

    /// What a forger may send: addresses of every kind, and what is none.
    fn forged_entry() -> impl Strategy<Value = String> {
        let known =
            vec!["10.0.0.9", "192.0.2.1", "[2001:db8:ffff::1]:80", "::ffff:10.1.1.1", "unknown", "", " "];
        prop_oneof![
            select(known).prop_map(str::to_owned),
            any::<IpAddr>().prop_map(|address| address.to_string()),
            any::<SocketAddr>().prop_map(|address| address.to_string()),
            "[ -~]{0,20}",
        ]
    }

    fn forged_lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let text = vec(forged_entry(), 0..5).prop_map(|entries| entries.join(",").into_bytes());
        let bytes = vec(0x80..=0xff_u8, 0..9);
        vec(prop_oneof![4 => text, 1 => bytes], 0..4)
    }

    /// An address that no proxy of ours has.
    fn outside() -> impl Strategy<Value = IpAddr> {
        any::<IpAddr>()
            .prop_map(|address| address.to_canonical())
            .prop_filter("it is no proxy", |address| !proxies().contain(*address))
    }

    proptest! {
        #[test]
        fn no_forged_list_changes_the_client_that_a_chain_of_trusted_proxies_reports(
            forged in forged_lines(),
            client in outside(),
            chain in vec(select(vec!["10.0.0.2", "10.3.4.5:80", "2001:db8:ffff::7", "::ffff:192.0.2.1"]), 0..3),
            begins_a_line in any::<bool>(),
        ) {
            // The first proxy notes the client, each further one the proxy before it: at the end of the last line, or on a new one.
            let mut lines = forged;
            let noted = [vec![client.to_string()], chain.iter().map(ToString::to_string).collect()].concat();
            match lines.last_mut() {
                Some(last) if !begins_a_line => last.extend(format!(", {}", noted.join(", ")).bytes()),
                _ => lines.push(noted.join(",").into_bytes()),
            }
            let peer = "10.0.0.1".parse().unwrap();
            prop_assert_eq!(proxies().client(&headers(&lines), peer), client);
        }
    }
}
