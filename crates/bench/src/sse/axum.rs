//! axum: its events become bytes nowhere but in the body of its response, which is polled by hand.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Sse, sse};
use futures_util::stream;

use super::contest::{Contestant, Encode, Skill, Stage};
use super::load::Event;
use crate::contest::Rank;

pub(crate) const AXUM: Contestant = Contestant {
    name: "axum",
    rank: Rank::Whole,
    note: "`sse::Event` into Bytes by polling the boxed body of `Sse::into_response`",
    skill: Skill { decode: None, encode: Some(encode) },
};

fn encode(stage: Stage) -> Encode {
    let events = stage.events.iter().cycle().map(|event| Ok::<_, Infallible>(made(event)));
    let mut body = Sse::new(stream::iter(events)).into_response().into_body();
    Box::new(move |sink| {
        for _ in stage.events {
            sink.take(&next(&mut body));
        }
    })
}

fn made(event: &Event) -> sse::Event {
    let mut made = sse::Event::default();
    if let Some(name) = event.name {
        made = made.event(name);
    }
    if let Some(id) = &event.id {
        made = made.id(id);
    }
    made.data(&event.data)
}

/// The body's next bytes, which are one event.
fn next(body: &mut Body) -> bytes::Bytes {
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Some(Ok(frame))) = Pin::new(body).poll_frame(&mut context) else {
        unreachable!("the events have no end");
    };
    frame.into_data().expect("there are no trailers")
}
