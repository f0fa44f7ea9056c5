//! Us: the decoder over lent pieces, and frames for one receiver and for many.

use bytes::Buf;
use tidewire::core::Outbox;
use tidewire::sse::{Decoder, Event, EventId, EventName, Frame, Item, Limits};

use super::contest::{Contestant, Decode, Encode, Skill, Stage};
use super::tally::{Sink, Tally};
use crate::contest::Rank;

pub(crate) const TIDEWIRE: Contestant = Contestant {
    name: "tidewire",
    rank: Rank::Ours,
    note: "`decode` and `to_str`: lends, checks UTF-8; `Frame::encode` into an outbox that is \
        drained; its names were checked before, an ID is copied and checked",
    skill: Skill { decode: Some(decode_str), encode: Some(encode) },
};

pub(crate) const TIDEWIRE_BYTES: Contestant = Contestant {
    name: "tidewire bytes",
    rank: Rank::Aside,
    note: "`decode` and `as_bytes`: lends, checks no UTF-8; `Frame::to_bytes`, to be shared",
    skill: Skill { decode: Some(decode_bytes), encode: Some(encode_bytes) },
};

fn decode_str(stage: Stage) -> Decode {
    decode(stage, |event, tally| {
        let data = event.data().to_str().expect("it is UTF-8");
        tally.take(event.name(), data.as_bytes(), event.last_event_id());
    })
}

fn decode_bytes(stage: Stage) -> Decode {
    decode(stage, |event, tally| {
        tally.take(event.name(), event.data().as_bytes(), event.last_event_id());
    })
}

fn decode(stage: Stage, take: impl Fn(Event<'_>, &mut Tally) + 'static) -> Decode {
    let mut decoder = Decoder::new(Limits::default());
    Box::new(move |tally| {
        for mut piece in stage.pieces() {
            while let Some(item) = decoder.decode(&mut piece).expect("nothing is too long") {
                if let Item::Event(event) = item {
                    take(event, tally);
                }
            }
        }
    })
}

fn encode(stage: Stage) -> Encode {
    let mut outbox = Outbox::new();
    each_frame(stage, move |frame, sink| {
        frame.encode(&mut outbox);
        sink.take(outbox.chunk());
        outbox.advance(outbox.len());
    })
}

fn encode_bytes(stage: Stage) -> Encode {
    each_frame(stage, |frame, sink| sink.take(&frame.to_bytes()))
}

/// A name is one of a few that the application knows beforehand; an ID comes with its event.
fn each_frame(stage: Stage, mut take: impl FnMut(&Frame<'_>, &mut Sink) + 'static) -> Encode {
    let name = stage.events.iter().find_map(|event| event.name).map(EventName::from_static);
    Box::new(move |sink| {
        for event in stage.events {
            let id = event.id.clone().map(|id| EventId::new(id).expect("it is one line"));
            let mut frame = Frame::new().data(&event.data);
            if let Some(name) = &name {
                frame = frame.name(name);
            }
            if let Some(id) = &id {
                frame = frame.id(id);
            }
            take(&frame, sink);
        }
    })
}
