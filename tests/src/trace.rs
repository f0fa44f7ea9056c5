//! What happened, as lines. What counts as an event is the handler's choice.

use std::fmt;

/// The events of one end, one line each.
///
/// How a streamed body is divided depends on how it arrived. So pieces of one stream that follow
/// each other join into one line, and traces compare whatever the cutting was.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Trace {
    lines: Vec<Line>,
    silent: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum Line {
    Event(String),
    Pieces { of: &'static str, bytes: Vec<u8> },
}

impl Trace {
    /// An empty trace.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A trace that forgets all it is told, for runs in which memory is counted.
    #[must_use]
    pub fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    /// Notes an event.
    pub fn event(&mut self, event: impl fmt::Debug) {
        if !self.silent {
            self.lines.push(Line::Event(format!("{event:?}")));
        }
    }

    /// Notes a piece of a stream, joined to the piece before it.
    pub fn piece(&mut self, of: &'static str, piece: &[u8]) {
        if self.silent {
            return;
        }
        match self.lines.last_mut() {
            Some(Line::Pieces { of: last, bytes }) if *last == of => bytes.extend_from_slice(piece),
            _ => self.lines.push(Line::Pieces { of, bytes: piece.to_vec() }),
        }
    }

    /// The lines: an event as its `Debug` form, joined pieces as their name and escaped bytes.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let text = |line: &Line| match line {
            Line::Event(event) => event.clone(),
            Line::Pieces { of, bytes } => format!("{of} {}", bytes.escape_ascii()),
        };
        self.lines.iter().map(text).collect()
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lines()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_until_something_else_happens() {
        let mut trace = Trace::new();
        trace.piece("body", b"a");
        trace.piece("body", b"b\n");
        trace.event("end");
        trace.piece("body", b"c");
        assert_eq!(trace.lines(), [r"body ab\n", r#""end""#, "body c"]);
    }

    #[test]
    fn a_silent_trace_stays_empty() {
        let mut trace = Trace::silent();
        trace.event("event");
        trace.piece("body", b"a");
        assert!(trace.lines().is_empty());
    }
}
