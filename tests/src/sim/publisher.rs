//! A publisher: it says each thing with a key of its own, again and again until it is told that it was
//! heard. What becomes of it then is the book's business.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tidewire::core::{Inbox, Instant, Outbox, Protocol};
use tidewire::http::{self, Body, FieldName, FieldValue, Request, client::Event as Http};
use tidewire::hub::Cursor;

use super::account::at;
use super::book::Book;
use super::clock::Clock;
use super::document::{Note, TOPICS, number};
use super::plan::secs;
use crate::dice::Dice;

/// Someone who publishes.
pub(super) struct Publisher {
    /// What is to be heard yet, each with its key.
    said: VecDeque<(Note, u32)>,
    /// How many keys each topic has had.
    keys: [u32; TOPICS.len()],
    first_key: u32,
    http: http::Client,
    answer: Vec<u8>,
    status: u16,
    connect_at: Instant,
    pub(super) clock: Clock,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) wire: Option<usize>,
    pub(super) is_gone: bool,
}

impl Publisher {
    pub(super) fn new(publisher: usize) -> Self {
        Self {
            said: VecDeque::new(),
            keys: [0; TOPICS.len()],
            first_key: 10_000 * publisher as u32,
            http: http(),
            answer: Vec::new(),
            status: 0,
            connect_at: Instant::ORIGIN,
            clock: Clock::new(),
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            wire: None,
            is_gone: false,
        }
    }

    /// Has something to say. Keys repeat from topic to topic, never within one.
    pub(super) fn say(&mut self, note: Note) {
        let key = &mut self.keys[usize::from(note.topic)];
        *key += 1;
        self.said.push_back((note, self.first_key + *key));
    }

    /// Whether all was heard.
    pub(super) fn is_done(&self) -> bool {
        self.said.is_empty()
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        (self.wire.is_none() && !self.is_done()).then_some(self.connect_at)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.wire.is_some() { self.http.deadline() } else { self.connect_at() }
    }

    pub(super) fn connected(&mut self, wire: usize) {
        (self.inbox, self.outbox, self.wire) = (Inbox::new(), Outbox::new(), Some(wire));
        self.http = http();
    }

    pub(super) fn disconnected(&mut self, dice: &mut Dice, now: Instant) {
        self.wire = None;
        self.connect_at = now + Duration::from_millis(100 + dice.roll(900) as u64);
    }

    /// Says the next thing, and listens.
    pub(super) fn step(&mut self, book: &Book, now: Instant) {
        loop {
            if self.http.is_idle()
                && let Some((note, key)) = self.said.front()
            {
                let (topic, key) = (TOPICS[usize::from(note.topic)], key.to_string());
                let request = Request::new("POST", &format!("/v1/publish?topic={topic}"))
                    .expect("a good target")
                    .field(FieldName::HOST, FieldValue::from_static("a"))
                    .field(
                        FieldName::from_static("Idempotency-Key"),
                        FieldValue::new(key).expect("a good key"),
                    );
                let body = Bytes::from(note.at(Cursor { epoch: 0, offset: 0 }));
                let sent = self.http.request(&request, Body::Full(body), &mut self.outbox, now);
                sent.expect("an idle connection takes a request");
                self.answer.clear();
            }
            match self.http.next_event(&mut self.inbox, &mut self.outbox, now) {
                Ok(Some(Http::Response(head))) => self.status = head.status(),
                Ok(Some(Http::Body(piece))) => self.answer.extend_from_slice(&piece),
                Ok(Some(Http::End)) if self.status == 201 => self.is_heard(book),
                Ok(Some(Http::End)) if self.status == 409 => {
                    let (note, _) = self.said.pop_front().expect("the answer is to something");
                    assert!(book.ends.was_closed(note.topic), "refused: {note:?}");
                }
                Ok(Some(_)) => {}
                Ok(None) => return,
                Err(_) => return self.outbox.end(),
            }
        }
    }

    /// What was heard must be in the log, where the answer says.
    fn is_heard(&mut self, book: &Book) {
        let cursor: Cursor = number(&String::from_utf8_lossy(&self.answer));
        let (note, _) = self.said.pop_front().expect("the answer is to something");
        let record = at(book.records(cursor.epoch), cursor.offset);
        let is_there = record.is_some_and(|record| record.note == note);
        assert!(is_there, "acknowledged and not there: {note:?} at {cursor}, but {record:?}");
    }
}

fn http() -> http::Client {
    let mut config = http::ClientConfig::default();
    config.head_timeout = secs(4);
    config.body_timeout = Some(secs(4));
    http::Client::new(config)
}
