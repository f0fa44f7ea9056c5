//! Many timers behind one deadline. What happens when one expires is its owner's business.

use alloc::vec::Vec;
use core::time::Duration;

use crate::{Instant, Key, Slab};

/// A wheel of timers: each waits for an instant and carries an item.
///
/// Time is cut into ticks of [`TICK`](Self::TICK). A timer expires when the tick begins that its
/// instant lies in: at most one tick early, never late. Timers of one tick expire in the order of
/// their insertion.
///
/// The wheel is a tree that branches 64 ways by the digits of the tick, with a bitmap of the
/// occupied branches in each node. A timer stands in the list of its own tick from the start, so
/// none is ever moved from wheel to wheel, and inserting, cancelling and expiring take the same
/// seven steps whatever the number of timers. The wheel has no hand: time may leap or run
/// backwards. A new wheel owns no heap; a node takes 264 bytes and serves 64 neighbouring ticks.
///
/// ```
/// use core::time::Duration;
/// use tidewire_core::{Instant, Timers};
///
/// let at = |seconds| Instant::from_origin(Duration::from_secs(seconds));
/// let mut timers = Timers::new();
/// let tea = timers.insert(at(180), "tea");
/// timers.insert(at(60), "toast");
/// assert_eq!(timers.deadline(), Some(at(60)));
/// assert_eq!(timers.next_expired(at(59)), None);
/// assert_eq!(timers.next_expired(at(60)), Some("toast"));
/// assert_eq!(timers.cancel(tea), Some("tea"));
/// assert_eq!(timers.deadline(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Timers<T> {
    timers: Slab<Timer<T>>,
    /// The tree, root first. A new wheel has no root.
    nodes: Vec<Node>,
    /// Nodes to use again.
    spare: Vec<u32>,
}

/// A timer in the circular list of its tick.
#[derive(Clone, Debug)]
struct Timer<T> {
    tick: u64,
    previous: Key,
    next: Key,
    item: T,
}

/// Branches by one digit of the tick: to a node, or at the last digit to a list's first timer.
#[derive(Clone, Debug)]
struct Node {
    occupied: u64,
    branches: [u32; 64],
}

impl<T> Timers<T> {
    /// The unit in which timers are kept: 4 ms, far below what a peer can tell from the network.
    pub const TICK: Duration = Duration::from_millis(4);

    /// An empty wheel, which owns no heap.
    #[must_use]
    pub const fn new() -> Self {
        Self { timers: Slab::new(), nodes: Vec::new(), spare: Vec::new() }
    }

    /// Starts a timer that expires at `at`, which may have passed already.
    pub fn insert(&mut self, at: Instant, item: T) -> Key {
        let tick = tick(at);
        let alone = self.timers.next_key();
        let key = self.timers.insert(Timer { tick, previous: alone, next: alone, item });
        let leaf = self.grow_path(tick);
        let first = self.nodes[leaf].branch(digit(tick, 0));
        match first.and_then(|slot| self.timers.key_at(slot)) {
            None => self.nodes[leaf].set(digit(tick, 0), key.slot()),
            Some(first) => {
                let last = self.timers[first].previous;
                self.timers[key].previous = last;
                self.timers[key].next = first;
                self.timers[last].next = key;
                self.timers[first].previous = key;
            }
        }
        key
    }

    /// Stops the timer and returns its item; `None` if it has expired or was cancelled before.
    pub fn cancel(&mut self, key: Key) -> Option<T> {
        let Timer { tick, previous, next, item } = self.timers.remove(key)?;
        if next == key {
            self.prune_path(tick);
            return Some(item);
        }
        self.timers[previous].next = next;
        self.timers[next].previous = previous;
        let leaf = self.path(tick)[0];
        if self.nodes[leaf].branch(digit(tick, 0)) == Some(key.slot()) {
            self.nodes[leaf].set(digit(tick, 0), next.slot());
        }
        Some(item)
    }

    /// Returns the item of the earliest timer that has expired; `None` once none is left.
    ///
    /// After `None`, [`deadline`](Self::deadline) is later than `now`.
    pub fn next_expired(&mut self, now: Instant) -> Option<T> {
        let (due, slot) = self.first()?;
        if due > tick(now) {
            return None;
        }
        self.timers.key_at(slot).and_then(|key| self.cancel(key))
    }

    /// When the earliest timer expires; `None` if there is no timer.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let (tick, _) = self.first()?;
        Some(Instant::from_origin(Duration::from_millis(tick * TICK_MILLIS)))
    }

    /// The number of timers.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.timers.len()
    }

    /// Whether there is no timer.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.timers.is_empty()
    }

    /// The earliest tick that has timers, and the slot of the first of them.
    fn first(&self) -> Option<(u64, u32)> {
        if self.is_empty() {
            return None;
        }
        let (mut tick, mut branch) = (0, ROOT);
        for _ in 0..DIGITS {
            let node = &self.nodes[branch as usize];
            let digit = node.occupied.trailing_zeros() as usize;
            tick = tick << DIGIT_BITS | digit as u64;
            branch = node.branches[digit];
        }
        Some((tick, branch))
    }

    /// The nodes from the leaf of an occupied `tick` up to the root.
    fn path(&self, tick: u64) -> [usize; DIGITS] {
        let mut path = [ROOT as usize; DIGITS];
        for level in (1..DIGITS).rev() {
            path[level - 1] = self.nodes[path[level]].branches[digit(tick, level)] as usize;
        }
        path
    }

    /// Makes the nodes that are missing between the root and `tick`, and returns the leaf.
    fn grow_path(&mut self, tick: u64) -> usize {
        if self.nodes.is_empty() {
            self.nodes.push(Node::EMPTY);
        }
        let mut node = ROOT as usize;
        for level in (1..DIGITS).rev() {
            let digit = digit(tick, level);
            node = match self.nodes[node].branch(digit) {
                Some(child) => child as usize,
                None => {
                    let child = self.spare.pop().unwrap_or(self.nodes.len() as u32);
                    if child as usize == self.nodes.len() {
                        self.nodes.push(Node::EMPTY);
                    }
                    self.nodes[node].set(digit, child);
                    child as usize
                }
            };
        }
        node
    }

    /// Clears the branch to `tick`, and each node above it that this leaves empty.
    fn prune_path(&mut self, tick: u64) {
        for (level, node) in self.path(tick).into_iter().enumerate() {
            self.nodes[node].occupied &= !(1 << digit(tick, level));
            if self.nodes[node].occupied != 0 || level == DIGITS - 1 {
                return;
            }
            self.spare.push(node as u32);
        }
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl Node {
    const EMPTY: Self = Self { occupied: 0, branches: [0; 64] };

    fn branch(&self, digit: usize) -> Option<u32> {
        (self.occupied & 1 << digit != 0).then(|| self.branches[digit])
    }

    fn set(&mut self, digit: usize, branch: u32) {
        self.occupied |= 1 << digit;
        self.branches[digit] = branch;
    }
}

/// The tick that `at` lies in. What lies beyond the range, 557 years, counts as its last tick.
fn tick(at: Instant) -> u64 {
    let ticks = at.since_origin().as_nanos() as u64 / (TICK_MILLIS * 1_000_000);
    ticks.min((1 << (DIGIT_BITS * DIGITS)) - 1)
}

/// The digit of `tick` that `level` branches by; level 0 is the leaf's.
const fn digit(tick: u64, level: usize) -> usize {
    (tick >> (DIGIT_BITS * level)) as usize % 64
}

const TICK_MILLIS: u64 = 4;
const DIGIT_BITS: usize = 6;
const DIGITS: usize = 7;
const ROOT: u32 = 0;

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(millis))
    }

    #[test]
    fn timers_of_one_tick_expire_in_the_order_of_insertion() {
        let mut timers = Timers::new();
        let keys: Vec<_> = (0..5).map(|item| timers.insert(at(100 + item % 4), item)).collect();
        timers.cancel(keys[0]);
        timers.cancel(keys[2]);
        let expired: Vec<_> = core::iter::from_fn(|| timers.next_expired(at(100))).collect();
        assert_eq!(expired, [1, 3, 4]);
    }

    #[test]
    fn the_end_of_time_has_a_tick_too() {
        let mut timers = Timers::new();
        timers.insert(Instant::from_origin(Duration::MAX), ());
        assert!(timers.deadline().unwrap() > at(0));
        assert_eq!(timers.next_expired(at(u64::MAX / 2_000_000)), None);
        assert_eq!(timers.next_expired(Instant::from_origin(Duration::MAX)), Some(()));
    }

    #[test]
    fn nodes_of_past_ticks_are_used_again() {
        const MINUTES: u64 = if cfg!(miri) { 100 } else { 10_000 };
        let mut timers = Timers::new();
        for minute in 0..MINUTES {
            timers.insert(at(minute * 60_000), ());
            assert_eq!(timers.next_expired(at(minute * 60_000)), Some(()));
        }
        assert!(timers.nodes.len() <= DIGITS, "{}", timers.nodes.len());
        assert!(timers.spare.len() < DIGITS);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u64),
        Cancel(prop::sample::Index),
        Expire(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let span = prop_oneof![0..40_u64, 0..100_000_u64, 0..1_000_000_000_000_u64];
        prop_oneof![
            3 => span.clone().prop_map(Step::Insert),
            1 => any::<prop::sample::Index>().prop_map(Step::Cancel),
            1 => span.prop_map(Step::Expire),
        ]
    }

    proptest! {
        /// Against a sorted map: nothing late, nothing more than a tick early, the loop never spins.
        #[test]
        fn a_wheel_expires_what_a_sorted_map_does(steps in prop::collection::vec(step(), 1..200)) {
            let (mut timers, mut model, mut keys) = (Timers::new(), BTreeMap::new(), Vec::new());
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Insert(millis) => {
                        model.insert((millis / TICK_MILLIS, number), ());
                        keys.push((timers.insert(at(millis), number), millis));
                    }
                    Step::Cancel(which) if !keys.is_empty() => {
                        let (key, millis) = keys[which.index(keys.len())];
                        if let Some(item) = timers.cancel(key) {
                            prop_assert!(model.remove(&(millis / TICK_MILLIS, item)).is_some());
                        }
                        prop_assert_eq!(timers.cancel(key), None);
                    }
                    Step::Cancel(_) => {}
                    Step::Expire(millis) => {
                        while let Some(item) = timers.next_expired(at(millis)) {
                            let ((tick, expected), ()) = model.pop_first().unwrap();
                            prop_assert_eq!(item, expected);
                            prop_assert!(tick <= millis / TICK_MILLIS);
                        }
                        prop_assert!(timers.deadline().is_none_or(|deadline| deadline > at(millis)));
                    }
                }
                let earliest = model.keys().next().map(|&(tick, _)| at(tick * TICK_MILLIS));
                prop_assert_eq!(timers.deadline(), earliest);
                prop_assert_eq!(timers.len(), model.len());
            }
        }
    }
}
