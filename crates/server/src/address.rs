//! Where a client command finds its server.

use http::Uri;
use tidewire::http::FieldValue;
use tokio::net::TcpStream;

use crate::Failure;

/// A server's address, and the topics that its URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) topics: Vec<String>,
}

/// The topic that is meant if none is named: the one of the live page.
pub(crate) const DEFAULT_TOPIC: &str = "demo";

impl Address {
    /// Reads a URL; `topics` win over those that it names.
    pub(crate) fn new(url: &str, topics: Vec<String>) -> Result<Self, Failure> {
        let full = if url.contains("://") { url } else { &format!("http://{url}") };
        let uri: Uri = full.parse().map_err(|error| format!("{url:?} is no URL: {error}"))?;
        if !matches!(uri.scheme_str(), Some("http" | "ws")) {
            return Err(
                format!("{url:?} is neither an http nor a ws URL; TLS is not spoken").into()
            );
        }
        let host = uri.host().ok_or_else(|| format!("{url:?} names no host"))?.to_owned();
        let port = match uri.authority().map_or("", |authority| authority.as_str()) {
            bare if bare == host => 80,
            _ => uri.port_u16().ok_or_else(|| format!("{url:?} names no port"))?,
        };
        let named = || {
            let query = uri.query().unwrap_or_default().as_bytes();
            let pairs = form_urlencoded::parse(query).filter(|(key, _)| key == "topic");
            pairs.map(|(_, topic)| topic.into_owned()).collect()
        };
        let topics: Vec<String> = if topics.is_empty() { named() } else { topics };
        let topics = if topics.is_empty() { vec![DEFAULT_TOPIC.to_owned()] } else { topics };
        Ok(Self { host, port, topics })
    }

    /// The value of the Host field.
    pub(crate) fn authority(&self) -> Result<FieldValue, Failure> {
        Ok(FieldValue::new(format!("{}:{}", self.host, self.port))?)
    }

    /// The topics as the query of a request names them.
    pub(crate) fn query(&self) -> String {
        let pairs = self.topics.iter().map(|topic| ("topic", topic));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// Opens a connection.
    pub(crate) async fn connect(&self) -> std::io::Result<TcpStream> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let socket = TcpStream::connect((host, self.port)).await?;
        socket.set_nodelay(true)?;
        Ok(socket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_come_from_the_flag_the_url_or_the_page() {
        let topics = |url: &str, flags: &[&str]| {
            let flags = flags.iter().map(|&topic| topic.to_owned()).collect();
            Address::new(url, flags).unwrap().topics
        };
        assert_eq!(topics("http://a/?topic=x&topic=y%20z", &[]), ["x", "y z"]);
        assert_eq!(topics("http://a/?topic=x", &["b"]), ["b"]);
        assert_eq!(topics("ws://a", &[]), [DEFAULT_TOPIC]);
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let address = Address::new("http://[::1]:99/v1/sse?topic=a&topic=b%26c", vec![]).unwrap();
        assert_eq!(address.authority().unwrap().as_str(), "[::1]:99");
        assert_eq!(address.query(), "topic=a&topic=b%26c");
        assert_eq!(Address::new("http://a", vec![]).unwrap().port, 80);
        assert_eq!(Address::new("127.0.0.1:8080", vec![]).unwrap().port, 8080);
        for bad in ["", "a:b", "https://a", "http://"] {
            assert!(Address::new(bad, vec![]).is_err(), "{bad}");
        }
    }
}
