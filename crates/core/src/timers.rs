//! Many timers behind one deadline. What happens when one expires is its owner's business.

mod ticks;

use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use self::ticks::{Branch, TICK_MILLIS, Ticks, tick};
use crate::{Instant, Key, Slab};

/// A wheel of timers: each waits for an instant and carries an item.
///
/// Time is cut into ticks of [`TICK`](Self::TICK). A timer expires when the tick begins that its
/// instant lies in: at most one tick early, never late. Timers of one tick expire in the order of
/// their insertion.
///
/// The wheel is a tree that branches 64 ways by the digits of the tick, with a bitmap of the
/// occupied branches in each node. A timer stands in the list of its own tick from the start, so
/// none is ever moved from wheel to wheel, and inserting and expiring take the same seven steps
/// whatever the number of timers; cancelling takes one, unless it leaves its tick empty. The wheel
/// has no hand: time may leap or run backwards. A new wheel owns no heap; a node takes 272 bytes and
/// serves 64 neighbouring ticks, a timer takes 16 bytes and its item.
///
/// A timer can be all that there is of what it times: the [`Key`] names it until it expires, and
/// its item can be [read](Self::get) and [changed](Self::get_mut) meanwhile.
///
/// ```
/// use core::time::Duration;
/// use tidewire_core::{Instant, Timers};
///
/// let at = |seconds| Instant::from_origin(Duration::from_secs(seconds));
/// let mut timers = Timers::new();
/// let tea = timers.insert(at(180), "tea");
/// let toast = timers.insert(at(60), "toast");
/// assert_eq!(timers.deadline(), Some(at(60)));
/// assert_eq!(timers.due(at(59)), None);
/// assert_eq!(timers.due(at(60)), Some(toast));
/// assert_eq!(timers.next_expired(at(60)), Some("toast"));
/// assert!(timers.reschedule(tea, at(240)));
/// assert_eq!(timers.deadline(), Some(at(240)));
/// assert_eq!(timers.cancel(tea), Some("tea"));
/// assert_eq!(timers.deadline(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Timers<T> {
    items: Slab<T>,
    /// Where each item's timer stands, by slot. Apart from the items they are few enough bytes that
    /// a timer's neighbours are near at hand for the processor, wherever they are.
    links: Vec<Link>,
    ticks: Ticks,
}

/// A timer's place in the list of its tick. The tick leads to the last; behind that comes the first,
/// before which comes itself. Neighbours are named by their slots alone: whoever leaves the list
/// takes itself out of it, so none outlives its timer.
#[derive(Clone, Copy, Debug)]
struct Link {
    tick: Branch,
    previous: u32,
    next: u32,
}

impl<T> Timers<T> {
    /// The unit in which timers are kept: 4 ms, far below what a peer can tell from the network.
    pub const TICK: Duration = Duration::from_millis(TICK_MILLIS);

    /// An empty wheel, which owns no heap.
    #[must_use]
    pub const fn new() -> Self {
        Self { items: Slab::new(), links: Vec::new(), ticks: Ticks::new() }
    }

    /// Starts a timer that expires at `at`, which may have passed already.
    pub fn insert(&mut self, at: Instant, item: T) -> Key {
        let key = self.items.insert(item);
        self.enlist(key.slot(), tick(at));
        key
    }

    /// Lets the timer expire at `at` instead, after those of the same tick; `false` if it has expired
    /// or was cancelled before.
    pub fn reschedule(&mut self, key: Key, at: Instant) -> bool {
        let is_there = self.get(key).is_some();
        if is_there {
            self.delist(key.slot());
            self.enlist(key.slot(), tick(at));
        }
        is_there
    }

    /// Stops the timer and returns its item; `None` if it has expired or was cancelled before.
    pub fn cancel(&mut self, key: Key) -> Option<T> {
        let item = self.items.remove(key)?;
        self.delist(key.slot());
        Some(item)
    }

    /// The item of a timer that has neither expired nor been cancelled.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&T> {
        self.items.get(key)
    }

    /// The item of a timer that has neither expired nor been cancelled, to change.
    #[must_use]
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.items.get_mut(key)
    }

    /// The key of the timer in a [slot](Key::slot), for lists that remember no more than the slot.
    #[must_use]
    pub fn key_at(&self, slot: u32) -> Option<Key> {
        self.items.key_at(slot)
    }

    /// The earliest timer, whether it has expired or not.
    #[must_use]
    pub fn earliest(&self) -> Option<Key> {
        let (_, last) = self.ticks.first()?;
        self.first_of(last)
    }

    /// The earliest timer if it has expired. It stays until it is [cancelled](Self::cancel).
    #[must_use]
    pub fn due(&self, now: Instant) -> Option<Key> {
        let (due, last) = self.ticks.first()?;
        if due <= tick(now) { self.first_of(last) } else { None }
    }

    /// Returns the item of the earliest timer that has expired; `None` once none is left.
    ///
    /// After `None`, [`deadline`](Self::deadline) is later than `now`.
    pub fn next_expired(&mut self, now: Instant) -> Option<T> {
        self.due(now).and_then(|key| self.cancel(key))
    }

    /// When the earliest timer expires; `None` if there is no timer.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let (tick, _) = self.ticks.first()?;
        Some(Instant::from_origin(Duration::from_millis(tick * TICK_MILLIS)))
    }

    /// The number of timers.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no timer.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The first timer of the list that ends with this slot.
    fn first_of(&self, last: u32) -> Option<Key> {
        self.key_at(self.links[last as usize].next)
    }

    /// Puts a slot at the end of a tick's list. That touches the last timer alone, which came lately
    /// and so is still at hand.
    fn enlist(&mut self, slot: u32, tick: u64) {
        let tick = self.ticks.branch(tick);
        let last = self.ticks.get(tick);
        self.ticks.set(tick, slot);
        let (previous, next) = match last {
            None => (slot, slot),
            Some(last) => (last, mem::replace(&mut self.links[last as usize].next, slot)),
        };
        let link = Link { tick, previous, next };
        match self.links.get_mut(slot as usize) {
            Some(unused) => *unused = link,
            None => self.links.push(link),
        }
    }

    /// Takes a slot out from between its neighbours in the list of its tick.
    fn delist(&mut self, slot: u32) {
        let Link { tick, previous, next } = self.links[slot as usize];
        let is_last = self.ticks.get(tick) == Some(slot);
        match (previous == slot, is_last) {
            (true, true) => self.ticks.clear(tick),
            (true, false) => {
                self.links[next as usize].previous = next;
                if let Some(last) = self.ticks.get(tick) {
                    self.links[last as usize].next = next;
                }
            }
            (false, true) => {
                self.links[previous as usize].next = next;
                self.ticks.set(tick, previous);
            }
            (false, false) => {
                self.links[previous as usize].next = next;
                self.links[next as usize].previous = previous;
            }
        }
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::ticks::DIGITS;
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
        let (nodes, spare) = timers.ticks.nodes();
        assert!(nodes <= DIGITS && spare < DIGITS, "{nodes} nodes, {spare} of them spare");
    }

    #[test]
    fn a_timer_takes_sixteen_bytes_and_its_item() {
        assert_eq!(size_of::<Link>() + size_of::<u32>(), 16);
    }

    #[test]
    fn a_timer_put_off_comes_after_those_of_its_new_tick() {
        let mut timers = Timers::new();
        let keys: Vec<_> = (0..4).map(|item| timers.insert(at(100), item)).collect();
        assert!(timers.reschedule(keys[0], at(100)) && timers.reschedule(keys[2], at(200)));
        let expired: Vec<_> = core::iter::from_fn(|| timers.next_expired(at(100))).collect();
        assert_eq!((expired, timers.len()), ([1, 3, 0].into(), 1));
        assert!(!timers.reschedule(keys[0], at(300)));
        assert_eq!((timers.get(keys[2]), timers.get(keys[0])), (Some(&2), None));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Reschedule(prop::sample::Index, u64),
        Insert(u64),
        Cancel(prop::sample::Index),
        Expire(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let span = prop_oneof![0..40_u64, 0..100_000_u64, 0..1_000_000_000_000_u64];
        prop_oneof![
            3 => span.clone().prop_map(Step::Insert),
            1 => (any::<prop::sample::Index>(), span.clone())
                .prop_map(|(which, millis)| Step::Reschedule(which, millis)),
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
                        let place = (millis / TICK_MILLIS, number);
                        let key = timers.insert(at(millis), place);
                        model.insert(place, key);
                        keys.push(key);
                    }
                    Step::Reschedule(which, millis) if !keys.is_empty() => {
                        let key = keys[which.index(keys.len())];
                        if let Some(place) = timers.get_mut(key) {
                            prop_assert_eq!(model.remove(place), Some(key));
                            *place = (millis / TICK_MILLIS, number);
                            model.insert(*place, key);
                            prop_assert!(timers.reschedule(key, at(millis)));
                        } else {
                            prop_assert!(!timers.reschedule(key, at(millis)));
                        }
                    }
                    Step::Cancel(which) if !keys.is_empty() => {
                        let key = keys[which.index(keys.len())];
                        if let Some(place) = timers.cancel(key) {
                            prop_assert_eq!(model.remove(&place), Some(key));
                        }
                        prop_assert_eq!(timers.cancel(key), None);
                    }
                    Step::Reschedule(..) | Step::Cancel(_) => {}
                    Step::Expire(millis) => {
                        while let Some(place) = timers.next_expired(at(millis)) {
                            prop_assert_eq!(model.pop_first().map(|(first, _)| first), Some(place));
                            prop_assert!(place.0 <= millis / TICK_MILLIS);
                        }
                        prop_assert_eq!(timers.due(at(millis)), None);
                        prop_assert!(timers.deadline().is_none_or(|deadline| deadline > at(millis)));
                    }
                }
                let earliest = model.first_key_value();
                prop_assert_eq!(timers.earliest(), earliest.map(|(_, &key)| key));
                prop_assert_eq!(timers.deadline(), earliest.map(|(&(tick, _), _)| at(tick * TICK_MILLIS)));
                prop_assert_eq!(timers.len(), model.len());
            }
        }
    }
}
