//! All held polls: by name, by client, by the end of their wait. Who shares an answer is `group`'s
//! business.

use alloc::collections::VecDeque;

use hashbrown::HashTable;
use tidewire_core::{Instant, Timers};
use tidewire_hub::Cursor;

use crate::hold::{Hold, State};
use crate::seed::Seed;
use crate::{Client, HoldId};

#[derive(Debug, Default)]
pub(crate) struct Holds {
    timers: Timers<Hold>,
    /// The slots of polls that have a client, by the client.
    clients: HashTable<u32>,
    peers: HashTable<Peer>,
    seed: Seed,
    /// Who is to be told that another poll took its place, and where it stood. Some may be gone.
    superseded: VecDeque<(HoldId, Cursor)>,
    /// How many of them are not gone.
    superseded_len: usize,
}

/// How many polls are held for a peer. There may be as many as polls, so it is packed.
#[derive(Debug)]
#[repr(Rust, packed(2))]
struct Peer {
    id: u64,
    holds: u16,
}

impl Holds {
    /// Takes another seed, as long as there is nothing to be found by it.
    pub(crate) fn seed(&mut self, seed: Seed) {
        debug_assert!(self.timers.is_empty());
        self.seed = seed;
    }

    /// Holds a poll of the group, at that place in it. A client has one poll at most: an earlier one must
    /// have been superseded.
    pub(crate) fn insert(
        &mut self,
        (group, place): (u32, u32),
        client: Option<Client>,
        peer: Option<u64>,
        until: Instant,
    ) -> HoldId {
        let Self { timers, clients, peers, seed, .. } = self;
        let id = HoldId(timers.insert(until, Hold::new(group, place, client, peer)));
        if let Some(client) = client {
            let hash = |&slot: &u32| client_at(timers, slot).map_or(0, |id| seed.hash_one(id));
            clients.insert_unique(seed.hash_one(client.id), id.0.slot(), hash);
        }
        if let Some(peer) = peer {
            let hash = |peer: &Peer| seed.hash_one(peer.id);
            let entry = peers.entry(seed.hash_one(peer), |other| other.id == peer, hash);
            entry.or_insert(Peer { id: peer, holds: 0 }).get_mut().holds += 1;
        }
        id
    }

    pub(crate) fn get(&self, id: HoldId) -> Option<&Hold> {
        self.timers.get(id.0)
    }

    /// The poll in a slot that a list names.
    pub(crate) fn at(&mut self, slot: u32) -> &mut Hold {
        let key = self.timers.key_at(slot);
        key.and_then(|key| self.timers.get_mut(key)).expect("a list names only polls that are held")
    }

    pub(crate) fn id_at(&self, slot: u32) -> Option<HoldId> {
        self.timers.key_at(slot).map(HoldId)
    }

    /// The poll that is held for a client.
    pub(crate) fn of_client(&self, client: u64) -> Option<HoldId> {
        let Self { timers, clients, seed, .. } = self;
        let is_same = |&slot: &u32| client_at(timers, slot) == Some(client);
        clients.find(seed.hash_one(client), is_same).and_then(|&slot| self.id_at(slot))
    }

    /// Whether so many polls are held for a peer, or as many as can be counted.
    pub(crate) fn has_held(&self, peer: u64, limit: usize) -> bool {
        let found = self.peers.find(self.seed.hash_one(peer), |other| other.id == peer);
        found.map_or(0, |peer| usize::from(peer.holds)) >= limit.min(u16::MAX.into())
    }

    /// Takes a poll that left its group from its client and peer, and lets it be told so. It keeps its
    /// timer, which the telling comes before.
    pub(crate) fn supersede(&mut self, id: HoldId, next: Cursor) {
        let Some(hold) = self.get(id) else { return };
        let (client, peer) = (hold.client(), hold.peer());
        self.forget_names(id, client, peer);
        self.at(id.0.slot()).supersede();
        self.superseded.push_back((id, next));
        self.superseded_len += 1;
    }

    /// Takes out who was superseded first, with where it stood.
    pub(crate) fn next_superseded(&mut self) -> Option<(HoldId, Cursor)> {
        while self.superseded_len > 0 {
            let (id, next) = self.superseded.pop_front()?;
            if self.remove(id) {
                return Some((id, next));
            }
        }
        None
    }

    /// Forgets a poll that is in no group any more; `false` if it is held no more.
    pub(crate) fn remove(&mut self, id: HoldId) -> bool {
        // What is taken out would be written to the stack and read again at once.
        let Some(hold) = self.timers.get(id.0) else { return false };
        let (state, client, peer) = (hold.state, hold.client(), hold.peer());
        self.timers.cancel(id.0);
        match state {
            State::Waiting => self.forget_names(id, client, peer),
            State::Superseded => {
                self.superseded_len -= 1;
                if self.superseded_len == 0 {
                    self.superseded.clear();
                }
            }
        }
        true
    }

    /// The poll whose wait ends first.
    pub(crate) fn earliest(&self) -> Option<HoldId> {
        self.timers.earliest().map(HoldId)
    }

    /// The poll whose wait ended first.
    pub(crate) fn due(&self, now: Instant) -> Option<HoldId> {
        self.timers.due(now).map(HoldId)
    }

    /// When the first wait ends.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.timers.deadline()
    }

    pub(crate) fn len(&self) -> usize {
        self.timers.len()
    }

    pub(crate) fn superseded(&self) -> usize {
        self.superseded_len
    }

    /// The number of polls that were not superseded.
    pub(crate) fn waiting(&self) -> usize {
        self.len() - self.superseded_len
    }

    pub(crate) fn clients(&self) -> usize {
        self.clients.len()
    }

    pub(crate) fn peers(&self) -> usize {
        self.peers.len()
    }

    fn forget_names(&mut self, id: HoldId, client: Option<Client>, peer: Option<u64>) {
        if let Some(Client { id: client, .. }) = client {
            let is_this = |&slot: &u32| slot == id.0.slot();
            if let Ok(entry) = self.clients.find_entry(self.seed.hash_one(client), is_this) {
                entry.remove();
            }
        }
        let Some(peer) = peer else { return };
        let is_same = |other: &Peer| other.id == peer;
        if let Ok(mut entry) = self.peers.find_entry(self.seed.hash_one(peer), is_same) {
            entry.get_mut().holds -= 1;
            if entry.get().holds == 0 {
                entry.remove();
            }
        }
    }
}

/// Whose poll is in a slot.
fn client_at(timers: &Timers<Hold>, slot: u32) -> Option<u64> {
    let hold = timers.key_at(slot).and_then(|key| timers.get(key))?;
    hold.client().map(|client| client.id)
}
