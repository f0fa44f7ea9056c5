//! One life of a queue: it fills, some leave and come again, all leave, and it fills once more. What is
//! in the queue its own file tells.

use super::load::{Load, Stay};
use crate::sheet::{Rank, Sheet};
use crate::stopwatch::busy;

/// Something that waiters wait in until their time is up.
pub(crate) trait Queue {
    /// Lets a waiter in, who is not in it. Numbers begin at 0, and each that is new is one above the last.
    fn hold(&mut self, who: u32, stay: Stay);

    /// Takes a waiter out, who is in it.
    fn cancel(&mut self, who: u32);

    /// Takes all out whose time is up at [`END`](super::load::END), and returns how many those are.
    fn expire(&mut self) -> usize;

    /// Does the work where the queue can live.
    fn within(&mut self, work: impl FnOnce(&mut Self)) {
        work(self);
    }
}

/// The tables of a life.
pub(crate) struct Book {
    fill: Sheet,
    refill: Sheet,
    again: Sheet,
    expire: Sheet,
    whole: Sheet,
}

impl Book {
    pub(crate) fn new(sizes: &[(usize, usize)]) -> Self {
        let sizes: Vec<usize> = sizes.iter().map(|&(size, _)| size).collect();
        let sheet = |title: &str, note| Sheet::new(title, &sizes, note);
        Self {
            fill: sheet("hold, while the memory grows", MORE),
            refill: sheet("hold, where as many were before", MORE),
            again: sheet("cancel and hold again, at random", AGAIN),
            expire: sheet("expire, all at once", EXPIRE),
            whole: sheet("hold, cancel and hold again, expire", WHOLE),
        }
    }

    /// Whether all targets hold.
    pub(crate) fn print(&self) -> bool {
        let Self { fill, refill, again, expire, whole } = self;
        [fill, refill, again, expire, whole].map(Sheet::print) == [true; 5]
    }
}

/// Lets a queue live through the load. Ours that is no bare queue of timers has the targets of the park.
pub(crate) fn live<Q: Queue>(name: &str, rank: Rank, queue: &mut Q, load: &Load, book: &mut Book) {
    let size = load.len();
    let held_to = |nanos| if rank == Rank::Aside { Rank::Within(nanos) } else { rank };
    let fill = |queue: &mut Q| {
        for (&stay, who) in load.comes.iter().zip(0..) {
            queue.hold(who, stay);
        }
    };
    let again = |queue: &mut Q| {
        for &(who, stay) in &load.again {
            queue.cancel(who);
            queue.hold(who, stay);
        }
    };
    let filled = busy(|| queue.within(fill));
    book.fill.add(name, held_to(150.0), size, filled, size);
    let again = busy(|| queue.within(again));
    book.again.add(name, held_to(300.0), size, again, load.again.len());
    let mut count = 0;
    let expired = busy(|| count = queue.expire());
    assert_eq!(count, size, "{name} lets all go");
    book.expire.add(name, held_to(500.0), size, expired, size);
    let refilled = busy(|| queue.within(fill));
    book.refill.add(name, held_to(150.0), size, refilled, size);
    let again = again.mul_f64(size as f64 / load.again.len() as f64);
    book.whole.add(name, held_to(950.0), size, filled + again + expired, size);
}

const MORE: &str = "Park keeps topics, groups, clients and peers besides; the others are bare queues of \
    timers with a payload of 36 bytes.\n  / ours: beside our own bare queue, which is to be first.";
const AGAIN: &str = "One operation is both. 200,000 of a million do so; whom is drawn at random, the same \
    for all.";
const EXPIRE: &str = "The time of all is up; they are taken out one by one, by Park in answers for up to \
    1,024.";
const WHOLE: &str = "The first, third and fourth table together: what a queue puts off in one of them it \
    does in another.";
