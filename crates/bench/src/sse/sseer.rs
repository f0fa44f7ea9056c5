//! sseer, over a stream of shared bytes, as an HTTP client has them.

use bytes::Bytes;
use futures_util::TryStreamExt;
use sseer::EventStream;

use super::contest::{Contestant, Decode, Skill, Stage};
use super::pieces::{drain, pieces};
use crate::contest::Rank;

pub(crate) const SSEER: Contestant = Contestant {
    name: "sseer",
    rank: Rank::Whole,
    note: "`EventStream` over Bytes: shares names, IDs and a lone line of data, copies several; \
        checks UTF-8",
    skill: Skill { decode: Some(decode), encode: None },
};

fn decode(stage: Stage) -> Decode {
    let tape = Bytes::from_owner(stage.tape);
    let pieces = pieces(stage).map_ok(move |piece| tape.slice_ref(piece));
    let mut events = EventStream::new(pieces);
    Box::new(move |tally| {
        drain(&mut events, |event| {
            let event = event.expect("it is UTF-8");
            tally.take(&event.event, event.data.as_bytes(), &event.id);
        });
    })
}
