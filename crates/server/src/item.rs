//! An event as the log keeps it, in all forms in which the server sends it. Who gets which form is
//! the business of its readers.

use std::sync::OnceLock;

use tidewire::Entry;
use tidewire::hub::Cursor;
use tidewire::sse::EventName;

/// An event of the log. Whoever gets the same form shares the same bytes.
#[derive(Debug)]
pub(crate) struct Item {
    entry: Entry,
    enveloped: OnceLock<Entry>,
}

/// What the events of a stream carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// An event of an event stream its data alone, a message of a WebSocket the whole document.
    Usual,
    /// An event of an event stream the whole document, too.
    Envelope,
}

impl Item {
    /// The event at `cursor`, whose document is `message`.
    pub(crate) fn new(cursor: Cursor, message: &str, name: Option<&EventName>, data: &str) -> Self {
        Self { entry: Entry::new(cursor, message, name, data), enveloped: OnceLock::new() }
    }

    /// The document.
    pub(crate) fn message(&self) -> &[u8] {
        self.entry.message()
    }

    /// What a stream sends. The envelope is made for the first who asks: few do.
    pub(crate) fn entry(&self, form: Form) -> &Entry {
        match form {
            Form::Usual => &self.entry,
            Form::Envelope => self.enveloped.get_or_init(|| {
                let document = String::from_utf8_lossy(self.message());
                Entry::new(self.entry.cursor(), "", None, &document)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_made_once() {
        let name = EventName::from_static("greeting");
        let cursor = Cursor { epoch: 5, offset: 7 };
        let item = Item::new(cursor, "{\"data\":\"hello\"}", Some(&name), "hello");
        let [usual, envelope] = [Form::Usual, Form::Envelope].map(|form| item.entry(form).frame());
        assert_eq!(usual, "event: greeting\nid: 5.7\ndata: hello\n\n");
        assert_eq!(envelope, "id: 5.7\ndata: {\"data\":\"hello\"}\n\n");
        assert_eq!(item.entry(Form::Envelope).frame().as_ptr(), envelope.as_ptr());
    }
}
