//! eventsource-stream, over a stream of slices.

use eventsource_stream::EventStream;

use super::contest::{Contestant, Decode, Skill, Stage};
use super::pieces::{drain, pieces};
use crate::contest::Rank;

pub(crate) const EVENTSOURCE_STREAM: Contestant = Contestant {
    name: "eventsource-stream",
    rank: Rank::Whole,
    note: "`EventStream`: copies the input, what is left of it after each line, and all of an event \
        into Strings; checks UTF-8",
    skill: Skill { decode: Some(decode), encode: None },
};

fn decode(stage: Stage) -> Decode {
    let mut events = EventStream::new(pieces(stage));
    Box::new(move |tally| {
        drain(&mut events, |event| {
            let event = event.expect("it is UTF-8");
            tally.take(&event.event, event.data.as_bytes(), &event.id);
        });
    })
}
