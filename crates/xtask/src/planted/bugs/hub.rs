//! Bugs in the log. How they are planted is told elsewhere.

use super::{Bug, bug};

pub(super) const BUGS: &[Bug] = &[
    bug(
        "a topic that is closed wakes nobody",
        "crates/hub/src/hub.rs",
        "            self.wake_ended(topic);\n",
        "            let _ = topic;\n",
    ),
    bug(
        "a topic ends before its last events are read",
        "crates/hub/src/hub/reading.rs",
        "            Err(reset) => return self.fall_behind(id, reset),\n        };\n",
        "            Err(reset) => return self.fall_behind(id, reset),\n        };\n        if self.log.topics.all_closed(&self.readers[id.0].topics) {\n            return self.end(id, End::Closed);\n        }\n",
    ),
    bug(
        "who waits is not told that its topics are revoked",
        "crates/hub/src/hub/reading.rs",
        "if !self.readers[id.0].topics.iter().all(|&topic| self.allows(id, topic)) {",
        "if self.readers[id.0].topics.is_empty() {",
    ),
    bug(
        "who waits for credit is not told that its topics are revoked",
        "crates/hub/src/hub/reading.rs",
        "                State::Spent { position } => position,\n                State::Reading { .. } | State::Ready { .. } => continue,",
        "                State::Spent { .. } | State::Reading { .. } | State::Ready { .. } => continue,",
    ),
    bug(
        "the backlog of a topic that is revoked is read",
        "crates/hub/src/hub/reading.rs",
        "if reader.access.is_some() && !self.keep_allowed(id) {",
        "if reader.access.is_some() && self.readers[id.0].topics.is_empty() {",
    ),
    bug(
        "who unsubscribes while it waits keeps its seats",
        "crates/hub/src/hub/reading.rs",
        "        if self.is_waiting(id) {\n            self.stand_up(id, None);\n        }\n        let Some(reader)",
        "        let Some(reader)",
    ),
    bug(
        "who is back within the linger goes all the same",
        "crates/hub/src/presence.rs",
        "                self.lingering.cancel(timer);\n                *state",
        "                let _ = timer;\n                *state",
    ),
    bug(
        "a member goes with the first of its connections",
        "crates/hub/src/presence.rs",
        "        *state = match connections {\n            1 => {",
        "        *state = match connections {\n            1.. => {",
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
        "match publish.as_ref().and_then(|publish| self.keys.find(publish)) {",
        "match publish.as_ref().and_then(|publish| self.keys.find(publish)).filter(|_| false) {",
    ),
    bug(
        "the same key in another topic counts as a retry",
        "crates/hub/src/keys.rs",
        "self.offsets.get(publish).copied()",
        "self.offsets.iter().find(|((of, with), _)| *of <= publish.0 && *with == publish.1).map(|(_, &at)| at)",
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
        "self.at_or_above(self.floor - 1, cursor)",
        "self.at_or_above(self.floor, cursor)",
    ),
    bug(
        "who fell one event behind is not reset",
        "crates/hub/src/log.rs",
        "self.at_or_above(self.floor - 1, cursor)",
        "self.at_or_above(self.floor.saturating_sub(2), cursor)",
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
        "Span { entries, bytes, next: last, more: false }",
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
];
