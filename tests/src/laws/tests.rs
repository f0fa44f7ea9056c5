//! A sound machine keeps the laws, and for each law there is a flaw that it catches.

use proptest::prelude::*;
use tidewire_core::{Inbox, Payload};

use super::*;

/// Lines, at most 16 bytes long. Ten seconds without a line end the connection; the line `!` hands
/// it over to another protocol.
struct Lines {
    state: State,
    flaw: Flaw,
    hoard: Vec<u8>,
}

enum State {
    Open { give_up: Instant },
    HandedOver,
    Over,
}

/// Where a machine goes wrong. The first is none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    TakesWhatIsThere,
    KeepsItsDeadline,
    WrapsTime,
    LeavesTheOutboxOpen,
    TellsItsErrorTwice,
    Hoards,
    CountsItsCalls,
    Trims,
    EatsTheTail,
}

#[derive(Debug)]
struct TooLong;

impl Protocol for Lines {
    type Event<'i> = Payload<'i>;
    type Error = TooLong;

    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Payload<'i>>, TooLong> {
        let State::Open { give_up } = self.state else { return Ok(None) };
        let newline = inbox.as_slice().iter().take(16).position(|&byte| byte == b'\n');
        let len = match newline {
            Some(index) => index + 1,
            None if inbox.len() >= 16 => return Err(self.refuse(outbox)),
            None if self.flaw == Flaw::TakesWhatIsThere && inbox.len() > 2 => inbox.len(),
            None => {
                self.rest(give_up, inbox, outbox, now);
                return Ok(None);
            }
        };
        self.state = State::Open { give_up: now + IDLE };
        if inbox.as_slice().starts_with(b"!\n") {
            self.state = State::HandedOver;
            let tail = if self.flaw == Flaw::EatsTheTail { inbox.len() - len } else { 0 };
            return Ok(Some(inbox.lend(len + tail)));
        }
        if self.flaw == Flaw::Hoards {
            self.hoard.extend_from_slice(inbox.as_slice());
        }
        let space = self.flaw == Flaw::Trims && inbox.as_slice().starts_with(b" ");
        inbox.eat(usize::from(space));
        Ok(Some(inbox.lend(len - usize::from(space))))
    }

    fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Open { give_up } => Some(give_up),
            State::HandedOver | State::Over => None,
        }
    }
}

impl Lines {
    fn refuse(&mut self, outbox: &mut Outbox) -> TooLong {
        outbox.push(b"too long\n");
        if self.flaw != Flaw::LeavesTheOutboxOpen {
            outbox.end();
        }
        if self.flaw != Flaw::TellsItsErrorTwice {
            self.state = State::Over;
        }
        TooLong
    }

    fn rest(&mut self, give_up: Instant, inbox: &Inbox, outbox: &mut Outbox, now: Instant) {
        let wrapped = self.flaw == Flaw::WrapsTime && now + IDLE < give_up;
        let fires = now >= give_up || wrapped;
        if inbox.is_ended() || fires {
            outbox.push(if fires { b"idle\n" } else { b"bye\n" });
            if self.flaw == Flaw::CountsItsCalls {
                outbox.push(&CALLS.with(|calls| calls.replace(calls.get() + 1)).to_be_bytes());
            }
            outbox.end();
            if self.flaw != Flaw::KeepsItsDeadline {
                self.state = State::Over;
            }
        }
    }
}

const IDLE: Duration = Duration::from_secs(10);

thread_local! {
    static CALLS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

fn echo(flaw: Flaw) -> impl Fn() -> End<Lines> {
    move || {
        let state = State::Open { give_up: Instant::ORIGIN + IDLE };
        End::new(Lines { state, flaw, hoard: Vec::new() }, |_, line, outbox, _, trace| {
            trace.event(&line);
            if outbox.len() < 1024 {
                outbox.push(&line);
            }
        })
    }
}

proptest! {
    #[test]
    fn a_sound_machine_keeps_the_laws(input in "([a-z ]{0,12}\n){0,4}[a-z]{0,18}") {
        hold(echo(Flaw::None), input.as_bytes());
    }
}

#[test]
fn a_sound_machine_keeps_the_laws_that_need_meaning() {
    let sound = echo(Flaw::None);
    assert!(last_word(&sound, b"a line that is too long"));
    assert!(!last_word(&sound, b"a line\n"));
    bound(&sound, b"a\n", 256 * 1024);
    round_trip(&sound, |outbox| outbox.push(b" one\ntwo\n"), &[r#"b" one\n""#, r#"b"two\n""#]);
    hand_over(&sound, b"one\n!\n", b"tail\n!\n and more than sixteen bytes");
}

#[test]
#[should_panic(expected = "Chop")]
fn chop_catches_a_machine_that_takes_what_is_there() {
    hold(echo(Flaw::TakesWhatIsThere), b"abcdef\n");
}

#[test]
#[should_panic(expected = "Quiet: at rest at +10s with a deadline at +10s")]
fn quiet_catches_a_deadline_that_stays() {
    quiet(echo(Flaw::KeepsItsDeadline), b"");
}

#[test]
#[should_panic(expected = "Quiet: something happens when time runs backwards")]
fn quiet_catches_a_machine_that_fires_when_time_runs_backwards() {
    quiet(echo(Flaw::WrapsTime), b"a\nb\nc\nd\n");
}

#[test]
#[should_panic(expected = "Last word: TooLong leaves the outbox open")]
fn last_word_catches_an_open_outbox() {
    last_word(echo(Flaw::LeavesTheOutboxOpen), b"a line that is too long");
}

#[test]
#[should_panic(expected = "Last word: told twice")]
fn last_word_catches_an_error_told_twice() {
    last_word(echo(Flaw::TellsItsErrorTwice), b"a line that is too long");
}

#[test]
#[should_panic(expected = "Bound")]
fn bound_catches_a_hoard() {
    bound(echo(Flaw::Hoards), b"a\n", 256 * 1024);
}

#[test]
#[should_panic(expected = "Replay")]
fn replay_catches_what_is_remembered_outside() {
    replay(echo(Flaw::CountsItsCalls), b"a\n");
}

#[test]
#[should_panic(expected = "Round trip")]
fn round_trip_catches_a_reader_that_trims() {
    round_trip(echo(Flaw::Trims), |outbox| outbox.push(b" one\n"), &[r#"b" one\n""#]);
}

#[test]
#[should_panic(expected = "Hand-over")]
fn hand_over_catches_a_machine_that_eats_the_tail() {
    hand_over(echo(Flaw::EatsTheTail), b"!\n", b"tail");
}
