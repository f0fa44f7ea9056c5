//! What a request asks for and what a response says, as HTTP has it. When it is said is `connection`'s
//! business.

use tidewire::core::{Instant, Outbox};
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response};
use tidewire::hub::Start;
use tidewire::poll::if_none_match;
use tidewire::server;

use super::document::number;
use super::ends::Who;
use super::plan::bits;
use super::reply::Reply;

/// A connection at the moment of a command.
pub(super) struct Peer<'a> {
    pub(super) machine: &'a mut server::Connection,
    pub(super) outbox: &'a mut Outbox,
}

pub(super) fn answer(reply: &Reply, head: &RequestHead, peer: &mut Peer<'_>, now: Instant) {
    match reply {
        Reply::Answer { next, is_last: false, .. }
            if if_none_match(head.fields().get_all("if-none-match"), *next) =>
        {
            respond(&Response::new(304), Body::Empty, peer, now);
        }
        Reply::Answer { body, .. } => {
            respond(&json(200), Body::Full(body.clone().into()), peer, now);
        }
        Reply::Reset { document } => {
            respond(&json(410), Body::Full(document.clone().into()), peer, now);
        }
        Reply::Refused { status, retry_after } => {
            let mut response = Response::new(*status);
            if let Some(wait) = retry_after {
                response = response.field(RETRY_AFTER, text(wait.as_secs() + 1));
            }
            respond(&response, Body::Empty, peer, now);
        }
    }
}

/// A response that says to be what pollers take for an answer of the log.
fn json(status: u16) -> Response {
    Response::new(status)
        .field(FieldName::CONTENT_TYPE, FieldValue::from_static("application/json"))
}

pub(super) fn respond(response: &Response, body: Body, peer: &mut Peer<'_>, now: Instant) {
    let http = peer.machine.http().expect("the connection is no stream");
    // It fails if the connection has ended, and then whoever asked asks again elsewhere.
    let _ = http.respond(response, body, peer.outbox, now);
}

pub(super) fn text(value: impl std::fmt::Display) -> FieldValue {
    FieldValue::new(value.to_string()).expect("visible ASCII")
}

/// What a request asks for.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) who: Who,
    pub(super) after: Start,
    /// In seconds.
    pub(super) wait: f64,
}

pub(super) fn wanted(head: &RequestHead) -> Wanted {
    let (mut topics, mut member, mut after, mut wait) = (0, 0, Start::Now, 0.0);
    for pair in head.query().unwrap_or_default().split('&') {
        let Some((key, value)) = pair.split_once('=') else { continue };
        match key {
            "topic" => topics |= bits([value]),
            "client" => member = number(value),
            "after" => after = number(value),
            "wait" => wait = number(value),
            _ => {}
        }
    }
    Wanted { who: Who { topics, member }, after, wait }
}

pub(super) const RETRY_AFTER: FieldName = FieldName::from_static("Retry-After");
