//! What a request makes of a connection of the server: an answer, a poll that is held, a stream. What the
//! connection does from then on is `doing`'s business.

use std::time::Duration;

use tidewire::CURSOR_FIELD;
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response};
use tidewire::hub::Start;
use tidewire::poll::Client;
use tidewire::server::Handshake;
use tidewire::sse::{self, Accepted, Resume, Stream};
use tidewire::ws::handshake::server::Policy;

use super::connection::{NewHold, Room};
use super::document::{Note, number};
use super::doing::{Doing, Following};
use super::exchange::{Peer, Wanted, answer, respond, text, wanted};
use super::polls::{Query, Said};
use super::portal;
use crate::dice::Dice;

/// The request is complete: answers it, holds it or makes it a stream.
pub(super) fn on_request_end(
    head: RequestHead,
    body: &[u8],
    wire: usize,
    peer: &mut Peer<'_>,
    room: &mut Room<'_>,
) -> (Doing, Option<NewHold>) {
    match head.path() {
        "/v1/poll" if room.is_met() => {
            portal::answer(&head, peer, room);
            (Doing::Nothing, None)
        }
        "/v1/poll" => poll(head, wire, peer, room),
        "/v1/sse" => (open_stream(&head, wire, peer, room), None),
        _ => {
            publish(&head, body, peer, room);
            (Doing::Nothing, None)
        }
    }
}

fn poll(
    head: RequestHead,
    wire: usize,
    peer: &mut Peer<'_>,
    room: &mut Room<'_>,
) -> (Doing, Option<NewHold>) {
    match room.feed.ask(&query(&head, false, wire), room.plan, wire, room.now) {
        Said::Now(reply) => {
            answer(&reply, &head, peer, room.now);
            (Doing::Nothing, None)
        }
        Said::Later { hold, poll, until, at } => {
            (Doing::Holding { hold, head, at }, Some((poll, until)))
        }
    }
}

/// What a poll asks for, which may be told what there is at once whatever it asks for.
pub(super) fn query(head: &RequestHead, at_once: bool, wire: usize) -> Query {
    let Wanted { who, after, wait } = wanted(head);
    let wait = if at_once { 0.0 } else { wait };
    Query {
        who,
        after,
        wait: Duration::from_secs_f64(wait),
        // Later connections have higher numbers, so a poll that comes late is known to be old.
        client: Client { id: who.member, seq: wire as u64 },
    }
}

fn open_stream(head: &RequestHead, wire: usize, peer: &mut Peer<'_>, room: &mut Room<'_>) -> Doing {
    let request = sse::RequestHead::new(head.method(), head.fields().iter());
    let after = match Stream::accept(&request, &room.plan.server.event_stream) {
        Ok(Accepted::Stream(Resume::After(id))) => Some(Start::After(number(id))),
        Ok(Accepted::Stream(Resume::Fresh)) => None,
        other => panic!("no request for an event stream: {other:?}"),
    };
    let Some((mut following, field)) = follow(head, after, wire, peer, room) else {
        return Doing::Nothing;
    };
    following.lives = room.plan.lifetime.map(|_| room.now);
    let mut jitter = Dice::new(room.dice.bits()).entropy();
    let opened = peer.machine.open_event_stream([field], &mut jitter, peer.outbox, room.now);
    opened.expect("the request waits for its answer");
    Doing::Following(following)
}

pub(super) fn upgrade(
    head: &RequestHead,
    wire: usize,
    peer: &mut Peer<'_>,
    room: &mut Room<'_>,
) -> Doing {
    let Some((following, field)) = follow(head, None, wire, peer, room) else {
        return Doing::Nothing;
    };
    let policy = Policy::default();
    let done = peer.machine.accept_websocket(head, &policy, [field], peer.outbox, room.now);
    assert_eq!(done, Ok(Handshake::Accepted));
    Doing::Following(following)
}

/// Takes a place in the log, where the client is known to be or where it asks for, and says in a field of the
/// response where that is. Who may not read what it
/// asks for is told so.
fn follow(
    head: &RequestHead,
    known: Option<Start>,
    wire: usize,
    peer: &mut Peer<'_>,
    room: &mut Room<'_>,
) -> Option<(Following, (FieldName, FieldValue))> {
    let Room { feed, plan, now, .. } = room;
    let Wanted { who, after, .. } = wanted(head);
    let start = known.unwrap_or(after);
    let Some((id, cursor, reset)) = feed.subscribe((wire, who), start, plan, *now) else {
        respond(&Response::new(403), Body::Empty, peer, *now);
        return None;
    };
    Some((Following { id, reset, spent: 0, lives: None }, (CURSOR_FIELD, text(cursor))))
}

fn publish(head: &RequestHead, body: &[u8], peer: &mut Peer<'_>, room: &mut Room<'_>) {
    let key = head.fields().get("idempotency-key").and_then(|key| std::str::from_utf8(key).ok());
    let key = number(key.unwrap_or_default());
    let (_, note) = Note::read(&String::from_utf8_lossy(body));
    let (response, body) = match room.feed.publish(note, key, true, room.now) {
        Some(cursor) => (Response::new(201), Body::Full(cursor.to_string().into())),
        None => (Response::new(409), Body::Empty),
    };
    respond(&response, body, peer, room.now);
}
