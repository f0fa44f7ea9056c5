//! The least that can be done with the bytes: a search for line ends, and a look or a copy.

use std::hint::black_box;

use memchr::memchr2;

use super::contest::{Contestant, Decode, Encode, Skill, Stage};
use super::load::Event;
use crate::contest::Rank;
use crate::wide::is_utf8;

pub(crate) const FLOOR: Contestant = Contestant {
    name: "floor",
    rank: Rank::Floor,
    note: "looks for each line's end and checks its UTF-8, joins nothing, forgets all; copies behind \
        prefixes made before. A call for each line: who finds many ends in one pass beats it",
    skill: Skill { decode: Some(decode), encode: Some(encode) },
};

fn decode(stage: Stage) -> Decode {
    Box::new(move |_| {
        for mut rest in stage.pieces() {
            while let Some(end) = memchr2(b'\r', b'\n', rest) {
                look(&rest[..end]);
                rest = &rest[end + 1..];
            }
            look(rest);
        }
    })
}

/// Where a piece cut a line, or a character in it, that is no fault.
#[inline]
fn look(line: &[u8]) {
    let value = line.strip_prefix(b"data: ").unwrap_or(line);
    black_box(value.is_empty() || is_utf8(value));
    black_box(value);
}

fn encode(stage: Stage) -> Encode {
    let mut output = Vec::new();
    let heads: Vec<String> = stage.events.iter().map(head).collect();
    Box::new(move |sink| {
        for (head, event) in heads.iter().zip(stage.events) {
            output.clear();
            output.extend_from_slice(head.as_bytes());
            let mut rest = event.data.as_bytes();
            while let Some(end) = memchr2(b'\r', b'\n', rest) {
                let (line, tail) = rest.split_at(end);
                output.extend_from_slice(line);
                output.extend_from_slice(b"\ndata: ");
                rest = tail.strip_prefix(b"\r\n").unwrap_or(&tail[1..]);
            }
            output.extend_from_slice(rest);
            output.extend_from_slice(b"\n\n");
            sink.take(&output);
        }
    })
}

/// What stands in front of an event's data.
fn head(event: &Event) -> String {
    let name = event.name.map(|name| format!("event: {name}\n")).unwrap_or_default();
    let id = event.id.as_ref().map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("{name}{id}data: ")
}
