//! Bugs that the simulation must find: each is one piece of text, which stands once in its file, and what
//! it is replaced by. How they are planted is told elsewhere.

/// A bug that is planted in a copy of the sources.
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    /// Below the top of the repository.
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    pub(crate) replacement: &'static str,
}

const fn bug(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    replacement: &'static str,
) -> Bug {
    Bug { name, file, text, replacement }
}

/// From the top of the house to its bottom: each bug that is planted or taken out again has all above it
/// built anew.
pub(crate) const BUGS: &[Bug] = &[
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
        "if !http.is_idle() {\n                    self.leave(outbox);\n                    continue;\n                }",
        "",
    ),
    bug(
        "a poller does not ask again after an answer it refused",
        "crates/poll/src/poller.rs",
        "State::Asked { .. } | State::Taking { .. } => self.back_off(None, now),\n            State::Idle { .. }",
        "State::Asked { .. } => self.back_off(None, now),\n            State::Taking { .. } | State::Idle { .. }",
    ),
    bug(
        "a poller stays in the epoch before a fork",
        "crates/poll/src/poller.rs",
        "next.offset > last.offset || (next.offset == last.offset && next != last)",
        "next.epoch == last.epoch && next.offset > last.offset",
    ),
    bug(
        "a superseded poll is never answered",
        "crates/poll/src/holds.rs",
        "self.superseded.push_back((id, next));",
        "let _ = next;",
    ),
    bug(
        "a cancelled poll leaves its client's name behind",
        "crates/poll/src/holds.rs",
        "State::Waiting => self.forget_names(id, client, peer),",
        "State::Waiting => {}",
    ),
    bug(
        "a poll is held a second too long",
        "crates/poll/src/park.rs",
        "let until = now + (wait - entropy.up_to(jitter));",
        "let until = now + (wait - entropy.up_to(jitter)) + Duration::from_secs(1);",
    ),
    bug(
        "an older poll lets a newer one go",
        "crates/poll/src/park.rs",
        "hold.client().is_some_and(|held| held.seq > client.seq)",
        "hold.client().is_some_and(|held| held.seq < client.seq)",
    ),
    bug(
        "a drain forgets the last poll",
        "crates/poll/src/park/answers.rs",
        "let id = if is_due { self.holds.earliest() }",
        "let id = if is_due && self.holds.waiting() > 1 { self.holds.earliest() }",
    ),
    bug(
        "who joins a group is told the news that it knows",
        "crates/poll/src/group.rs",
        "if !self.wake_if_news(group, false, hub) {",
        "if hub.topics() > 0 {",
    ),
    bug(
        "a poll that moved in its group is not found there",
        "crates/poll/src/group.rs",
        "holds.at(last).place = hold.place;",
        "let _ = (last, &holds);",
    ),
    bug(
        "the rest of a group that is served in parts is forgotten",
        "crates/poll/src/group/news.rs",
        "self.queue(Woken { group: key, after, is_ripe: true, told });",
        "let _ = told;",
    ),
    bug(
        "news that come while a group lingers start its answer behind them",
        "crates/poll/src/group/news.rs",
        "if let Some(Lingering { group, after }) = self.lingering.cancel(timer) {",
        "if let Some(Lingering { group, after }) = self.lingering.cancel(timer) {\n            let after = Cursor { offset: after.offset + 1, ..after };",
    ),
    bug(
        "a hub wakes the first who waits alone",
        "crates/hub/src/hub/reading.rs",
        "in mem::take(&mut self.log.topics[topic].waiting) {",
        "in mem::take(&mut self.log.topics[topic].waiting).into_iter().take(1) {",
    ),
    bug(
        "a reader of several topics keeps a seat in one that woke it",
        "crates/hub/src/hub/reading.rs",
        "self.readers[reader.0].seats[which as usize] = seat;",
        "let _ = (reader, which);",
    ),
    bug(
        "a batch is read twice",
        "crates/hub/src/hub/reading.rs",
        "*state = State::Reading { position: next };",
        "*state = State::Reading { position };",
    ),
    bug(
        "a reader that fell behind is not told",
        "crates/hub/src/hub/reading.rs",
        "reader.state = State::Reading { position };\n        Read::Reset(reset)",
        "reader.state = State::Reading { position };\n        self.read(id, Batch::default())",
    ),
    bug(
        "credit is never restored",
        "crates/hub/src/hub/reading.rs",
        "*credit = credit.map(|credit| credit.saturating_add(bytes));",
        "let _ = bytes;",
    ),
    bug(
        "a reader whose credit is restored is not named",
        "crates/hub/src/hub/reading.rs",
        "if at_head {\n                self.sit_down(id);\n            } else {\n                self.make_ready(id, position);\n            }",
        "if at_head {\n                self.sit_down(id);\n            }",
    ),
    bug("a fork wakes nobody", "crates/hub/src/hub.rs", "self.wake_all(head);", ""),
    bug(
        "a publisher's retry is published again",
        "crates/hub/src/hub.rs",
        "match key.and_then(|key| self.keys.find(topic, key)) {",
        "match key.and_then(|key| self.keys.find(topic, key)).filter(|_| false) {",
    ),
    bug(
        "the same key in another topic counts as a retry",
        "crates/hub/src/keys.rs",
        "self.offsets.get(&(topic, key.into())).copied()",
        "self.offsets.iter().find(|((of, with), _)| *of <= topic && **with == *key).map(|(_, &at)| at)",
    ),
    bug(
        "the key of an event that a fork lost is kept",
        "crates/hub/src/keys.rs",
        ".is_some_and(|&offset| offset <= at);",
        ".is_some_and(|&offset| offset <= at + 1);",
    ),
    bug(
        "who stands right below the floor is reset",
        "crates/hub/src/log.rs",
        "if offset < self.floor - 1 => ResetReason::Expired",
        "if offset < self.floor => ResetReason::Expired",
    ),
    bug(
        "who fell one event behind is not reset",
        "crates/hub/src/log.rs",
        "if offset < self.floor - 1 => ResetReason::Expired",
        "if offset + 1 < self.floor - 1 => ResetReason::Expired",
    ),
    bug(
        "a cursor ahead of the log is let wait",
        "crates/hub/src/log.rs",
        "if offset > self.head() => ResetReason::Ahead",
        "if offset > self.head() + 1000 => ResetReason::Ahead",
    ),
    bug(
        "a batch drops the entry that did not fit",
        "crates/hub/src/log.rs",
        "return Span { entries, bytes, next, more: true };",
        "return Span { entries, bytes, next: record.offset, more: true };",
    ),
    bug(
        "events of other topics move nobody along",
        "crates/hub/src/log.rs",
        "Span { entries, bytes, next: self.head(), more: false }",
        "Span { entries, bytes, next, more: false }",
    ),
    bug(
        "the log keeps one event too few",
        "crates/hub/src/log.rs",
        "self.records.len() <= config.max_events.max(1) - events",
        "self.records.len() < config.max_events.max(1) - events",
    ),
    bug(
        "the epoch of a cursor does not matter",
        "crates/hub/src/lineage.rs",
        "holds.then_some(cursor.offset)",
        "Some(cursor.offset).filter(|_| holds || true)",
    ),
    bug(
        "a fork does not cut what earlier epochs share",
        "crates/hub/src/lineage.rs",
        "ancestor.offset = ancestor.offset.min(at);",
        "ancestor.offset = ancestor.offset.max(0);",
    ),
    bug(
        "a browser does not say where it was",
        "crates/sse/src/source.rs",
        "fields.into_iter().chain(fits.then_some((\"Last-Event-ID\", id.as_bytes())))",
        "fields.into_iter().chain(fits.then_some((\"Last-Event-ID\", id.as_bytes())).filter(|_| false))",
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
