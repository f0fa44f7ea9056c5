//! Bare queues of timers, ours and those that the standard library has the parts of. Each gives its
//! waiters what they need to be cancelled; what all remember besides is an item of 36 bytes.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::hint::black_box;

use tidewire::core::{Instant, Key, Timers};

use super::life::Queue;
use super::load::{END, Stay};

/// As large as what the park knows of a poll.
pub(crate) type Item = [u32; 9];

/// Our wheel, bare.
#[derive(Default)]
pub(crate) struct Wheel {
    timers: Timers<Item>,
    keys: Vec<Key>,
}

/// A sorted map whose waiters know when their time is up, and so need no other map.
#[derive(Default)]
pub(crate) struct Sorted {
    timers: BTreeMap<(Instant, u32), Item>,
    until: Vec<Instant>,
}

/// A sorted map, and another that knows when whose time is up.
#[derive(Default)]
pub(crate) struct Mapped {
    timers: BTreeMap<(Instant, u32), Item>,
    until: HashMap<u32, Instant>,
}

/// A heap in which who was cancelled stays until its time is up, or until it has more such than others.
#[derive(Default)]
pub(crate) struct Heap {
    timers: BinaryHeap<Reverse<Entry>>,
    /// How many times each waiter has left, which tells what is in the heap of it and no more held.
    left: Vec<u32>,
    cancelled: usize,
}

struct Entry {
    until: Instant,
    who: u32,
    left: u32,
    item: Item,
}

impl Wheel {
    pub(crate) const NAME: &str = "Timers, ours and bare";
}

impl Sorted {
    pub(crate) const NAME: &str = "BTreeMap";
}

impl Mapped {
    pub(crate) const NAME: &str = "BTreeMap and HashMap";
}

impl Heap {
    pub(crate) const NAME: &str = "BinaryHeap, lazy cancel";
}

impl Queue for Wheel {
    fn hold(&mut self, who: u32, stay: Stay) {
        let key = self.timers.insert(stay.until, [who; 9]);
        remember(&mut self.keys, who, key);
    }

    fn cancel(&mut self, who: u32) {
        black_box(self.timers.cancel(self.keys[who as usize]));
    }

    fn expire(&mut self) -> usize {
        let mut count = 0;
        while let Some(item) = self.timers.next_expired(END) {
            black_box(item);
            count += 1;
        }
        count
    }
}

impl Queue for Sorted {
    fn hold(&mut self, who: u32, stay: Stay) {
        self.timers.insert((stay.until, who), [who; 9]);
        remember(&mut self.until, who, stay.until);
    }

    fn cancel(&mut self, who: u32) {
        black_box(self.timers.remove(&(self.until[who as usize], who)));
    }

    fn expire(&mut self) -> usize {
        let mut count = 0;
        while let Some(first) = self.timers.first_entry()
            && first.key().0 <= END
        {
            black_box(first.remove());
            count += 1;
        }
        count
    }
}

impl Queue for Mapped {
    fn hold(&mut self, who: u32, stay: Stay) {
        self.timers.insert((stay.until, who), [who; 9]);
        self.until.insert(who, stay.until);
    }

    fn cancel(&mut self, who: u32) {
        let until = self.until.remove(&who).expect("it is held");
        black_box(self.timers.remove(&(until, who)));
    }

    fn expire(&mut self) -> usize {
        let mut count = 0;
        while let Some(first) = self.timers.first_entry()
            && first.key().0 <= END
        {
            self.until.remove(&first.key().1);
            black_box(first.remove());
            count += 1;
        }
        count
    }
}

impl Queue for Heap {
    fn hold(&mut self, who: u32, stay: Stay) {
        if who as usize == self.left.len() {
            self.left.push(0);
        }
        let left = self.left[who as usize];
        self.timers.push(Reverse(Entry { until: stay.until, who, left, item: [who; 9] }));
    }

    fn cancel(&mut self, who: u32) {
        self.left[who as usize] += 1;
        self.cancelled += 1;
        if self.cancelled > self.timers.len() / 2 {
            self.timers.retain(|Reverse(entry)| entry.left == self.left[entry.who as usize]);
            self.cancelled = 0;
        }
    }

    fn expire(&mut self) -> usize {
        let mut count = 0;
        while self.timers.peek().is_some_and(|Reverse(first)| first.until <= END)
            && let Some(Reverse(Entry { who, left, item, .. })) = self.timers.pop()
        {
            let left_since = &mut self.left[who as usize];
            if left == *left_since {
                *left_since += 1;
                black_box(item);
                count += 1;
            } else {
                self.cancelled -= 1;
            }
        }
        count
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.until.cmp(&other.until)
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Entry {}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.until == other.until
    }
}

/// Writes down what a waiter needs to be cancelled.
#[inline]
pub(crate) fn remember<T>(all: &mut Vec<T>, who: u32, what: T) {
    match all.get_mut(who as usize) {
        Some(old) => *old = what,
        None => all.push(what),
    }
}
