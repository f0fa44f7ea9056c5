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
    use std::time::Duration;

    use clap::Parser;
    use tidewire::hub::Start;
    use tidewire_tokio::Clock;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::feed::Feed;
    use crate::hold::Poll;
    use crate::route::PollQuery;

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

    #[tokio::test]
    async fn b52_an_address_holds_no_more_polls_than_its_share() {
        let cli = Cli::parse_from(["tidewire", "--max-polls-per-address", "2"]);
        let Command::Serve(options) = cli.into_command() else { panic!("serves by default") };
        let feed = Feed::new(&options, Clock::start());
        let query = PollQuery {
            topics: vec!["tide".to_owned()],
            after: Start::Now,
            wait: Duration::from_secs(30),
            limit: 1,
            client: None,
        };
        let office = visitor("192.0.2.1:80".parse().unwrap());
        let ask = |visitor| Poll::ask(&feed, &query, visitor);
        let held = [ask(office), ask(office)].map(Result::unwrap);
        let refused = ask(office).err().expect("a third is refused");
        assert_eq!(refused.status(), 429);
        let home = visitor("192.0.2.2:80".parse().unwrap());
        for other in [home, None, None, None] {
            assert!(matches!(ask(other), Ok(Poll::Held(_))));
        }
        drop(held);
        assert!(matches!(ask(office), Ok(Poll::Held(_))), "its polls are gone");
    }

    #[test]
    fn a_proxy_on_this_machine_counts_as_nobody() {
        for address in ["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.9]:80"] {
            assert_eq!(visitor(address.parse().unwrap()), None, "{address}");
        }
    }
}
