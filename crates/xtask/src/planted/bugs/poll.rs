//! Bugs in polling. How they are planted is told elsewhere.

use super::{Bug, bug};

pub(super) const BUGS: &[Bug] = &[
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
        "an absurd word to stay away is obeyed",
        "crates/poll/src/poller.rs",
        "        let told = told.unwrap_or_default().min(self.config.max_retry_after);",
        "        let told = told.unwrap_or_default();",
    ),
    bug(
        "the page of a captive portal is taken for an answer",
        "crates/poll/src/verdict.rs",
        "200 | 410 if !head.content_type.is_some_and(|value| is(media_type, value)) => {",
        "200 | 410 if !head.content_type.is_some_and(|value| is(media_type, value) || true) => {",
    ),
    bug(
        "a poller that is looked at again keeps its hidden period",
        "crates/poll/src/poller.rs",
        "        self.is_hidden = false;\n",
        "",
    ),
    bug(
        "a pause makes a poller forget that it was sent away",
        "crates/poll/src/poller.rs",
        "State::Idle { earliest, .. } | State::Paused { earliest } => State::Paused { earliest },",
        "State::Idle { .. } | State::Paused { .. } => State::Paused { earliest: Instant::ORIGIN },",
    ),
    bug(
        "polls may follow each other without a pause",
        "crates/poll/src/poller.rs",
        "        self.bucket.spend(now);\n",
        "",
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
        "one poll too many is held",
        "crates/poll/src/park.rs",
        "self.holds.waiting() < self.config.shed_above.min(self.config.max_holds) {",
        "self.holds.waiting() <= self.config.shed_above.min(self.config.max_holds) {",
    ),
    bug(
        "one poll too many is held for a peer",
        "crates/poll/src/holds.rs",
        "found.map_or(0, |peer| usize::from(peer.holds)) >= limit",
        "found.map_or(0, |peer| usize::from(peer.holds)) > limit",
    ),
    bug(
        "a rule is asked about topics that are forgotten",
        "crates/poll/src/group/news.rs",
        "|&topic: &TopicId| hub.topic_name(topic).is_some_and(|name| access.allows(name));",
        "|&topic: &TopicId| hub.topic_name(topic).is_some_and(|name| access.allows(name) && !(self.is_empty() && hub.slice_of(&[topic], tidewire_hub::Start::Oldest, self.max).is_ok_and(|it| it.entries.len() == 0)));",
    ),
    bug(
        "who joins a group is told the news that it knows",
        "crates/poll/src/group.rs",
        "if !self.wake_if_news(group, hub) {",
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
        "if let Some(Lingering { group, after, .. }) = self.lingering.cancel(timer) {",
        "if let Some(Lingering { group, after, .. }) = self.lingering.cancel(timer) {\n            let after = Cursor { offset: after.offset + 1, ..after };",
    ),
    bug(
        "a held poll that has just not fallen behind is reset",
        "crates/poll/src/answer.rs",
        "let slice = hub.slice_of(topics, Start::After(after), max);",
        "let below = Cursor { offset: after.offset.saturating_sub(1), ..after };\n        let slice = hub.slice_of(topics, Start::After(below), max).and(hub.slice_of(topics, Start::After(after), max));",
    ),
];
