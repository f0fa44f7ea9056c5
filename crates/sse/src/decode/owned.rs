//! A decoder in memory of its own, and items for whoever keeps them. How items are found is told in
//! `decode`.

use alloc::vec::Vec;

use bytes::Bytes;

use super::{Decoder, Found};
use crate::{LimitError, Limits, OwnedEvent, OwnedItem};

impl Decoder {
    /// A decoder in front of the first byte of a stream. It owns no memory yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let scratch = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        Self::with_scratch(limits, scratch)
    }

    /// As [`decode`](Self::decode), for whoever keeps what it gets.
    ///
    /// What lies in `input` is shared with it, so a kept event keeps the whole piece that it came
    /// in. What the decoder gathered is moved out, or copied where its buffer has much more room.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use tidewire_sse::{Decoder, Limits, OwnedItem};
    ///
    /// let mut decoder = Decoder::new(Limits::default());
    /// let mut piece = Bytes::from_static(b"data: kept\n\n");
    /// let Some(OwnedItem::Event(event)) = decoder.decode_bytes(&mut piece)? else { panic!() };
    /// assert_eq!(event.into_data(), "kept");
    /// # Ok::<(), tidewire_sse::LimitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_bytes(&mut self, input: &mut Bytes) -> Result<Option<OwnedItem>, LimitError> {
        let whole = input.clone();
        let mut rest = &whole[..];
        let found = self.find(&mut rest);
        *input = whole.slice_ref(rest);
        Ok(found?.map(|found| self.give(found, &whole)))
    }

    fn give(&mut self, found: Found<'_>, input: &Bytes) -> OwnedItem {
        match found {
            Found::Event(said) => {
                let last_event_id = self.block.ids.share_last();
                let data = match said.data {
                    Some(data) => input.slice_ref(data.as_bytes()),
                    None => self.block.take_data(),
                };
                let name = self.block.share_name(said.name);
                OwnedItem::Event(OwnedEvent::new(name, data, last_event_id))
            }
            Found::Comment(Some(text)) => OwnedItem::Comment(input.slice_ref(text.as_bytes())),
            Found::Comment(None) => {
                OwnedItem::Comment(Bytes::copy_from_slice(self.block.comment().as_bytes()))
            }
            Found::Retry(time) => OwnedItem::Retry(time),
            Found::Skipped(limit) => OwnedItem::Skipped(limit),
        }
    }
}
