//! Held polls, in memory, on one thread: from a thousand to a million at one time. Their timers stand
//! beside other timer queues, each in a file of its own.
//!
//! Everybody leads the same lives: the same waiters come in the same order, the same ones are cancelled
//! at random and come again, and the time of all is up at once. That all of them left is checked.

mod crowd;
mod delay_queue;
mod life;
mod load;
mod queues;
mod wake;
mod weight;

use self::crowd::{Crowd, Makeup};
use self::delay_queue::Delays;
use self::life::{Book, live};
use self::load::Load;
use self::queues::{Heap, Mapped, Sorted, Wheel};
use crate::harness::Effort;
use crate::sheet::{Rank, grouped};
use crate::stopwatch::machine;

/// Runs those whose name contains one of the parts, or all, and prints a table for each thing they do.
pub(crate) fn run(only: &[String], effort: Effort) {
    println!(
        "Held polls in memory, one thread, on {}.\nTimes are the thread's own, in nanoseconds for one \
         poll: medians of the rounds, and the fastest of the largest size.\n",
        machine()
    );
    let sizes = effort.choose(&FULL[..], &QUICK[..]);
    let is_named = |name: &str| only.is_empty() || only.iter().any(|part| name.contains(part));
    let mut book = Book::new(sizes);
    for &(size, rounds) in sizes {
        let load = Load::new(size);
        for _ in 0..rounds {
            round(&load, &is_named, &mut book);
        }
    }
    let lives = book.print();
    let wake = wake::run(sizes, &is_named);
    let weight = weight::run(sizes.last().map_or(0, |&(size, _)| size), &is_named);
    let verdict = if lives && wake && weight { "all targets hold" } else { "not all targets hold" };
    let most = sizes.last().map_or(0, |&(size, _)| size);
    println!("{verdict}, with up to {} polls held", grouped(most));
}

/// One life of each.
fn round(load: &Load, is_named: &impl Fn(&str) -> bool, book: &mut Book) {
    for (name, makeup) in Makeup::ALL {
        if is_named(name) {
            live(name, Rank::Aside, &mut Crowd::new(makeup, load.len()), load, book);
        }
    }
    if is_named(Wheel::NAME) {
        live(Wheel::NAME, Rank::Fastest, &mut Wheel::default(), load, book);
    }
    if is_named(Sorted::NAME) {
        live(Sorted::NAME, Rank::Peer, &mut Sorted::default(), load, book);
    }
    if is_named(Mapped::NAME) {
        live(Mapped::NAME, Rank::Peer, &mut Mapped::default(), load, book);
    }
    if is_named(Heap::NAME) {
        live(Heap::NAME, Rank::Peer, &mut Heap::default(), load, book);
    }
    if is_named(Delays::NAME) {
        live(Delays::NAME, Rank::Peer, &mut Delays::new(), load, book);
    }
}

/// How many are held at one time, and how many lives of so many.
const FULL: [(usize, usize); 4] = [(1_000, 51), (10_000, 31), (100_000, 11), (1_000_000, 5)];
const QUICK: [(usize, usize); 2] = [(1_000, 11), (10_000, 5)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_lives_through_a_quick_run() {
        run(&[], Effort::QUICK);
    }
}
