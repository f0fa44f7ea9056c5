//! russe, as a codec into a buffer that is used again.

use bytes::BytesMut;
use russe::{Encoder, Event, Message};
use tokio_util::codec::Encoder as _;

use super::contest::{Contestant, Encode, Skill, Stage};
use crate::contest::Rank;

pub(crate) const RUSSE: Contestant = Contestant {
    name: "russe",
    rank: Rank::Whole,
    note: "`Encoder` of shared strings into a BytesMut; making them copies name, ID and data",
    skill: Skill { decode: None, encode: Some(encode) },
};

fn encode(stage: Stage) -> Encode {
    let mut output = BytesMut::new();
    Box::new(move |sink| {
        for event in stage.events {
            let message = Message {
                data: event.data.as_str().into(),
                event: event.name.map(Into::into),
                id: event.id.as_deref().map(Into::into),
                retry: None,
            };
            let event = Event::Message(message);
            Encoder::default().encode(event, &mut output).expect("names and IDs are one line");
            sink.take(&output);
            output.clear();
        }
    })
}
