//! The seven laws, each a function over any machine. What an event looks like in a trace is the
//! machine's own test file's business.
//!
//! `make` gives a new end each time, with the same seed for whatever it draws. [`hold`] takes any
//! input, so a property test calls it:
//!
//! ```
//! use tidewire_tests::{end::End, laws};
//! # use tidewire_core::{Inbox, Instant, Outbox, Payload, Protocol};
//! # struct Lines;
//! # impl Protocol for Lines {
//! #     type Event<'i> = Payload<'i>;
//! #     type Error = std::convert::Infallible;
//! #     fn next_event<'i>(&mut self, inbox: &'i mut Inbox, _: &mut Outbox, _: Instant)
//! #         -> Result<Option<Payload<'i>>, Self::Error> {
//! #         let newline = inbox.as_slice().iter().position(|&byte| byte == b'\n');
//! #         Ok(newline.map(|index| inbox.lend(index + 1)))
//! #     }
//! #     fn deadline(&self) -> Option<Instant> { None }
//! # }
//!
//! let lines = || End::new(Lines, |_machine, line, _outbox, _now, trace| trace.event(&line));
//! laws::hold(lines, b"one\ntwo\nthr");
//! laws::bound(lines, b"one\n", 256 * 1024);
//! laws::round_trip(lines, |outbox| outbox.push(b"hi\n"), &[r#"b"hi\n""#]);
//! ```

use std::fmt::Debug;
use std::time::Duration;

use allocation_counter::measure;
use bytes::Buf;
use tidewire_core::{Instant, Outbox, Protocol};

use crate::chop::{at_random, cuttings, feed, pieces};
use crate::dice::Dice;
use crate::end::{End, pass};
use crate::solo::{Outcome, Solo};
use crate::trace::Trace;

/// The laws that hold for any input and cost little: chop, quiet, replay, and last word if the
/// machine refuses the input.
pub fn hold<M: Protocol<Error: Debug>>(make: impl Fn() -> End<M>, input: &[u8]) {
    chop(&make, input);
    quiet(&make, input);
    last_word(&make, input);
    replay(&make, input);
}

/// Any cutting of the input gives the same events and bytes, whether or not the stream then ends,
/// also when time passes after it.
pub fn chop<M: Protocol<Error: Debug>>(make: impl Fn() -> End<M>, input: &[u8]) {
    for ends in [false, true] {
        let outcome = |cutting: &[usize]| {
            let mut solo = feed(make(), input, cutting);
            if ends {
                solo.finish();
            }
            solo.wait(LONG);
            solo.outcome()
        };
        let whole = outcome(&[input.len()]);
        for cutting in cuttings(input.len(), SEED) {
            assert_eq!(outcome(&cutting), whole, "Chop: cut into {cutting:?}, then end: {ends}");
        }
    }
}

/// At rest the deadline is later than now, wherever the input pauses; and a clock that runs
/// backwards makes nothing happen.
pub fn quiet<M: Protocol<Error: Debug>>(make: impl Fn() -> End<M>, input: &[u8]) {
    story(make(), input, |solo| {
        let before = solo.outcome();
        solo.glance(Instant::ORIGIN);
        assert_eq!(solo.outcome(), before, "Quiet: something happens when time runs backwards");
    });
}

/// After an error there is silence, and the words were said once. Returns whether the machine
/// refused the input at all.
pub fn last_word<M: Protocol<Error: Debug>>(make: impl Fn() -> End<M>, input: &[u8]) -> bool {
    let mut solo = feed(make(), input, &[input.len()]);
    let last = solo.outcome();
    if last.failed {
        solo.end.inbox.push(input);
        solo.wait(LONG);
        solo.finish();
        solo.wait(LONG);
        assert_eq!(solo.outcome(), last, "Last word: there was more");
    }
    last.failed
}

/// Memory stays under `max_heap_bytes` however often the peer repeats the input, whether it reads
/// what it is sent or leaves it in the outbox for ever.
///
/// Counted are the machine, its inbox and its outbox at their peak, growing buffers twice. The peer
/// sends twice the bound, which takes a while: call this for floods and for a few random inputs.
pub fn bound<M: Protocol<Error: Debug>>(
    make: impl Fn() -> End<M>,
    input: &[u8],
    max_heap_bytes: usize,
) {
    let block = input.repeat(1 + FLOOD_BLOCK / input.len().max(1));
    for reads in [true, false] {
        let used = measure(|| flood(make(), &block, reads, 2 * max_heap_bytes)).bytes_max;
        let most = max_heap_bytes as u64;
        assert!(used <= most, "Bound: {used} bytes of heap, {most} allowed, peer reads: {reads}");
    }
}

/// The same inputs at the same instants give the same events, bytes and deadlines.
pub fn replay<M: Protocol<Error: Debug>>(make: impl Fn() -> End<M>, input: &[u8]) {
    let first = story(make(), input, |_| ());
    let again = story(make(), input, |_| ());
    assert_eq!(again, first, "Replay: the second run differs");
}

/// What `write` puts into an outbox is what the reader then tells, line by line, however it is cut.
pub fn round_trip<M: Protocol<Error: Debug>>(
    make: impl Fn() -> End<M>,
    write: impl FnOnce(&mut Outbox),
    told: &[&str],
) {
    let mut outbox = Outbox::new();
    write(&mut outbox);
    let written = outbox.copy_to_bytes(outbox.len());
    for cutting in cuttings(written.len(), SEED) {
        let solo = feed(make(), &written, &cutting);
        assert_eq!(solo.end.trace.lines(), told, "Round trip: cut into {cutting:?}");
    }
}

/// Eaten and left make up what was given: a machine that stops behind `input`, as at an upgrade,
/// leaves the `tail` whole, however both are cut and whatever time it is.
pub fn hand_over<M: Protocol<Error: Debug>>(make: impl Fn() -> End<M>, input: &[u8], tail: &[u8]) {
    let given = [input, tail].concat();
    for cutting in cuttings(given.len(), SEED) {
        let mut solo = feed(make(), &given, &cutting);
        solo.wait(LONG);
        assert_eq!(solo.left(), tail, "Hand-over: cut into {cutting:?}");
    }
}

/// Feeds the input with pauses, lets time pass, ends the stream and lets time pass again. Returns
/// what came of it and the deadline at each rest.
fn story<M: Protocol<Error: Debug>>(
    end: End<M>,
    input: &[u8],
    mut at_rest: impl FnMut(&mut Solo<M>),
) -> (Outcome, Vec<Option<Instant>>) {
    let mut dice = Dice::new(SEED);
    let mut solo = Solo::new(end);
    let mut deadlines = Vec::new();
    let mut rest = |solo: &mut Solo<M>| {
        at_rest(solo);
        deadlines.push(solo.end.machine.deadline());
    };
    for piece in pieces(input, &at_random(input.len(), &mut dice)) {
        solo.feed(piece);
        rest(&mut solo);
        solo.wait(PAUSES[dice.roll(PAUSES.len())]);
        rest(&mut solo);
    }
    solo.wait(LONG);
    rest(&mut solo);
    solo.finish();
    solo.wait(LONG);
    rest(&mut solo);
    (solo.outcome(), deadlines)
}

/// Sends `block` again and again, `bytes` in all, and then lets time pass.
fn flood<M: Protocol<Error: Debug>>(mut end: End<M>, block: &[u8], reads: bool, bytes: usize) {
    let mut dice = Dice::new(SEED);
    let (mut at, mut left) = (0, bytes);
    end.trace = Trace::silent();
    let turn = |end: &mut End<M>, now| {
        end.run(now);
        if reads {
            end.outbox.advance(end.outbox.len());
        }
        end.machine.deadline()
    };
    while left > 0 && end.error.is_none() && end.inbox.room() > 0 && !block.is_empty() {
        let len = dice.cut(block.len() - at).min(end.inbox.room());
        end.inbox.push(&block[at..at + len]);
        turn(&mut end, Instant::ORIGIN);
        at = (at + len) % block.len();
        left = left.saturating_sub(len);
    }
    pass(Instant::ORIGIN, LONG, |now| turn(&mut end, now));
}

const SEED: u64 = 0x7469_6465;
/// Longer than any time-out of a default config.
const LONG: Duration = Duration::from_secs(300);
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(10), Duration::from_secs(7)];
const FLOOD_BLOCK: usize = 16 * 1024;

#[cfg(test)]
mod tests;
