//! Bugs in the composition. How they are planted is told elsewhere.

use super::{Bug, bug};

pub(super) const BUGS: &[Bug] = &[
    bug(
        "a switch forgets the position",
        "crates/tidewire/src/client.rs",
        "Link::new(&self.config, transport, self.position, entropy, now)",
        "Link::new(&self.config, transport, Start::Now, entropy, now)",
    ),
    bug(
        "a resumed stream trusts the head more than its own cursor",
        "crates/tidewire/src/client.rs",
        "(Start::Now | Start::Oldest | Start::Last(_), Some(cursor)) => {",
        "(_, Some(cursor)) => {",
    ),
    bug(
        "a WebSocket asks from where it first began",
        "crates/tidewire/src/client.rs",
        "self.position = Start::After(cursor);",
        "let _ = cursor;",
    ),
    bug(
        "an event stream's position does not follow its ids",
        "crates/tidewire/src/client/stream.rs",
        "*position = Start::After(cursor);",
        "let _: (&mut Start, tidewire_hub::Cursor) = (position, cursor);",
    ),
    bug(
        "signs of life stay inside the composition",
        "crates/tidewire/src/server.rs",
        "if outbox.is_empty() || body.is_ended() {",
        "if body.is_ended() {",
    ),
    bug(
        "a poll after a time-out reads the answer to the one before",
        "crates/tidewire/src/client/polls.rs",
        "if !http.is_idle() {\n                        self.leave(outbox);\n                    }",
        "",
    ),
    bug(
        "a held poll is not told that its client has gone on",
        "crates/tidewire/src/server.rs",
        "if *watches_ahead && http.awaits_response() && !inbox.is_empty() {",
        "if *watches_ahead && http.awaits_response() && inbox.len() > 4096 {",
    ),
];
