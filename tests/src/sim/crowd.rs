//! Who is in which topic, counted over all transports, and the simplest account of it: someone is there as
//! long as a connection is, and for the linger after the last. Who connects is `feed`'s business.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewire::core::{Instant, Timers};
use tidewire::hub::{Presence, PresenceChange, PresenceConfig};

use super::document::TOPICS;
use super::ends::Who;
use super::plan::{followed, number};
use super::tally::{Mishap, Tally};

/// Who is there, as the machine has it and as it must be.
#[derive(Debug)]
pub(super) struct Crowd {
    presence: Presence,
    linger: Duration,
    /// Who was told to be there, and who lives.
    members: BTreeMap<(u8, u64), Member>,
    /// Nobody came or went since they were last looked at.
    is_checked: bool,
    /// When the first linger is over that nobody was told of.
    late_at: Option<Instant>,
}

#[derive(Debug)]
struct Member {
    connections: u32,
    /// Once the last connection is gone: when the linger is over.
    until: Instant,
    is_told: bool,
}

impl Crowd {
    pub(super) fn new(linger: Duration) -> Self {
        let mut config = PresenceConfig::default();
        config.linger = linger;
        let (presence, members) = (Presence::new(config), BTreeMap::new());
        Self { presence, linger, members, is_checked: true, late_at: None }
    }

    /// A connection comes.
    pub(super) fn join(&mut self, who: Who, now: Instant, tally: &mut Tally) {
        for topic in followed(who.topics) {
            self.presence.join(topic, who.member).expect("there is room for all");
            let fresh = || Member { connections: 0, until: now, is_told: false };
            let member = self.members.entry((number(topic), who.member)).or_insert_with(fresh);
            if member.is_told && member.connections == 0 {
                tally.count(Mishap::CameBack);
            }
            self.is_checked &= member.connections > 0;
            member.connections += 1;
        }
        self.keep_time(now, tally);
    }

    /// A connection is gone.
    pub(super) fn leave(&mut self, who: Who, now: Instant, tally: &mut Tally) {
        for topic in followed(who.topics) {
            assert!(self.presence.leave(topic, who.member, now), "gone without having come");
            let member = self.members.get_mut(&(number(topic), who.member)).expect("it came");
            member.connections -= 1;
            member.until = now + self.linger;
            self.is_checked &= member.connections > 0;
        }
        self.keep_time(now, tally);
    }

    /// Takes what is told of who came and went, and holds it against what is so.
    pub(super) fn keep_time(&mut self, now: Instant, tally: &mut Tally) {
        while let Some(change) = self.presence.next_change(now) {
            self.is_checked = false;
            match change {
                PresenceChange::Joined { topic, member: who } => {
                    let member = self.members.get_mut(&(number(&topic), who));
                    let member = member.expect("told of one who never came");
                    assert!(!member.is_told, "told twice that {who} is in {topic}");
                    member.is_told = true;
                }
                PresenceChange::Left { topic, member: who } => {
                    let member = self.members.remove(&(number(&topic), who));
                    let member = member.expect("told that one left who was not there");
                    assert_eq!(member.connections, 0, "told that {who} left {topic}, and is there");
                    let earliest = now + Timers::<()>::TICK;
                    assert!(member.until <= earliest, "{who} lingers till {:?}", member.until);
                    tally.count(Mishap::WentAway);
                }
            }
        }
        if !self.is_checked || self.late_at.is_some_and(|at| at < now) {
            self.check(now);
        }
    }

    fn check(&mut self, now: Instant) {
        for ((topic, who), Member { connections, until, is_told }) in &self.members {
            assert!(is_told, "never told that {who} is in {topic}");
            let is_there = *connections > 0 || now <= *until + Timers::<()>::TICK;
            assert!(is_there, "never told that {who} left {topic} at {until:?}, now is {now:?}");
        }
        for (number, name) in (0..).zip(TOPICS) {
            let there = self.members.range((number, 0)..(number + 1, 0)).map(|((_, who), _)| *who);
            assert!(self.presence.members(name).eq(there), "who is in {name}");
        }
        let lingering = self.members.values().filter(|member| member.connections == 0);
        self.late_at = lingering.map(|member| member.until + Timers::<()>::TICK).min();
        self.is_checked = true;
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.presence.deadline()
    }

    /// Fails unless all have gone.
    pub(super) fn is_empty(&self) {
        assert_eq!((self.presence.len(), self.members.len()), (0, 0), "someone is in a topic");
    }
}
