//! `tidewire publish`: one event from an argument, or one per line of standard input.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use tidewire::http::client::Event;
use tidewire::http::{Body, Client, ClientConfig, FieldName, FieldValue, Request};
use tidewire_tokio::{Clock, Driver, Ready};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

use crate::Failure;
use crate::address::Address;
use crate::cli::Publish;
use crate::wire::{ErrorDocument, PublishedDocument};

/// Publishes and prints the cursor of each event.
pub(crate) async fn run(options: Publish) -> Result<(), Failure> {
    let address = Address::new(&options.url, options.topic.into_iter().collect())?;
    let [topic] = &*address.topics else {
        return Err("publish to exactly one topic".into());
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("topic", topic);
    if let Some(event) = &options.event {
        query.append_pair("event", event);
    }
    let request = Request::new("POST", &format!("/v1/publish?{}", query.finish()))?
        .field(FieldName::HOST, address.authority()?)
        .field(FieldName::CONTENT_TYPE, FieldValue::from_static("text/plain; charset=utf-8"));
    let mut publisher = Publisher { address, request, connection: None };
    if let Some(data) = options.data.filter(|data| data != "-") {
        return publisher.publish(data.into()).await;
    }
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        publisher.publish(line.into()).await?;
    }
    Ok(())
}

/// Publishes over one connection as long as it lasts.
struct Publisher {
    address: Address,
    request: Request,
    connection: Option<Driver<TcpStream, Client>>,
}

impl Publisher {
    /// Publishes one event. A connection that the server closed while it was idle is replaced; the
    /// key keeps an event whose answer was lost from being published twice.
    async fn publish(&mut self, data: Bytes) -> Result<(), Failure> {
        let key = FieldValue::new(format!("{:032x}", rand::random::<u128>()))?;
        let request = self.request.clone().field(FieldName::from_static("Idempotency-Key"), key);
        let mut is_second_try = self.connection.is_none();
        loop {
            match self.exchange(&request, data.clone()).await {
                Ok((status, body)) => return report(status, &body),
                Err(error) if is_second_try => return Err(error),
                Err(_) => {
                    self.connection = None;
                    is_second_try = true;
                }
            }
        }
    }

    async fn exchange(&mut self, request: &Request, data: Bytes) -> Result<(u16, Bytes), Failure> {
        let driver = match &mut self.connection {
            Some(driver) => driver,
            none => {
                let Address { host, port, .. } = &self.address;
                let socket = self.address.connect().await;
                let socket = socket.map_err(|error| format!("{host}:{port}: {error}"))?;
                let client = Client::new(ClientConfig::default());
                none.insert(Driver::new(socket, client, Clock::start()))
            }
        };
        let peer = driver.peer();
        peer.machine.request(request, Body::Full(data), peer.outbox, peer.now)?;
        let (mut status, mut body) = (0, BytesMut::new());
        loop {
            while let Some((event, _)) = driver.next_event()? {
                match event {
                    Event::Response(head) => status = head.status(),
                    Event::Body(piece) => body.extend_from_slice(&piece),
                    Event::End => return Ok((status, body.freeze())),
                    _ => {}
                }
            }
            if driver.ready().await? == Ready::Over {
                return Err("the server closed the connection".into());
            }
        }
    }
}

fn report(status: u16, body: &[u8]) -> Result<(), Failure> {
    if status == 201 {
        let published: PublishedDocument = serde_json::from_slice(body)?;
        return Ok(writeln!(io::stdout(), "{}", published.cursor)?);
    }
    let said = serde_json::from_slice::<ErrorDocument<'_>>(body);
    let silent = if status == 413 { ": the event is too long" } else { "" };
    let said = said.map_or_else(|_| silent.to_owned(), |said| format!(": {}", said.error));
    Err(format!("the server answered {status}{said}").into())
}
