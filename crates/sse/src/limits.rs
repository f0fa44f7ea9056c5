//! What a decoder takes from its peer at most. Where it is enforced is the decoder's business.

/// How much of an event stream a [`Decoder`](crate::Decoder) takes, all in bytes as received.
///
/// A decoder owns at most about twice the sum of all limits, and three times as much for names and
/// ids that are no UTF-8. What passes a limit does not depend on how the stream is cut.
///
/// Whoever must not miss an event looks for [`Item::Skipped`](crate::Item::Skipped): its place is
/// behind that of the block that was dropped, and the block's ID counts.
///
/// ```
/// use tidewire_sse::{Decoder, Item, LimitError, Limits};
///
/// let mut limits = Limits::default();
/// limits.max_data_bytes = 5;
/// let mut decoder = Decoder::new(limits);
/// let mut stream = &b"id: 7\ndata: too long\n\nid: 8\ndata: short\n\n"[..];
/// let skipped = Item::Skipped(LimitError::Data { limit_bytes: 5 });
/// assert_eq!(decoder.decode(&mut stream)?, Some(skipped));
/// assert_eq!(decoder.last_event_id(), "7");
/// let Some(Item::Event(event)) = decoder.decode(&mut stream)? else { panic!() };
/// assert_eq!(event.data().as_bytes(), b"short");
/// # Ok::<(), LimitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest line, its field name included and its line end not. Default 8 MiB, so that an
    /// image in one line of JSON passes. Past it, [`on_excess`](Self::on_excess) decides.
    pub max_line_bytes: usize,
    /// The longest data of one event, with one byte for each line break, so that bare `data` lines
    /// count too. Default 8 MiB. Past it, [`on_excess`](Self::on_excess) decides, at the end of the line
    /// that passes it: whoever lowers this lowers `max_line_bytes` with it.
    pub max_data_bytes: usize,
    /// The longest event name. Default 1 KiB: names are short. Past it,
    /// [`on_excess`](Self::on_excess) decides.
    pub max_name_bytes: usize,
    /// The longest event ID. Default 1 KiB, since it comes back in a request head. Past it,
    /// [`on_excess`](Self::on_excess) decides. One that is
    /// [seeded](crate::Decoder::seed_last_event_id) is not held against it; but into a buffer that was
    /// [lent](crate::Decoder::lent) it has to fit, or there is none: look at
    /// [`last_event_id`](crate::Decoder::last_event_id).
    pub max_id_bytes: usize,
    /// What happens past a limit. Default [`OnExcess::Skip`]: one monstrous event should not take
    /// the others with it.
    pub on_excess: OnExcess,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_line_bytes: 8 << 20,
            max_data_bytes: 8 << 20,
            max_name_bytes: 1 << 10,
            max_id_bytes: 1 << 10,
            on_excess: OnExcess::Skip,
        }
    }
}

/// What a decoder does with a block that passes a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExcess {
    /// Drops the data and the name of the block, reads on behind its blank line and reports
    /// [`Item::Skipped`](crate::Item::Skipped) there. Its other ids and `retry` lines count.
    Skip,
    /// Fails: the stream is given up.
    Fail,
}

/// Which limit the peer passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// A line was longer than [`Limits::max_line_bytes`].
    #[error("peer sent a line of more than {limit_bytes} bytes")]
    Line {
        /// The limit.
        limit_bytes: usize,
    },
    /// The data of an event was longer than [`Limits::max_data_bytes`].
    #[error("peer sent an event with more than {limit_bytes} bytes of data")]
    Data {
        /// The limit.
        limit_bytes: usize,
    },
    /// An event name was longer than [`Limits::max_name_bytes`].
    #[error("peer sent an event name of more than {limit_bytes} bytes")]
    Name {
        /// The limit.
        limit_bytes: usize,
    },
    /// An event ID was longer than [`Limits::max_id_bytes`].
    #[error("peer sent an event ID of more than {limit_bytes} bytes")]
    Id {
        /// The limit.
        limit_bytes: usize,
    },
}
