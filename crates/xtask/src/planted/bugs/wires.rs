//! Bugs in what goes over a wire, and what all rest on. How they are planted is told elsewhere.

use super::{Bug, bug};

pub(super) const BUGS: &[Bug] = &[
    bug(
        "an event stream lives on after its time",
        "crates/sse/src/stream.rs",
        "        if expires.is_some_and(|at| at <= now) {",
        "        if expires.is_some_and(|at| at + core::time::Duration::from_secs(1) <= now) {",
    ),
    bug(
        "an event stream ends too early",
        "crates/sse/src/stream.rs",
        "now + (max - jitter.up_to(max / 5))",
        "now + (max - jitter.up_to(max / 2))",
    ),
    bug(
        "an event stream whose time is over does not end its body",
        "crates/sse/src/stream.rs",
        "            end(self.config.retry, outbox);\n            self.state = State::Ended;",
        "            self.state = State::Ended;",
    ),
    bug(
        "a browser does not say where it was",
        "crates/sse/src/source.rs",
        "fields.into_iter().chain(self.sendable_id().map(|id| (\"Last-Event-ID\", id.as_bytes())))",
        "fields.into_iter().chain(self.sendable_id().map(|id| (\"Last-Event-ID\", id.as_bytes())).filter(|_| false))",
    ),
    bug(
        "bytes on an event stream are no sign of life",
        "crates/sse/src/source.rs",
        "*heard = self.latest;",
        "let _ = heard;",
    ),
    bug(
        "an event's id counts before its blank line",
        "crates/sse/src/block/ids.rs",
        "self.has_next = self.next.set(id);",
        "self.last.set(id);\n        self.shared = None;",
    ),
    bug(
        "an id that arrived in pieces is forgotten",
        "crates/sse/src/block/ids.rs",
        "mem::swap(&mut self.last, &mut self.next);",
        "",
    ),
    bug(
        "no sign of life is sent",
        "crates/sse/src/stream.rs",
        "outbox.push_shared(self.config.keep_alive.clone());",
        "outbox.push_shared(bytes::Bytes::new());",
    ),
    bug(
        "a WebSocket that hears bytes pings on",
        "crates/ws/src/keepalive.rs",
        "self.ping = Ping::Silent { has_heard: true };",
        "",
    ),
    bug(
        "a frame that comes in pieces is unmasked from the key's beginning",
        "crates/ws/src/receive.rs",
        "let key = mask::rotate(frame.head.key, frame.ready);",
        "let key = frame.head.key;",
    ),
    bug(
        "a chunk that comes in pieces ends with the first",
        "crates/http/src/body.rs",
        "if *left == 0 {\n                        self.state = State::ChunkCr;\n                    }",
        "self.state = State::ChunkCr;",
    ),
    bug(
        "a head cut within its line end is never whole",
        "crates/http/src/scan.rs",
        "self.searched = at;\n                    return Ok(None);",
        "self.searched = end - 1;\n                    return Ok(None);",
    ),
    bug(
        "a name that outlived its value names the next one",
        "crates/core/src/slab.rs",
        "Slot::Taken { serial, value } if *serial == key.serial => Some(value),\n            Slot::Taken { .. } | Slot::Vacant => None,\n        }\n    }\n\n    /// The value behind `key`, if it is still there, to change.",
        "Slot::Taken { value, .. } => Some(value),\n            Slot::Vacant => None,\n        }\n    }\n\n    /// The value behind `key`, if it is still there, to change.",
    ),
    bug(
        "a timer of the first of a tick takes the whole tick along",
        "crates/core/src/timers.rs",
        "self.links[last as usize].next = next;\n                }",
        "let _ = (last, next);\n                }",
    ),
    bug(
        "timers ring a second late",
        "crates/core/src/timers.rs",
        "Some(Instant::from_origin(Duration::from_millis(tick * TICK_MILLIS)))",
        "Some(Instant::from_origin(Duration::from_millis(tick * TICK_MILLIS + 1000)))",
    ),
];
