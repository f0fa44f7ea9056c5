//! What server and clients of a simulation say to each other: plain words, so that little time goes into
//! them. Who says what when is told elsewhere.

use std::fmt::Write;
use std::time::Duration;

use tidewire::hub::{Cursor, Reset, ResetReason};

use super::ends::Ending;

/// An event as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Note {
    pub(super) topic: u8,
    /// Names the event in the whole simulation.
    pub(super) number: u32,
    /// Bytes that say nothing, so that some events are heavy.
    pub(super) padding: u16,
}

/// What events are padded with.
const PADDING: &str = {
    const BYTES: &[u8] = &[b'x'; 300];
    match std::str::from_utf8(BYTES) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
};
/// The topics' names.
pub(super) const TOPICS: [&str; 4] = ["t0", "t1", "t2", "t3"];

impl Note {
    /// The event at `cursor`.
    pub(super) fn at(self, cursor: Cursor) -> String {
        let Self { topic, number, padding } = self;
        let mut text = String::with_capacity(32 + usize::from(padding));
        let _ = write!(text, "{cursor} {topic} {number} ");
        text.push_str(&PADDING[..usize::from(padding)]);
        text
    }

    /// Reads an event. One that cannot be read is none that was published.
    pub(super) fn read(text: &str) -> (Cursor, Self) {
        let mut words = text.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("garbled event: {text:?}"));
        let cursor = number(word());
        let (topic, id) = (number(word()), number(word()));
        let padding = word();
        assert!(PADDING.starts_with(padding), "garbled event: {text:?}");
        (cursor, Self { topic, number: id, padding: padding.len() as u16 })
    }
}

/// The word that there is a gap, and where the stream goes on.
pub(super) fn gap(resume: Cursor, reset: Reset) -> String {
    format!("gap {resume} {:?} {} {}", reset.reason, reset.floor, reset.head)
}

/// Where the stream goes on and why, if `text` is the word that there is a gap.
pub(super) fn read_gap(text: &str) -> Option<(Cursor, Reset)> {
    let mut words = text.strip_prefix("gap ")?.split(' ');
    let mut word = || words.next().unwrap_or_else(|| panic!("garbled gap: {text:?}"));
    let resume = number(word());
    let reason = match word() {
        "Expired" => ResetReason::Expired,
        "Epoch" => ResetReason::Epoch,
        "Ahead" => ResetReason::Ahead,
        other => panic!("garbled reason: {other:?}"),
    };
    Some((resume, Reset { reason, floor: number(word()), head: number(word()) }))
}

/// The word that nothing comes any more behind `at`.
pub(super) fn end(ending: Ending, at: Cursor) -> String {
    format!("end {at} {ending:?}")
}

/// What ended a reader and where, if `text` is the word of it.
pub(super) fn read_end(text: &str) -> Option<(Ending, Cursor)> {
    let (at, ending) = text.strip_prefix("end ")?.split_once(' ')?;
    let ending = match ending {
        "Closed" => Ending::Closed,
        "Revoked" => Ending::Revoked,
        other => panic!("garbled end: {other:?}"),
    };
    Some((ending, number(at)))
}

/// The word that other topics are followed behind `at`.
pub(super) fn change(topics: u8, at: Cursor) -> String {
    format!("follows {at} {topics}")
}

/// Which topics are followed from where on, if `text` is the word of it.
pub(super) fn read_change(text: &str) -> Option<(u8, Cursor)> {
    let (at, topics) = text.strip_prefix("follows ")?.split_once(' ')?;
    Some((number(topics), number(at)))
}

/// A poll's answer: where to go on, whether there is more, how long to stay away; then a line for each
/// event.
pub(super) fn answer<'a>(
    next: Cursor,
    more: bool,
    poll_after: Duration,
    events: impl Iterator<Item = &'a [u8]>,
) -> Vec<u8> {
    let mut head = String::with_capacity(512);
    let _ = write!(head, "{next} {} {}", u8::from(more), poll_after.as_millis());
    let mut body = head.into_bytes();
    for event in events {
        body.push(b'\n');
        body.extend_from_slice(event);
    }
    body
}

/// What a poll's answer says.
pub(super) struct Answered<'a> {
    pub(super) next: Cursor,
    pub(super) more: bool,
    pub(super) poll_after: Duration,
    pub(super) events: std::str::Lines<'a>,
}

/// Reads a poll's answer.
pub(super) fn read_answer(body: &[u8]) -> Answered<'_> {
    let text = std::str::from_utf8(body).unwrap_or_else(|_| panic!("garbled answer: {body:?}"));
    let mut events = text.lines();
    let mut words = events.next().unwrap_or_default().split(' ');
    let mut word = || words.next().unwrap_or_else(|| panic!("garbled answer: {text:?}"));
    let (next, more) = (number(word()), word() == "1");
    let poll_after = Duration::from_millis(number(word()));
    Answered { next, more, poll_after, events }
}

/// What stands in the place of an answer if a server has not written it to its end.
pub(super) const GARBAGE: &str = "{\"cursor\":\"1.";

/// Whether a body is no answer.
pub(super) fn is_garbage(body: &[u8]) -> bool {
    body == GARBAGE.as_bytes()
}

/// Reads whatever has a text.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("garbled: {text:?}"))
}
