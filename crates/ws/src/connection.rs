//! The connection: both halves in one piece. What they do has its own files.

use alloc::sync::Arc;

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, earliest};

#[cfg(feature = "deflate")]
use crate::compression::{Deflating, Inflating};
#[cfg(feature = "deflate")]
use crate::deflate::{self, Codecs};
#[cfg(feature = "deflate")]
use crate::handshake::deflate::Agreement;
use crate::receiving::{Receiving, Role};
use crate::sending::{Direct, Sending};
use crate::{CloseCode, Config, Error, Event, Prepared, SendError};

/// A WebSocket connection behind its handshake, as either end. RFC 6455.
///
/// ```
/// use tidewire_core::{Inbox, Instant, Outbox, Protocol};
/// use tidewire_ws::{Config, Connection, Event};
///
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// let mut connection = Connection::server(Config::default(), Instant::ORIGIN);
/// inbox.push(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
/// while let Some(event) = connection.next_event(&mut inbox, &mut outbox, Instant::ORIGIN)? {
///     match event {
///         Event::Text(text) => connection.send_text(&text, &mut outbox)?,
///         Event::Binary(bytes) => connection.send_binary(&bytes, &mut outbox)?,
///         Event::Closed(closed) => println!("closed: {:?} {}", closed.code, closed.reason),
///         _ => {}
///     }
/// }
/// assert_eq!(bytes::Buf::chunk(&outbox), b"\x81\x05Hello");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # States
///
/// ```text
///  Open ── close(), idle ──▶ Closing
///    │                          │
///    └────── peer's Close ──────┴──▶ client: Lingering ── end of stream, linger ──▶ Ended
///                                    server: ─────────────────────────────────────▶ Ended
///  Open, Closing ─── violation, end of stream, pong or close time-out ────────────▶ Ended
/// ```
///
/// # Promises
///
/// - Pings are answered, Closes are echoed with their code, silent peers are pinged, and no more than one Close is
///   sent; it is the last thing sent. [`Event::Ping`] and [`Event::Pong`] may be ignored.
/// - [`Event::Closed`] comes once and is the last event, unless the peer broke the protocol: then
///   the [`Error`] is the last thing told.
/// - A message is delivered before anything behind it is judged. A text is judged as its bytes
///   arrive.
/// - A message that came in one frame is lent from the inbox, where it was unmasked in place.
/// - Nothing is reserved for a length that the peer only claims. Memory is bounded by `Config`.
/// - At rest it owns no memory but itself, and what a context of compression takes that was agreed
///   on; many connections share one `Arc<Config>`. The inbox and the outbox give their memory back
///   when [released](Inbox::release), the memory for fragments goes with the next keepalive ping.
///
/// # Left to the caller
///
/// The [`handshake`](crate::handshake). TLS. To drop the connection once the outbox
/// [is finished](Outbox::is_finished); the bytes that a server's peer still sends after that should
/// be read and dropped until its stream ends, lest the last frame be lost with them.
///
/// # Sending
///
/// A command writes to the outbox at once. It fails with [`SendError::NotOpen`] once the connection
/// is closing, and with [`SendError::OutboxFull`] while [`Config::max_outbox_bytes`] stands in the
/// way; then nothing is written and the state is as before, and [`Event::Drained`] tells when to try
/// again.
#[derive(Debug)]
pub struct Connection {
    receiving: Receiving,
    sending: Sending,
}

impl Connection {
    /// The server's end of a connection whose handshake is done.
    #[must_use]
    pub fn server(config: impl Into<Arc<Config>>, now: Instant) -> Self {
        let config = config.into();
        Self {
            receiving: Receiving::new(config.clone(), Role::Server, now),
            sending: Sending::server(config),
        }
    }

    /// The client's end of a connection whose handshake is done.
    ///
    /// Each frame takes its mask key from `entropy`, which must be cryptographically strong.
    /// RFC 6455 §10.3.
    #[must_use]
    pub fn client(config: impl Into<Arc<Config>>, entropy: Entropy, now: Instant) -> Self {
        let config = config.into();
        Self {
            receiving: Receiving::new(config.clone(), Role::Client, now),
            sending: Sending::client(config, entropy),
        }
    }

    /// Lets messages be compressed from now on, as the handshake agreed; call it before the first
    /// one, for later it would lose the contexts. Without it the connection knows no compression,
    /// whatever was agreed. A [`Prepared`] message that was not
    /// [compressed](Prepared::deflated) always goes as it is: the way to send a secret.
    ///
    /// `codecs` is called for either direction: [`Codecs::own`], or a closure that lends from a pool.
    /// What compression costs, and why it is off unless asked for, stands in
    /// [`deflate`](crate::deflate). RFC 7692.
    ///
    /// ```
    /// # use tidewire_core::{Instant, Outbox};
    /// use tidewire_ws::deflate::{Codecs, Config as Deflate};
    /// use tidewire_ws::handshake::deflate::{Agreement, Window, WindowBits};
    /// use tidewire_ws::{Config, Connection};
    ///
    /// let window = Window { bits: WindowBits::MAX, context_takeover: true };
    /// let agreement = Agreement { server: window, client: window };
    /// let mut connection = Connection::server(Config::default(), Instant::ORIGIN);
    /// connection.deflate(agreement, Deflate::default(), Codecs::own);
    /// let mut outbox = Outbox::new();
    /// connection.send_text(&"tide ".repeat(100), &mut outbox)?;
    /// assert!(outbox.len() < 30);
    /// # Ok::<(), tidewire_ws::SendError>(())
    /// ```
    #[cfg(feature = "deflate")]
    pub fn deflate(
        &mut self,
        agreement: Agreement,
        config: deflate::Config,
        mut codecs: impl FnMut() -> Codecs,
    ) {
        let Agreement { server, client } = agreement;
        let (ours, theirs) = match self.receiving.side {
            Role::Server => (server, client),
            Role::Client => (client, server),
        };
        self.receiving.inflate(Inflating::new(theirs, codecs()));
        self.sending.deflate(Deflating::new(ours, config, codecs()));
    }

    /// Whether messages can be sent and received.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.receiving.is_open()
    }

    /// The limits and periods that the connection keeps.
    #[must_use]
    pub fn config(&self) -> &Config {
        self.sending.config()
    }

    /// Takes the connection apart, for one task that reads and another that writes; there is no
    /// lock. Whatever channels they share carry each [`Reply`](crate::Reply) from the one to the
    /// other, and the other way the news that a Close or a ping was written
    /// ([`on_close_sent`](Receiving::on_close_sent), [`on_ping_sent`](Receiving::on_ping_sent)).
    /// That must also wake a reader that waits for bytes, or its timers start late.
    #[must_use]
    pub fn split(self) -> (Receiving, Sending) {
        (self.receiving, self.sending)
    }

    /// Sends a text message in one frame.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    #[inline]
    pub fn send_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.send_text(text, outbox)
    }

    /// Sends a binary message in one frame.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    #[inline]
    pub fn send_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.send_binary(bytes, outbox)
    }

    /// Sends a message that was prepared before. A server copies nothing of a long one.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    #[inline]
    pub fn send_prepared(
        &mut self,
        message: &Prepared,
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.sending.send_prepared(message, outbox)
    }

    /// Begins a text message whose length is not known yet, with its first fragment.
    ///
    /// [`continue_text`](Self::continue_text) and [`finish`](Self::finish) follow; pings, pongs and
    /// a Close may come between. RFC 6455 §5.4.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    pub fn begin_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.begin_text(text, outbox)
    }

    /// Begins a binary message whose length is not known yet, with its first fragment.
    ///
    /// [`continue_binary`](Self::continue_binary) and [`finish`](Self::finish) follow; pings, pongs
    /// and a Close may come between. RFC 6455 §5.4.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    pub fn begin_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.begin_binary(bytes, outbox)
    }

    /// Sends one more fragment of the text message under way.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::NoMessage`].
    pub fn continue_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.continue_text(text, outbox)
    }

    /// Sends one more fragment of the binary message under way.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::NoMessage`].
    pub fn continue_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.continue_binary(bytes, outbox)
    }

    /// Ends the message under way, with an empty last fragment.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::NoMessage`].
    pub fn finish(&mut self, outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.finish(outbox)
    }

    /// Sends a ping. If no byte comes within [`Config::pong_timeout`] after it left, the connection
    /// ends.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::PayloadTooLong`] if `payload` has more than 125 bytes.
    pub fn ping(
        &mut self,
        payload: &[u8],
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        self.sending.ping(payload, outbox)?;
        self.receiving.on_ping_written(outbox, now);
        Ok(())
    }

    /// Sends a pong that nobody asked for: a sign of life. Pings are answered without it.
    /// RFC 6455 §5.5.3.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::PayloadTooLong`] if `payload` has more than 125 bytes.
    pub fn pong(&mut self, payload: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.pong(payload, outbox)
    }

    /// Starts the closing handshake: writes a Close frame.
    ///
    /// What the peer still sends is dropped until its own Close comes, or
    /// [`Config::close_timeout`] has passed. A message that was begun in fragments stays unfinished.
    ///
    /// # Errors
    ///
    /// [`SendError::NotOpen`], or [`SendError::ReasonTooLong`] if `reason` has more than 123 bytes.
    /// Nothing is written and the state is as before.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        self.sending.close(code, reason, outbox)?;
        self.receiving.on_close_sent(now);
        Ok(())
    }
}

impl Protocol for Connection {
    type Event<'i> = Event<'i>;
    type Error = Error;

    /// Returns the next thing the peer did, or `None` until more bytes or more time arrive.
    ///
    /// Eats a frame's header once it is complete, and its payload when it is delivered. May push a
    /// pong for a ping, the answer to a Close, and a ping after a long silence.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol or passed a limit of [`Config`]. The connection is over: our
    /// Close is in `outbox`, which is ended, and later calls return `Ok(None)`. RFC 6455 §7.1.7.
    #[inline]
    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let mut direct = Direct { sending: &mut self.sending, outbox, now };
        match self.receiving.next(inbox, &mut direct, now)? {
            None => Ok(self.sending.on_written(outbox, now).then_some(Event::Drained)),
            event => Ok(event),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        earliest([self.receiving.deadline(), self.sending.deadline()])
    }
}
