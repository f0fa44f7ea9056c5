//! Values behind keys that are never mistaken for a later value's. What a value means is its
//! owner's business.

mod vacant;

use alloc::vec::Vec;
use core::mem;
use core::ops::{Index, IndexMut};

use self::vacant::Vacant;

/// Values in reused slots, each behind a [`Key`] of its own.
///
/// Inserting, removing and looking up take the same few steps however many values there are. A key that
/// outlived its value finds nothing, also after its slot was taken again. The lowest vacant slot is taken
/// first, so that those who come together lie together, in whatever order others left. A new slab owns no
/// heap; later it owns what its fullest moment needed.
///
/// ```
/// use tidewire_core::Slab;
///
/// let mut slab = Slab::new();
/// let old = slab.insert("old");
/// assert_eq!(slab.remove(old), Some("old"));
/// let new = slab.insert("new");
/// assert_eq!((slab.get(old), slab.get(new)), (None, Some(&"new")));
/// ```
#[derive(Clone, Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// The lowest vacant slot, or the length of `slots`.
    free: u32,
    /// The other vacant slots.
    vacant: Vacant,
    len: u32,
    serial: u32,
}

/// Names one value of one [`Slab`], or one timer of one [`Timers`](crate::Timers).
///
/// It is a slot and the number of the insertion, modulo 2³²: a stale key meets a later value only
/// if it is kept while exactly a multiple of 2³² values come and the last one takes its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    slot: u32,
    serial: u32,
}

#[derive(Clone, Debug)]
enum Slot<T> {
    Vacant,
    Taken { serial: u32, value: T },
}

impl<T> Slab<T> {
    /// An empty slab, which owns no heap.
    #[must_use]
    pub const fn new() -> Self {
        Self { slots: Vec::new(), vacant: Vacant::new(), free: 0, len: 0, serial: 0 }
    }

    /// The key that the next value will get, for values that name themselves elsewhere first.
    #[must_use]
    pub const fn next_key(&self) -> Key {
        Key { slot: self.free, serial: self.serial }
    }

    /// Keeps `value` and returns its key. There is room for 2³² values.
    pub fn insert(&mut self, value: T) -> Key {
        let key = self.next_key();
        let taken = Slot::Taken { serial: key.serial, value };
        match self.slots.get_mut(key.slot as usize) {
            Some(slot) => {
                *slot = taken;
                // Whoever is replaced at once leaves no others.
                let others = self.slots.len() - self.len() - 1;
                self.free =
                    if others == 0 { self.slots.len() } else { self.vacant.pop_first() } as u32;
            }
            None => {
                self.vacant.grow_to(self.slots.len());
                self.slots.push(taken);
                self.free += 1;
            }
        }
        self.serial = self.serial.wrapping_add(1);
        self.len += 1;
        key
    }

    /// Takes the value out; `None` if it is gone already.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        let slot = self.slots.get_mut(key.slot as usize)?;
        if !matches!(slot, Slot::Taken { serial, .. } if *serial == key.serial) {
            return None;
        }
        let taken = mem::replace(slot, Slot::Vacant);
        if (self.free as usize) < self.slots.len() {
            self.vacant.insert(self.free.max(key.slot) as usize);
        }
        self.free = self.free.min(key.slot);
        self.len -= 1;
        match taken {
            Slot::Taken { value, .. } => Some(value),
            Slot::Vacant => None,
        }
    }

    /// The value behind `key`, if it is still there.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&T> {
        match self.slots.get(key.slot as usize)? {
            Slot::Taken { serial, value } if *serial == key.serial => Some(value),
            Slot::Taken { .. } | Slot::Vacant => None,
        }
    }

    /// The value behind `key`, if it is still there, to change.
    #[must_use]
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.slots.get_mut(key.slot as usize)? {
            Slot::Taken { serial, value } if *serial == key.serial => Some(value),
            Slot::Taken { .. } | Slot::Vacant => None,
        }
    }

    /// All keys whose values are there, in no order that means anything.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.slots.iter().zip(0..).filter_map(|(slot, index)| match slot {
            Slot::Taken { serial, .. } => Some(Key { slot: index, serial: *serial }),
            Slot::Vacant => None,
        })
    }

    /// The key of the value in a [slot](Key::slot), for lists that remember no more than the slot.
    #[must_use]
    pub fn key_at(&self, slot: u32) -> Option<Key> {
        match self.slots.get(slot as usize)? {
            Slot::Taken { serial, .. } => Some(Key { slot, serial: *serial }),
            Slot::Vacant => None,
        }
    }

    /// The number of values.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether no value is there.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Key {
    /// The slot of the value: a number below the most values that there were at one time. A later
    /// value may take it, so it names the value only as long as that is sure to be there.
    #[must_use]
    pub const fn slot(self) -> u32 {
        self.slot
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// # Panics
///
/// If the value is gone.
impl<T> Index<Key> for Slab<T> {
    type Output = T;

    fn index(&self, key: Key) -> &T {
        self.get(key).expect("whoever indexes keeps the value alive")
    }
}

/// # Panics
///
/// If the value is gone.
impl<T> IndexMut<Key> for Slab<T> {
    fn index_mut(&mut self, key: Key) -> &mut T {
        self.get_mut(key).expect("whoever indexes keeps the value alive")
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_optional_value_costs_eight_bytes_more() {
        assert_eq!(size_of::<Slot<u64>>(), 16);
        assert_eq!(size_of::<Key>(), 8);
    }

    proptest! {
        #[test]
        fn a_slab_behaves_as_a_map_with_fresh_keys(
            steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..200),
        ) {
            let (mut slab, mut model, mut given) = (Slab::new(), BTreeMap::new(), Vec::new());
            for (number, (insert, which)) in steps.into_iter().enumerate() {
                if insert || given.is_empty() {
                    let key = slab.insert(number);
                    prop_assert!(model.insert(key, number).is_none());
                    given.push(key);
                } else {
                    let key = given[which.index(given.len())];
                    prop_assert_eq!(slab.remove(key), model.remove(&key));
                }
                prop_assert_eq!(slab.len(), model.len());
                prop_assert!(given.iter().all(|&key| slab.get(key) == model.get(&key)));
                prop_assert_eq!(slab.keys().count(), model.len());
                let taken = |slot| model.keys().any(|key| key.slot() == slot);
                prop_assert_eq!(Some(slab.next_key().slot()), (0..).find(|&slot| !taken(slot)));
            }
        }
    }
}
