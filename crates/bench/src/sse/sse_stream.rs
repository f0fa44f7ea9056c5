//! sse-stream, over a stream of slices, and its encoder.

use sse_stream::{Sse, SseByteStream};

use super::contest::{Contestant, Decode, Encode, Skill, Stage};
use super::pieces::{drain, pieces};
use crate::contest::Rank;

pub(crate) const SSE_STREAM: Contestant = Contestant {
    name: "sse-stream",
    rank: Rank::Whole,
    note: "`SseByteStream`: copies all into Strings, checks UTF-8, remembers no last event ID; \
        `Sse::encode` of Strings into Bytes",
    skill: Skill { decode: Some(decode), encode: Some(encode) },
};

fn decode(stage: Stage) -> Decode {
    let mut events = SseByteStream::new(pieces(stage));
    Box::new(move |tally| {
        drain(&mut events, |event| {
            let Sse { event: name, data, id, .. } = event.expect("it is UTF-8");
            let data = data.as_deref().unwrap_or_default();
            let name = name.as_deref().unwrap_or("message");
            tally.take(name, data.as_bytes(), id.as_deref().unwrap_or_default());
        });
    })
}

fn encode(stage: Stage) -> Encode {
    Box::new(move |sink| {
        for event in stage.events {
            let block = Sse {
                event: event.name.map(str::to_owned),
                id: event.id.clone(),
                data: Some(event.data.clone()),
                retry: None,
            };
            sink.take(&block.encode().expect("names and IDs are one line"));
        }
    })
}
