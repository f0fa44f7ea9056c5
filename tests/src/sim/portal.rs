//! What is said in the place of an answer by something between the clients and the log: the page of a captive
//! portal, half an answer, a gateway that has lost its server. When it is so is `whim`'s business.

use tidewire::core::Instant;
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response};

use super::connection::Room;
use super::document::GARBAGE;
use super::exchange::{Peer, RETRY_AFTER, respond};
use super::tally::Mishap;

/// Something between that answers requests of its own accord, for a while.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Portal {
    /// On the server's clock.
    until: Instant,
}

impl Portal {
    pub(super) fn stands(&mut self, until: Instant) {
        self.until = until;
    }
}

impl Room<'_> {
    /// Whether a portal answers in the server's place. Event streams pass: a browser that is told anything
    /// but 200 is right to give up.
    pub(super) fn is_met(&mut self) -> bool {
        self.now < self.feed.portal.until && self.dice.roll(2) == 0
    }
}

/// Answers a request as no server of the log would.
pub(super) fn answer(head: &RequestHead, peer: &mut Peer<'_>, room: &mut Room<'_>) {
    let typed = |status, media_type| {
        let value = FieldValue::from_static(media_type);
        Response::new(status).field(FieldName::CONTENT_TYPE, value)
    };
    let away = |status, seconds| {
        Response::new(status).field(RETRY_AFTER, FieldValue::from_static(seconds))
    };
    let is_poll = head.path() == "/v1/poll";
    let kinds = if is_poll { 9 } else { 3 };
    let (mishap, response, body) = match room.dice.roll(kinds) {
        0 => (Mishap::SentAway, away(503, "2"), ""),
        1 => (Mishap::SentAway, away(429, "1"), ""),
        2 => (Mishap::SentAway, Response::new(502), "<html>"),
        3 => {
            (Mishap::SentAway, away(503, ["86400", "99999999999999999999"][room.dice.roll(2)]), "")
        }
        4 => (Mishap::Garbage, typed(200, "text/html"), "<html><form action=/login>"),
        5 => (Mishap::Garbage, typed(410, "text/html"), "<html>"),
        6 => (Mishap::Garbage, Response::new(204), ""),
        _ => (Mishap::Garbage, typed(200, "application/json"), GARBAGE),
    };
    room.feed.tally.count(mishap);
    respond(&response, Body::Full(body.into()), peer, room.now);
}
