//! sse-core, fed by hand.

use sse_core::{SseDecoder, SseEvent};

use super::contest::{Contestant, Decode, Skill, Stage};
use crate::contest::Rank;

pub(crate) const SSE_CORE: Contestant = Contestant {
    name: "sse-core",
    rank: Rank::Whole,
    note: "`SseDecoder::next`: copies data and names into Strings, an ID into an Arc; checks UTF-8",
    skill: Skill { decode: Some(decode), encode: None },
};

fn decode(stage: Stage) -> Decode {
    let mut decoder = SseDecoder::new();
    Box::new(move |tally| {
        for mut piece in stage.pieces() {
            while let Some(event) = decoder.next(&mut piece) {
                if let SseEvent::Message(event) = event.expect("nothing is too long") {
                    let id = event.last_event_id.as_deref().unwrap_or_default();
                    tally.take(&event.event, event.data.as_bytes(), id);
                }
            }
        }
    })
}
