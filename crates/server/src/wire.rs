//! The JSON that the server speaks. Which request gets which document is decided elsewhere.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tidewire::hub::{Cursor, Reset, ResetReason};

/// An event as a poll answer lists it and a WebSocket message carries it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct EventDocument<'a> {
    #[serde(borrow)]
    pub(crate) cursor: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) topic: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) event: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) data: Cow<'a, str>,
    /// Present if `data` is not the published bytes themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<Encoding>,
    /// Present if the publisher named one.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<Cow<'a, str>>,
}

/// How bytes that are no UTF-8 text are carried in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    Base64,
}

/// The data of an event as text: itself if it is UTF-8, else in Base64.
pub(crate) fn text_of(data: &[u8]) -> (Cow<'_, str>, Option<Encoding>) {
    match std::str::from_utf8(data) {
        Ok(text) => (text.into(), None),
        Err(_) => (BASE64.encode(data).into(), Some(Encoding::Base64)),
    }
}

/// An event's document, encoded but for its cursor, which the log mints later.
#[derive(Debug)]
pub(crate) struct Message(String);

impl Message {
    const HEAD: &str = "{\"cursor\":\"";

    /// Encodes `event`, whose cursor is empty.
    pub(crate) fn new(event: &EventDocument<'_>) -> Self {
        Self(encode(event).split_off(Self::HEAD.len()))
    }

    /// How long the document is, the cursor apart.
    pub(crate) fn len(&self) -> usize {
        Self::HEAD.len() + self.0.len()
    }

    /// The document of the event at `cursor`.
    pub(crate) fn at(&self, cursor: Cursor) -> String {
        format!("{}{cursor}{}", Self::HEAD, self.0)
    }
}

/// A poll's answer, with the events already encoded.
pub(crate) fn answer<'a>(
    events: impl Iterator<Item = &'a [u8]>,
    next: Cursor,
    more: bool,
    poll_after: f64,
) -> Bytes {
    let mut json = b"{\"events\":[".to_vec();
    for (index, event) in events.enumerate() {
        if index > 0 {
            json.push(b',');
        }
        json.extend_from_slice(event);
    }
    let tail = format!("],\"next\":\"{next}\",\"more\":{more},\"poll_after\":{poll_after}}}");
    json.extend_from_slice(tail.as_bytes());
    json.into()
}

/// A poll's answer as a client reads it.
#[derive(Debug, Deserialize)]
pub(crate) struct AnswerDocument<'a> {
    #[serde(borrow)]
    pub(crate) events: Vec<&'a serde_json::value::RawValue>,
    pub(crate) next: String,
    pub(crate) more: bool,
    #[serde(default)]
    pub(crate) poll_after: f64,
}

/// The word that a cursor cannot be continued, and where one can go on.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ResetDocument {
    pub(crate) reset: ResetWord,
    /// The oldest event still kept.
    pub(crate) floor: String,
    /// The newest event.
    pub(crate) head: String,
    /// Ask after this cursor to get all that can still be had.
    pub(crate) next: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ResetWord {
    Expired,
    Epoch,
    Ahead,
}

impl From<Reset> for ResetDocument {
    fn from(reset: Reset) -> Self {
        Self {
            reset: match reset.reason {
                ResetReason::Expired => ResetWord::Expired,
                ResetReason::Epoch => ResetWord::Epoch,
                ResetReason::Ahead => ResetWord::Ahead,
            },
            floor: reset.floor.to_string(),
            head: reset.head.to_string(),
            next: reset.resume().to_string(),
        }
    }
}

/// What a publisher is told.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PublishedDocument {
    pub(crate) cursor: String,
}

/// What went wrong, in words.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ErrorDocument<'a> {
    #[serde(borrow)]
    pub(crate) error: Cow<'a, str>,
}

/// What a WebSocket client may ask for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ClientMessage {
    /// Publish an event; answered with `published` or `error`.
    Publish(PublishMessage),
    /// Receive other topics from now on; answered with `subscribed`, `reset` or `error`.
    Subscribe(SubscribeMessage),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishMessage {
    pub(crate) topic: String,
    pub(crate) data: String,
    pub(crate) event: Option<String>,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) content_type: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl PublishMessage {
    /// The published bytes, or `None` if they are said to be Base64 and are not.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        match self.encoding {
            None => Some(self.data.clone().into_bytes()),
            Some(Encoding::Base64) => BASE64.decode(&self.data).ok(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubscribeMessage {
    pub(crate) topics: Vec<String>,
    pub(crate) after: Option<String>,
}

/// What a WebSocket client is told apart from events and resets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ServerMessage<'a> {
    Published(PublishedDocument),
    Subscribed { topics: &'a [String], next: String },
}

/// Encodes a document of ours. Its keys are strings and its numbers finite, so nothing can fail.
pub(crate) fn encode(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("plain data encodes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_put_in_later_reads_as_one_put_in_at_once() {
        let cursor = Cursor { epoch: 7, offset: 42 };
        let event = |cursor: String| EventDocument {
            cursor: cursor.into(),
            topic: "a\"b".into(),
            event: "message".into(),
            data: "{\"cursor\":\"\"}".into(),
            encoding: Some(Encoding::Base64),
            content_type: None,
        };
        let later = Message::new(&event(String::new()));
        assert_eq!(later.at(cursor), encode(&event(cursor.to_string())));
        assert_eq!(later.len(), encode(&event(String::new())).len());
    }
}
