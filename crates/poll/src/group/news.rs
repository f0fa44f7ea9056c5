//! Which groups have news, and in which order they are told. Who is in them is `group`'s business.

use alloc::vec::Vec;
use core::time::Duration;

use tidewire_core::{Instant, Key};
use tidewire_hub::{Batch, Cursor, Hub, Read, SubscriberId, TopicId};

use super::{Group, Groups, State, at};
use crate::holds::Holds;
use crate::{Answer, HoldId};

#[derive(Debug)]
pub(super) struct Lingering {
    group: Key,
    after: Cursor,
    /// How much more news fits into its answer.
    left: Batch,
}

/// A group that has news after the cursor.
#[derive(Debug)]
pub(crate) struct Woken {
    group: Key,
    after: Cursor,
    /// Whether it may be answered now: it has lingered, or has no time to.
    is_ripe: bool,
    told: Option<Told>,
}

/// Which edition of an answer a part of a group got, and from which log: the rest gets the same as
/// long as the log is, and what may be read of it.
#[derive(Debug)]
struct Told {
    edition: u64,
    floor: Cursor,
    head: Cursor,
    /// The topics that the group's rule allowed, if it has one.
    allowed: Option<Vec<TopicId>>,
    /// Whether nothing more will come for it.
    is_closed: bool,
}

impl Groups {
    /// Learns that the hub named a reader; `false` if it is none of a group's.
    pub(crate) fn on_reader<T>(&mut self, reader: SubscriberId, hub: &mut Hub<T>) -> bool {
        let Self { groups, readers, seed, .. } = self;
        let is_this = |&slot: &u32| at(groups, slot).is_some_and(|group| group.reader == reader);
        let found = readers.find(seed.hash_one(reader), is_this);
        let Some(key) = found.and_then(|&slot| groups.key_at(slot)) else { return false };
        match self.groups[key].state {
            State::Waiting => {
                self.wake_if_news(key, hub);
            }
            State::Lingering(timer) => {
                let reader = self.groups[key].reader;
                if let Some(lingering) = self.lingering.get_mut(timer)
                    && !lingering.read_on(reader, hub)
                {
                    self.end_linger(timer);
                }
            }
            State::Woken(_) => {}
        }
        true
    }

    /// Whether there is news for a group.
    pub(crate) fn has_news<T>(&self, group: u32, hub: &Hub<T>) -> bool {
        at(&self.groups, group).is_some_and(|group| match group.state {
            State::Waiting => !hub.is_waiting(group.reader),
            State::Lingering(_) | State::Woken(_) => true,
        })
    }

    /// The group of a poll whose time is up, to be answered now if there is news for it. The poll is the
    /// next in it.
    pub(crate) fn hasten<T>(
        &mut self,
        id: HoldId,
        holds: &mut Holds,
        hub: &Hub<T>,
    ) -> Option<Woken> {
        let &hold = holds.get(id)?;
        let key = self.groups.key_at(hold.group)?;
        match self.groups[key].state {
            State::Waiting => _ = self.wake_if_news(key, hub),
            State::Lingering(timer) => self.end_linger(timer),
            State::Woken(_) => {}
        }
        let group = &mut self.groups[key];
        let State::Woken(turn) = group.state else { return None };
        group.holds.swap(group.served, hold.place as usize);
        for place in [group.served as u32, hold.place] {
            holds.at(group.holds[place as usize]).place = place;
        }
        self.woken.remove(&turn)
    }

    /// The group that has been waiting longest to be answered. Groups that woke begin to linger, and
    /// those that lingered are to be answered.
    pub(crate) fn next_ripe<T>(
        &mut self,
        linger: Duration,
        hub: &mut Hub<T>,
        now: Instant,
    ) -> Option<Woken> {
        loop {
            while let Some(timer) = self.lingering.due(now) {
                self.end_linger(timer);
            }
            let (_, woken) = self.woken.pop_first()?;
            let Woken { group, after, is_ripe, .. } = woken;
            let Group { reader, max: left, .. } = self.groups[group];
            let mut lingering = Lingering { group, after, left };
            if is_ripe || linger.is_zero() || !lingering.read_on(reader, hub) {
                return Some(woken);
            }
            let timer = self.lingering.insert(now + linger, lingering);
            self.groups[group].state = State::Lingering(timer);
        }
    }

    /// Moves at most `max` polls of a woken group out of the park into `served`, and returns what they
    /// are told and which edition that is: `fresh`, unless others were told the same. If polls are
    /// left, the group queues again.
    pub(crate) fn serve<'h, T>(
        &mut self,
        woken: Woken,
        max: usize,
        fresh: u64,
        holds: &mut Holds,
        served: &mut Vec<HoldId>,
        hub: &'h mut Hub<T>,
    ) -> (Answer<'h, T>, u64) {
        let Woken { group: key, after, told, .. } = woken;
        let (floor, head) = (hub.floor(), hub.head());
        let group = &mut self.groups[key];
        group.serve(max, holds, served);
        let allowed = group.allowed(hub);
        let is_closed = hub.all_closed(allowed.as_deref().unwrap_or(&group.topics));
        let told = told.filter(|told| {
            (told.floor, told.head, told.is_closed) == (floor, head, is_closed)
                && told.allowed == allowed
        });
        let edition = told.map_or(fresh, |told| told.edition);
        // Topics that are forgotten with the group have no events, and no names to ask a rule about.
        if group.is_empty()
            && let Some(Group { topics, max, .. }) = self.remove(key, hub)
        {
            let topics = allowed.as_deref().unwrap_or(&topics);
            return (Answer::after(after, hub, topics, max), edition);
        }
        let told = Some(Told { edition, floor, head, allowed: allowed.clone(), is_closed });
        self.queue(Woken { group: key, after, is_ripe: true, told });
        let Group { topics, max, .. } = &self.groups[key];
        (Answer::after(after, hub, allowed.as_deref().unwrap_or(topics), *max), edition)
    }

    /// Where the polls of a group stand.
    pub(crate) fn position<T>(&self, group: u32, hub: &Hub<T>) -> Cursor {
        let Some(group) = at(&self.groups, group) else { return hub.head() };
        let after = match group.state {
            State::Waiting => hub.position(group.reader),
            State::Lingering(timer) => self.lingering.get(timer).map(|lingering| lingering.after),
            State::Woken(turn) => self.woken.get(&turn).map(|woken| woken.after),
        };
        after.unwrap_or_else(|| hub.head())
    }

    pub(crate) fn any_woken(&self) -> bool {
        !self.woken.is_empty()
    }

    /// When the first group has lingered.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.lingering.deadline()
    }

    /// Lets a group that waits be answered if the hub has news for it.
    pub(super) fn wake_if_news<T>(&mut self, key: Key, hub: &Hub<T>) -> bool {
        let group = &self.groups[key];
        if hub.is_waiting(group.reader) {
            return false;
        }
        let after = hub.position(group.reader).unwrap_or_else(|| hub.head());
        let hash = group.hash(self.seed);
        self.unlist(key, hash);
        self.queue(Woken { group: key, after, is_ripe: false, told: None });
        true
    }

    fn end_linger(&mut self, timer: Key) {
        if let Some(Lingering { group, after, .. }) = self.lingering.cancel(timer) {
            self.queue(Woken { group, after, is_ripe: true, told: None });
        }
    }

    fn queue(&mut self, woken: Woken) {
        self.groups[woken.group].state = State::Woken(self.next_turn);
        self.woken.insert(self.next_turn, woken);
        self.next_turn += 1;
    }
}

impl Lingering {
    /// Counts the news that the group's reader has not read, and lets it wait for more; `false` if no
    /// more fits, or there is a reset or an end.
    fn read_on<T>(&mut self, reader: SubscriberId, hub: &mut Hub<T>) -> bool {
        while self.left.events > 0 && self.left.bytes > 0 {
            match hub.read(reader, self.left) {
                Read::Entries { entries, .. } => {
                    for record in entries {
                        self.left.events -= 1;
                        self.left.bytes = self.left.bytes.saturating_sub(record.bytes);
                    }
                }
                Read::Waiting => return true,
                Read::Reset(_) | Read::Ended(_) => return false,
            }
        }
        false
    }
}

impl Group {
    /// Moves the polls that are listed first, at most `max`, out of the park into `served`.
    fn serve(&mut self, max: usize, holds: &mut Holds, served: &mut Vec<HoldId>) {
        let left = &self.holds[self.served..];
        let next = &left[..max.min(left.len())];
        served.extend(next.iter().filter_map(|&slot| holds.id_at(slot)));
        self.served += next.len();
        for &id in &*served {
            holds.remove(id);
        }
    }

    /// Those of its topics that its rule still allows; `None` if it has no rule.
    fn allowed<T>(&self, hub: &Hub<T>) -> Option<Vec<TopicId>> {
        let access = self.access.as_ref()?;
        let is_allowed =
            |&topic: &TopicId| hub.topic_name(topic).is_some_and(|name| access.allows(name));
        Some(self.topics.iter().copied().filter(is_allowed).collect())
    }
}

#[cfg(test)]
mod tests {
    use tidewire_hub::{Config, Start};

    use super::*;

    const NOW: Instant = Instant::ORIGIN;

    /// What was counted is read, and what is read is not read again.
    #[test]
    fn b31_an_event_in_the_window_is_counted_once() {
        let (mut hub, mut groups) = (Hub::new(Config::default(), 1), Groups::default());
        hub.subscribe(&["a"], Start::Now, NOW).unwrap();
        groups.caught_up(&["a"], Start::Now, &hub).unwrap();
        let max = Batch { events: 99, bytes: 1_000 };
        let (group, _) = groups.join(&["a"], None, max, &mut hub, NOW).unwrap();
        let key = groups.groups.key_at(group).unwrap();
        let reader = groups.groups[key].reader;
        for events in 1..=99 {
            hub.publish("a", (), 10, None, NOW).unwrap();
            assert_eq!(hub.next_ready(), Some(reader));
            assert!(groups.on_reader(reader, &mut hub));
            let ripe = groups.next_ripe(Duration::from_secs(1), &mut hub, NOW);
            assert_eq!((ripe.is_some(), hub.position(reader)), (events == 99, Some(hub.head())));
            if let State::Lingering(timer) = groups.groups[key].state {
                let left = Batch { events: 99 - events, bytes: 1_000 - 10 * events };
                assert_eq!(groups.lingering.get(timer).unwrap().left, left);
            }
        }
    }
}
