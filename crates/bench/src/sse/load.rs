//! The events of a case, and the stream that carries them.

use std::fmt::{self, Write};

use crate::sample::{self, text};

/// What kind of events a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// One letter: nine bytes with all that belongs to it.
    Tiny,
    /// What a language model sends for each token: 100 to 300 bytes of JSON.
    Delta,
    /// The same with a name.
    NamedDelta,
    Kilobyte,
    Large,
    /// No event but `:` and a blank line.
    KeepAlive,
    /// No event but `:`.
    Comment,
    /// Four lines of data, with a name and an ID.
    Lines,
    /// The same with all three kinds of line end.
    MixedLines,
    /// Latin, Greek, Chinese and emoji.
    Mixed,
}

/// An event as the application has it.
pub(crate) struct Event {
    pub(crate) name: Option<&'static str>,
    pub(crate) id: Option<String>,
    pub(crate) data: String,
}

impl Load {
    pub(crate) const ALL: [Self; 10] = [
        Self::Tiny,
        Self::Delta,
        Self::NamedDelta,
        Self::Kilobyte,
        Self::Large,
        Self::KeepAlive,
        Self::Comment,
        Self::Lines,
        Self::MixedLines,
        Self::Mixed,
    ];

    /// How many of them make a tape: two large reads or so, and well within a cache.
    pub(crate) fn count(self) -> usize {
        let size = match self {
            Self::Tiny => 9,
            Self::Delta | Self::Lines | Self::MixedLines => 200,
            Self::NamedDelta => 230,
            Self::Kilobyte => 1 << 10,
            Self::Large => 40 << 10,
            Self::KeepAlive => 3,
            Self::Comment => 2,
            Self::Mixed => 300,
        };
        (128 << 10) / size
    }

    /// The events; none of those that are only comments.
    pub(crate) fn events(self) -> Vec<Event> {
        let count = if self.comment().is_some() { 0 } else { self.count() };
        (0..count).map(|index| self.event(index)).collect()
    }

    /// The stream that carries the events, with a line end of LF.
    pub(crate) fn tape(self, events: &[Event]) -> Vec<u8> {
        if let Some(comment) = self.comment() {
            return comment.repeat(self.count()).into_bytes();
        }
        let mut tape = String::new();
        for Event { name, id, data } in events {
            let name = name.map(|name| ("event", name));
            let id = id.as_deref().map(|id| ("id", id));
            let lines = data.split('\n').map(|line| ("data", line));
            for (field, value) in name.into_iter().chain(id).chain(lines) {
                writeln!(tape, "{field}: {value}").expect("a string takes all");
            }
            tape.push('\n');
        }
        tape.into_bytes()
    }

    /// What it is made of, if of no event.
    pub(crate) fn comment(self) -> Option<&'static str> {
        match self {
            Self::KeepAlive => Some(":\n\n"),
            Self::Comment => Some(":\n"),
            _ => None,
        }
    }

    fn event(self, index: usize) -> Event {
        let data = match self {
            Self::Tiny => char::from(b'a' + (index % 26) as u8).to_string(),
            Self::Delta | Self::NamedDelta => delta(index),
            Self::Kilobyte => text(sample::ASCII, index, 1 << 10),
            Self::Large => text(sample::ASCII, index, 40 << 10),
            Self::KeepAlive | Self::Comment => String::new(),
            Self::Lines => lines(index, ["\n", "\n", "\n"]),
            Self::MixedLines => lines(index, ["\r\n", "\r", "\n"]),
            Self::Mixed => text(sample::MIXED, index, 300),
        };
        let has_id = matches!(self, Self::Lines | Self::MixedLines);
        let name = match self {
            Self::NamedDelta => Some("content_block_delta"),
            _ => has_id.then_some("update"),
        };
        Event { name, id: has_id.then(|| format!("7.{index}")), data }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tiny => "9B",
            Self::Delta => "delta",
            Self::NamedDelta => "delta-named",
            Self::Kilobyte => "1KiB",
            Self::Large => "40KiB",
            Self::KeepAlive => "keep-alive",
            Self::Comment => "comment",
            Self::Lines => "lines",
            Self::MixedLines => "lines-crlf",
            Self::Mixed => "text-mixed",
        })
    }
}

fn delta(index: usize) -> String {
    let said = text("the tide is in and the boats are up, ", index, 17 + index * 67 % 200);
    format!(
        r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{said}"}}}}"#
    )
}

fn lines(index: usize, ends: [&str; 3]) -> String {
    let mut lines = text(sample::ASCII, index, 40);
    for (line, end) in ends.into_iter().enumerate() {
        lines.push_str(end);
        lines.push_str(&text(sample::ASCII, index + line, 30 + line * 10));
    }
    lines
}
