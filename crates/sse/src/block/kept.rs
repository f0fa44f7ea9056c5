//! What a block said in input that is gone, and the texts of those who keep its events. What a line
//! says is told in `block`.

use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{Block, Said};
use crate::Text;
use crate::scratch::Scratch;

impl<S: Scratch> Block<S> {
    /// Keeps what has been said, since the input that it lies in is about to go.
    pub(crate) fn keep(&mut self, said: &mut Said<'_>) {
        self.keep_data(said);
        if let Some(name) = said.name.take() {
            self.name.set(name);
            self.open();
        }
        if let Some(id) = said.id.take() {
            self.ids.keep(id);
            self.open();
        }
    }

    #[inline]
    pub(super) fn keep_data(&mut self, said: &mut Said<'_>) {
        if let Some(data) = said.data.take() {
            self.push_data(data);
        }
    }

    /// Copies one more data line.
    #[inline]
    pub(super) fn push_data(&mut self, line: Text<'_>) {
        if self.data_len.is_some() {
            self.gathered.push_byte(b'\n');
        }
        self.gathered.push(line);
        self.data_len = Some(self.gathered.len());
        self.open();
    }

    /// The data of all lines that were kept.
    pub(crate) fn data(&self) -> Option<Text<'_>> {
        self.data_len.map(|len| self.gathered.as_text().split_at(len).0)
    }

    pub(crate) fn name(&self) -> Text<'_> {
        self.name.as_text()
    }

    /// The event's name for one more who keeps it, as it was said or else as it was kept; `None` if
    /// it is empty.
    pub(crate) fn share_name(&mut self, said: Option<Text<'_>>) -> Option<Arc<str>> {
        let name =
            said.unwrap_or(self.name.as_text()).to_str().ok().filter(|name| !name.is_empty())?;
        if self.shared_name.as_deref() != Some(name) {
            self.shared_name = Some(name.into());
        }
        self.shared_name.clone()
    }
}

impl Block<Vec<u8>> {
    /// Moves the data of all lines out.
    pub(crate) fn take_data(&mut self) -> Bytes {
        self.gathered.take()
    }
}
