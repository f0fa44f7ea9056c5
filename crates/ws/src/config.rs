//! The limits and periods of a connection. Who keeps them is the connection and its parts.

use core::time::Duration;

/// Limits and periods of a [`Connection`](crate::Connection); every one is on by default. Zero is
/// taken at its word: a limit of nothing, a period that is over at once.
///
/// ```
/// let mut config = tidewire_ws::Config::default();
/// config.max_message_bytes = 64 * 1024;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Longest frame taken, in bytes of payload. Default 1 MiB, as for a message: a frame alone
    /// need not be the smaller one. Judged by the header, before the payload is held; a longer
    /// frame ends the connection with 1009. A compressed one may be an eighth longer, for noise
    /// does not shrink.
    pub max_frame_bytes: usize,
    /// Longest message taken, in bytes, all fragments together. Default 1 MiB, which is far more
    /// than events and commands need and small enough for thousands of hostile peers. A longer one
    /// ends the connection with 1009. Of a compressed one this counts what comes out, and what
    /// goes in may be an eighth longer.
    pub max_message_bytes: usize,
    /// Most fragments of one message that may be empty. They cost work that no limit in bytes sees.
    /// Default 128; a sender has no use for more than one. One more ends the connection with 1008.
    pub max_empty_fragments: u32,
    /// Most pings and pongs taken at once, together; each second makes room for as many again.
    /// Default 100, while a chatty peer sends a few. One more ends the connection with 1008. After
    /// our own Close they are not counted, as [`close_timeout`](Self::close_timeout) ends that.
    pub max_control_frames_per_second: u32,
    /// Most bytes that may wait in the outbox. Default 1 MiB: a peer that reads empties that in a
    /// moment. What would pass it is refused with
    /// [`SendError::OutboxFull`](crate::SendError::OutboxFull), judged by its length before it is
    /// compressed, but an empty outbox takes a message
    /// of any length, so none is impossible to send. Meanwhile only the latest ping is remembered,
    /// and answered once there is room. A Close and our own keep-alive ping always pass.
    pub max_outbox_bytes: usize,
    /// How few bytes must be left in the outbox, after a command was refused, for
    /// [`Event::Drained`](crate::Event::Drained). Default 256 KiB: far enough below the most that a
    /// sender is not woken for every write. More than half of the most counts as half of it.
    pub low_outbox_bytes: usize,
    /// Whether messages are delivered whole or as they come. Default: whole. The limits are the
    /// same.
    pub delivery: Delivery,
    /// Whether pings are answered. Default: yes, as RFC 6455 §5.5.2 demands. A caller that turns it
    /// off answers with [`pong`](crate::Connection::pong).
    pub answer_pings: bool,
    /// Whether a length may be written in more bytes than it needs, which RFC 6455 §5.2 forbids.
    /// Default: no; it ends the connection with 1002. For old peers that always write eight bytes.
    pub accept_long_lengths: bool,
    /// How long the peer may be silent before it is pinged. Default 25 s, under the idle time-outs
    /// of common proxies, which begin at 30 s. Any byte counts as life. `None` turns it off.
    pub ping_every: Option<Duration>,
    /// How long after a ping has left the outbox any byte must have come. Default 20 s. Then the
    /// connection ends with 3008. While the ping waits behind other bytes, each progress of the
    /// outbox starts the time anew.
    pub pong_timeout: Duration,
    /// How long the peer may be silent before the connection is closed with 1001. Default 2 min.
    /// Any byte counts as life, so it matters only where [`ping_every`](Self::ping_every) is off or
    /// longer. `None` turns it off.
    pub idle_timeout: Option<Duration>,
    /// How long our Close waits for the peer's. Default 10 s, for messages that are under way come
    /// first. Then the connection ends without it.
    pub close_timeout: Duration,
    /// How long a client waits for the server to end the stream after both Close frames. Default
    /// 5 s. Then it ends its own side. RFC 6455 §7.1.1.
    pub linger: Duration,
}

/// How messages are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Whole: [`Event::Text`](crate::Event::Text) and [`Event::Binary`](crate::Event::Binary).
    Messages,
    /// Part by part, as their bytes come, so that a long one takes no memory:
    /// [`Event::TextPart`](crate::Event::TextPart) and
    /// [`Event::BinaryPart`](crate::Event::BinaryPart). Where a part ends is chance, but a character
    /// is never cut.
    Parts,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_frame_bytes: 1 << 20,
            max_message_bytes: 1 << 20,
            max_empty_fragments: 128,
            max_control_frames_per_second: 100,
            max_outbox_bytes: 1 << 20,
            low_outbox_bytes: 256 << 10,
            delivery: Delivery::Messages,
            answer_pings: true,
            accept_long_lengths: false,
            ping_every: Some(Duration::from_secs(25)),
            pong_timeout: Duration::from_secs(20),
            idle_timeout: Some(Duration::from_secs(120)),
            close_timeout: Duration::from_secs(10),
            linger: Duration::from_secs(5),
        }
    }
}
