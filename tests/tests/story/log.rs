//! The server of a world: what each request gets of the log. How bytes get there is told elsewhere.

use std::sync::Arc;
use std::time::Duration;

use tidewire::http::server::Event as Http;
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response};
use tidewire::hub::{Batch, Hub, Read, Start, SubscribeError, SubscriberId};
use tidewire::poll::{Answer, Ask, Asked, HoldId, Park, ParkConfig, if_none_match};
use tidewire::server::{Connection, Event};
use tidewire::sse::{self, Accepted, Resume, Stream, StreamConfig};
use tidewire::ws::handshake::server::Policy;
use tidewire::{CURSOR_FIELD, Entry};
use tidewire_core::{Entropy, Instant, Outbox};
use tidewire_tests::dice::Dice;
use tidewire_tests::end::End;

use crate::world::entry;

const TOPICS: [&str; 1] = ["tide"];
/// Small, so that much is read in several turns.
const BATCH: Batch = Batch { events: 3, bytes: 1024 };

pub(crate) struct Log {
    hub: Hub<Arc<Entry>>,
    park: Park,
    entropy: Entropy,
    doing: Doing,
}

/// What the present connection is about.
enum Doing {
    Nothing,
    Following(SubscriberId),
    Reading(RequestHead),
    Holding { poll: HoldId, head: RequestHead },
}

impl Log {
    pub(crate) fn new(hub: Hub<Arc<Entry>>, seed: u64) -> Self {
        let park = Park::new(ParkConfig::default());
        Self { hub, park, entropy: Dice::new(seed).entropy(), doing: Doing::Nothing }
    }

    pub(crate) fn publish(&mut self, data: &str, now: Instant) {
        let make = |cursor| entry(cursor, data);
        self.hub.publish_with(TOPICS[0], data.len(), None, now, make).unwrap();
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.park.deadline()
    }

    /// Forgets the present connection.
    pub(crate) fn hang_up(&mut self) {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Nothing | Doing::Reading(_) => {}
            Doing::Following(reader) => assert!(self.hub.unsubscribe(reader)),
            Doing::Holding { poll, .. } => assert!(self.park.cancel(poll, &mut self.hub)),
        }
    }

    /// Does what a connection asks for.
    pub(crate) fn serve(
        &mut self,
        connection: &mut Connection,
        event: Event<'_>,
        outbox: &mut Outbox,
        now: Instant,
    ) {
        match event {
            Event::Http(Http::Request(head)) => match head.path() {
                "/v1/ws" => {
                    let field = self.follow(start(&head), now);
                    let policy = Policy::default();
                    let done = connection.accept_websocket(&head, &policy, [field], outbox, now);
                    assert_eq!(done, Ok(tidewire::server::Handshake::Accepted));
                }
                "/v1/sse" => {
                    let request = sse::RequestHead::new(head.method(), head.fields().iter());
                    let after = match Stream::accept(&request, &StreamConfig::default()).unwrap() {
                        Accepted::Stream(Resume::After(id)) => Start::After(id.parse().unwrap()),
                        _ => start(&head),
                    };
                    let field = self.follow(after, now);
                    let entropy = &mut self.entropy;
                    connection.open_event_stream([field], entropy, outbox, now).unwrap();
                }
                _ => self.doing = Doing::Reading(head),
            },
            Event::Http(Http::End) => match std::mem::replace(&mut self.doing, Doing::Nothing) {
                Doing::Reading(head) => self.poll(head, connection, outbox, now),
                other => self.doing = other,
            },
            Event::StreamEnded => self.hang_up(),
            Event::Http(_) | Event::PeerAhead | Event::WebSocket(_) => {}
        }
    }

    /// Sends what there is to the present connection. Whether it was anything.
    pub(crate) fn deliver(&mut self, server: &mut End<Connection>, now: Instant) -> bool {
        while let Some(reader) = self.hub.next_ready() {
            self.park.woken(reader, &mut self.hub);
        }
        let mut has_moved = false;
        if let Doing::Following(reader) = self.doing {
            while let Read::Entries { entries, .. } = self.hub.read(reader, BATCH) {
                for record in entries {
                    // A connection that is over sends no more: the client resumes elsewhere.
                    let _ = server.machine.send(&record.item, &mut server.outbox, now);
                }
                has_moved = true;
            }
        }
        while let Some(answered) = self.park.next_answer(&mut self.hub, now) {
            let Doing::Holding { poll, head } = std::mem::replace(&mut self.doing, Doing::Nothing)
            else {
                panic!("an answer for nobody")
            };
            assert_eq!(answered.holds, [poll]);
            respond(&head, &answered.answer, &mut server.machine, &mut server.outbox, now);
            has_moved = true;
        }
        has_moved
    }

    /// Lets the present connection follow the log; returns the field that tells from where.
    fn follow(&mut self, start: Start, now: Instant) -> (FieldName, FieldValue) {
        let subscribed = match self.hub.subscribe(&TOPICS, start, now) {
            Err(SubscribeError::Reset(reset)) => {
                self.hub.subscribe(&TOPICS, Start::After(reset.resume()), now)
            }
            other => other,
        };
        let (reader, cursor) = subscribed.unwrap();
        self.doing = Doing::Following(reader);
        (CURSOR_FIELD, FieldValue::new(cursor.to_string()).unwrap())
    }

    fn poll(
        &mut self,
        head: RequestHead,
        connection: &mut Connection,
        outbox: &mut Outbox,
        now: Instant,
    ) {
        let wait = Duration::from_secs_f64(parameter(&head, "wait").parse().unwrap());
        let ask = Ask { wait, max: BATCH, ..Ask::new(&TOPICS, start(&head)) };
        match self.park.ask(&ask, &mut self.hub, &mut self.entropy, now).unwrap() {
            Asked::Held(poll) => self.doing = Doing::Holding { poll, head },
            Asked::Answer(answer) => respond(&head, &answer, connection, outbox, now),
        }
    }
}

fn respond(
    head: &RequestHead,
    answer: &Answer<'_, Arc<Entry>>,
    connection: &mut Connection,
    outbox: &mut Outbox,
    now: Instant,
) {
    let (status, next, more, events) = match answer {
        Answer::Events { entries, next, more } => {
            let lines = entries.clone().map(|record| record.item.message());
            (200, *next, *more, lines.collect::<Vec<_>>().join(&b'\n'))
        }
        Answer::Empty { next, .. } => {
            let known = head.fields().get_all("if-none-match");
            (if if_none_match(known, *next) { 304 } else { 200 }, *next, false, vec![])
        }
        Answer::Reset(reset) => (410, reset.resume(), true, vec![]),
    };
    let body = [format!("{next} {more}\n").as_bytes(), &events].concat();
    let body = if status == 304 { Body::Empty } else { Body::Full(body.into()) };
    let http = connection.http().unwrap();
    // A client that is gone asks again elsewhere.
    let json = FieldValue::from_static("application/json");
    let response = Response::new(status).field(FieldName::CONTENT_TYPE, json);
    let _ = http.respond(&response, body, outbox, now);
}

fn start(head: &RequestHead) -> Start {
    parameter(head, "after").parse().unwrap()
}

fn parameter<'h>(head: &'h RequestHead, name: &str) -> &'h str {
    let pairs = head.query().unwrap().split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next().unwrap()
}
