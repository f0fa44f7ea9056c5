//! sse-parse, fed by hand.

use sse_parse::SseParser;

use super::contest::{Contestant, Decode, Skill, Stage};
use crate::contest::Rank;

pub(crate) const SSE_PARSE: Contestant = Contestant {
    name: "sse-parse",
    rank: Rank::Whole,
    note: "`feed` and `next_event`: copies the input, then all of an event into Strings, which it \
        queues; checks UTF-8",
    skill: Skill { decode: Some(decode), encode: None },
};

fn decode(stage: Stage) -> Decode {
    let mut parser = SseParser::new();
    Box::new(move |tally| {
        for piece in stage.pieces() {
            parser.feed(piece);
            while let Some(event) = parser.next_event() {
                tally.take(&event.event, event.data.as_bytes(), &event.id);
            }
        }
    })
}
