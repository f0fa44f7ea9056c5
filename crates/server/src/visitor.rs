//! Whom a held poll counts against. How many may be held for one is the park's business.

use std::net::{IpAddr, SocketAddr};

/// The part of a client's address that it cannot change at will: all of IPv4, the network of IPv6.
///
/// There is none for this machine's own addresses: behind them is a proxy, and so everybody.
pub(crate) fn visitor(address: SocketAddr) -> Option<u64> {
    let address = address.ip().to_canonical();
    match address {
        _ if address.is_loopback() => None,
        IpAddr::V4(address) => Some(address.to_bits().into()),
        IpAddr::V6(address) => Some((address.to_bits() >> 64) as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b52_who_changes_addresses_within_its_network_is_the_same() {
        let of = |address: &str| visitor(SocketAddr::new(address.parse().unwrap(), 1));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        for [one, other] in [["2001:db8:1:2::1", "2001:db8:1:3::1"], ["192.0.2.1", "192.0.2.2"]] {
            assert!(of(one).is_some());
            assert_ne!(of(one), of(other));
        }
    }

    #[test]
    fn a_proxy_on_this_machine_counts_as_nobody() {
        for address in ["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.9]:80"] {
            assert_eq!(visitor(address.parse().unwrap()), None, "{address}");
        }
    }
}
