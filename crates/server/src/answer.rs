//! What responses say: status, fields and documents. When they are sent is decided elsewhere.

use std::time::SystemTime;

use bytes::Bytes;
use tidewire::CURSOR_FIELD;
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response};
use tidewire::hub::Cursor;
use tidewire::poll::{EntityTag, if_none_match};
use tracing::debug;

use crate::guard::Origin;
use crate::page::Asset;
use crate::peer::{Peer, abandon};
use crate::refusal::{JSON, Refusal};
use crate::reply::Reply;
use crate::wire::{PublishedDocument, encode};

/// What of a request's head matters for its answer.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    /// The origin to which the answer is to be opened.
    origin: Option<String>,
    has_credentials: bool,
    /// Whom its polls count against.
    pub(crate) visitor: Option<u64>,
    known_tags: Vec<Box<[u8]>>,
    pub(crate) content_type: Option<String>,
    pub(crate) idempotency_key: Option<Box<[u8]>>,
}

impl Asker {
    /// Who asks with `head`, after the guard has found out where from.
    pub(crate) fn new(head: &RequestHead, admitted: Option<&Origin>, visitor: Option<u64>) -> Self {
        let fields = head.fields();
        let text = |name| fields.get(name).and_then(|value| std::str::from_utf8(value).ok());
        let origin = match admitted {
            Some(Origin::Listed(origin)) => Some(origin.clone()),
            Some(Origin::Own) | None => None,
        };
        Self {
            origin,
            has_credentials: ["authorization", "cookie"]
                .iter()
                .any(|name| fields.get(name).is_some()),
            visitor,
            known_tags: fields.get_all("if-none-match").map(Into::into).collect(),
            // What curl and forms send by default says nothing about an event.
            content_type: text("content-type")
                .filter(|media_type| *media_type != "application/x-www-form-urlencoded")
                .map(str::to_owned),
            idempotency_key: fields.get("idempotency-key").map(Into::into),
        }
    }

    /// Whoever asks with `head`, if nothing is to be opened to anyone.
    pub(crate) fn stranger(head: &RequestHead) -> Self {
        Self::new(head, None, None)
    }

    /// Fields for the response that opens a stream behind `cursor`.
    pub(crate) fn stream_fields(&self, cursor: Cursor) -> Vec<(FieldName, FieldValue)> {
        let cursor = FieldValue::new(cursor.to_string()).expect("a cursor is visible ASCII");
        let mut fields = vec![(FieldName::DATE, date()), NOSNIFF, (CURSOR_FIELD, cursor)];
        fields.extend(self.cors_fields());
        fields
    }

    fn cors_fields(&self) -> Vec<(FieldName, FieldValue)> {
        let value = |origin: &String| FieldValue::new(origin).ok();
        let Some(origin) = self.origin.as_ref().and_then(value) else { return Vec::new() };
        vec![
            (FieldName::from_static("Access-Control-Allow-Origin"), origin),
            (
                FieldName::from_static("Access-Control-Expose-Headers"),
                FieldValue::from_static("ETag, Retry-After, Tidewire-Cursor"),
            ),
            (FieldName::VARY, FieldValue::from_static("Origin")),
        ]
    }
}

const NOSNIFF: (FieldName, FieldValue) =
    (FieldName::from_static("X-Content-Type-Options"), FieldValue::from_static("nosniff"));
const NO_STORE: FieldValue = FieldValue::from_static("no-store");

/// Sends `response` with `body` and what goes with every answer of ours.
fn send(response: Response, body: Bytes, asker: &Asker, peer: &mut Peer<'_>) {
    let Some(http) = peer.machine.http() else { return };
    let response = [(FieldName::DATE, date()), NOSNIFF]
        .into_iter()
        .chain(asker.cors_fields())
        .fold(response, |response, (name, value)| response.field(name, value));
    let body = if body.is_empty() { Body::Empty } else { Body::Full(body) };
    if let Err(error) = http.respond(&response, body, peer.outbox, peer.now) {
        abandon(error, peer);
    }
}

fn send_json(status: u16, json: Bytes, asker: &Asker, peer: &mut Peer<'_>) {
    let response = Response::new(status)
        .field(FieldName::CONTENT_TYPE, JSON)
        .field(FieldName::CACHE_CONTROL, NO_STORE);
    send(response, json, asker, peer);
}

/// Gives the date to the answers that the machine writes by itself.
pub(crate) fn date_errors(peer: &mut Peer<'_>) {
    if let Some(http) = peer.machine.http() {
        http.set_date(date());
    }
}

/// Tells a client that waits for it to send its body (RFC 9110 §10.1.1).
pub(crate) fn invite_body(peer: &mut Peer<'_>) {
    if let Some(http) = peer.machine.http()
        && http.expects_continue()
    {
        // The body may also come uninvited.
        let _ = http.interim(&Response::new(100), peer.outbox);
    }
}

pub(crate) fn refuse(refusal: &Refusal, asker: &Asker, peer: &mut Peer<'_>) {
    debug!(status = refusal.status(), "{refusal}");
    let (response, json) = refusal.response();
    send(response.field(FieldName::CACHE_CONTROL, NO_STORE), json, asker, peer);
}

pub(crate) fn asset(asset: &'static Asset, peer: &mut Peer<'_>) {
    let body = Bytes::from_static(asset.bytes);
    send(asset.response(), body, &Asker::default(), peer);
}

pub(crate) fn health(asker: &Asker, peer: &mut Peer<'_>) {
    send_json(200, Bytes::from_static(b"{\"status\":\"ok\"}"), asker, peer);
}

pub(crate) fn published(cursor: Cursor, asker: &Asker, peer: &mut Peer<'_>) {
    let document = PublishedDocument { cursor: cursor.to_string() };
    send_json(201, encode(&document).into(), asker, peer);
}

/// Answers a poll; with 304 if the client knows the answer already (RFC 9110 §13.1.2).
pub(crate) fn poll(reply: &Reply, asker: &Asker, peer: &mut Peer<'_>) {
    match reply {
        Reply::Reset(reset) => refuse(&Refusal::Reset(*reset), asker, peer),
        // A 304 could not say it. It has no tag: the next answer may list as little and say less.
        Reply::Away { body } => {
            let response = Response::new(200).field(FieldName::CACHE_CONTROL, NO_STORE);
            send(response.field(FieldName::CONTENT_TYPE, JSON), body.clone(), asker, peer);
        }
        Reply::Answer { body, next, is_empty } => {
            // A star matches anything, also events that nobody has seen yet.
            let tags = asker.known_tags.iter().map(|tag| &**tag);
            let known = tags.filter(|tag| *is_empty || tag.trim_ascii() != b"*");
            let tag = FieldValue::new(EntityTag(*next).to_string());
            let tag = tag.expect("a cursor between quotes is visible ASCII");
            let tagged = |status| {
                Response::new(status)
                    .field(FieldName::ETAG, tag)
                    .field(FieldName::CACHE_CONTROL, NO_STORE)
            };
            if if_none_match(known, *next) {
                send(tagged(304), Bytes::new(), asker, peer);
            } else {
                let response = tagged(200).field(FieldName::CONTENT_TYPE, JSON);
                send(response, body.clone(), asker, peer);
            }
        }
    }
}

/// Answers with what never changes, to be kept by whoever may see it. RFC 8246.
pub(crate) fn range(body: Bytes, asker: &Asker, peer: &mut Peer<'_>) {
    let keep = if asker.has_credentials {
        FieldValue::from_static("private, max-age=31536000, immutable")
    } else {
        FieldValue::from_static("public, max-age=31536000, immutable")
    };
    // A listed origin is varied by where it is answered; but so is its absence.
    let vary = if asker.origin.is_some() { "Authorization" } else { "Authorization, Origin" };
    let response = Response::new(200)
        .field(FieldName::CONTENT_TYPE, JSON)
        .field(FieldName::CACHE_CONTROL, keep)
        .field(FieldName::VARY, FieldValue::from_static(vary));
    send(response, body, asker, peer);
}

/// Tells a browser what a page of a listed origin may do, for ten minutes.
pub(crate) fn preflight(asker: &Asker, peer: &mut Peer<'_>) {
    let allow = |name, value| (FieldName::from_static(name), FieldValue::from_static(value));
    let response = [
        allow("Access-Control-Allow-Methods", "GET, POST"),
        allow(
            "Access-Control-Allow-Headers",
            "Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID",
        ),
        allow("Access-Control-Max-Age", "600"),
    ]
    .into_iter()
    .fold(Response::new(204), |response, (name, value)| response.field(name, value));
    send(response, Bytes::new(), asker, peer);
}

#[allow(clippy::disallowed_methods, reason = "the binary owns the calendar; machines need none")]
fn date() -> FieldValue {
    let now = httpdate::fmt_http_date(SystemTime::now());
    FieldValue::new(now).expect("a date is visible ASCII")
}
