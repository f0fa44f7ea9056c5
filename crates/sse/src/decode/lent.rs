//! A decoder in memory of its embedder, which bounds it. How items are found is told in `decode`.

use super::Decoder;
use crate::Limits;
use crate::scratch::{Buffers, Lent};

impl<'b> Decoder<Lent<'b>> {
    /// A decoder that gathers in buffers of the caller's and never takes memory. What passes the
    /// length of a buffer passes a limit, also where it would not have to be gathered: so what the
    /// decoder tells does not depend on how the stream is cut.
    ///
    /// ```
    /// use tidewire_sse::{Buffers, Decoder, Item, Limits};
    ///
    /// let (mut data, mut name, mut id, mut next_id) = ([0; 512], [0; 32], [0; 32], [0; 32]);
    /// let buffers = Buffers { data: &mut data, name: &mut name, ids: [&mut id, &mut next_id] };
    /// let mut decoder = Decoder::lent(Limits::default(), buffers);
    /// assert!(matches!(decoder.decode(&mut &b"data: 21.5 \xc2\xb0C\n\n"[..]), Ok(Some(Item::Event(_)))));
    /// ```
    #[must_use]
    pub fn lent(mut limits: Limits, buffers: Buffers<'b>) -> Self {
        let Buffers { data, name, ids } = buffers;
        // They take turns, so one has the room of the other.
        let room = ids[0].len().min(ids[1].len());
        let [id, last_event_id] = ids.map(|id| &mut id[..room]);
        // Between the data and the line stands an LF.
        limits.max_line_bytes = limits.max_line_bytes.min(data.len() / 2);
        limits.max_data_bytes = limits.max_data_bytes.min(data.len().saturating_sub(1) / 2);
        limits.max_name_bytes = limits.max_name_bytes.min(name.len());
        limits.max_id_bytes = limits.max_id_bytes.min(room);
        let scratch = [data, name, id, last_event_id].map(Lent::new);
        Self::with_scratch(limits, scratch)
    }
}
