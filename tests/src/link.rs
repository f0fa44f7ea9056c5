//! Two ends that talk to each other, with virtual time and bytes cut anywhere. No socket.

use std::fmt::Debug;
use std::time::Duration;

use bytes::Buf;
use tidewire_core::{Inbox, Instant, Outbox, Protocol, earliest};

use crate::dice::Dice;
use crate::end::{End, pass};

/// A client and a server, and the wires between them.
///
/// Commands go to `link.client.machine` with `link.client.outbox`, then [`run`](Self::run) carries
/// everything over; what happened stands in `link.server.trace`.
pub struct Link<C: Protocol, S: Protocol> {
    /// The side that opened the connection.
    pub client: End<C>,
    /// The side that accepted it.
    pub server: End<S>,
    now: Instant,
    dice: Dice,
}

impl<C: Protocol<Error: Debug>, S: Protocol<Error: Debug>> Link<C, S> {
    /// A link at the origin of time; `seed` decides where bytes are cut.
    #[must_use]
    pub fn new(client: End<C>, server: End<S>, seed: u64) -> Self {
        Self { client, server, now: Instant::ORIGIN, dice: Dice::new(seed) }
    }

    /// The instant at which both ends stand.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Runs both ends, and carries bytes and end marks, until nothing moves any more.
    pub fn run(&mut self) {
        let mut carried = 0;
        while self.turn() {
            carried += 1;
            assert!(carried < CARRIES_PER_RUN, "Quiet: the two never stop talking");
        }
    }

    /// Runs both ends at this instant, and carries at most this many pieces each way: what else they
    /// said is still under way.
    pub fn run_for(&mut self, pieces: usize, now: Instant) {
        self.now = now;
        for _ in 0..pieces {
            self.turn();
        }
    }

    /// Runs both ends at this instant, as [`run`](Self::run) does, whatever lies between.
    pub fn run_at(&mut self, now: Instant) {
        self.now = now;
        self.run();
    }

    /// Lets time pass, from deadline to deadline of either end.
    pub fn wait(&mut self, wait: Duration) {
        self.now = pass(self.now, wait, |now| {
            self.run_at(now);
            self.deadline()
        });
    }

    /// When the earlier of the two ends wants to be called.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        earliest([self.client.machine.deadline(), self.server.machine.deadline()])
    }

    /// Runs both ends and carries a piece each way. Whether anything moved.
    fn turn(&mut self) -> bool {
        self.client.run(self.now);
        self.server.run(self.now);
        let to_server = carry(&mut self.client.outbox, &mut self.server.inbox, &mut self.dice);
        let to_client = carry(&mut self.server.outbox, &mut self.client.inbox, &mut self.dice);
        to_server || to_client
    }
}

/// Carries one piece, or the end mark behind the last one. Whether anything moved.
fn carry(from: &mut Outbox, to: &mut Inbox, dice: &mut Dice) -> bool {
    let len = dice.cut(from.chunk().len()).min(to.room());
    to.push(&from.chunk()[..len]);
    from.advance(len);
    let ends = from.is_finished() && !to.is_ended();
    if ends {
        to.end();
    }
    len > 0 || ends
}

/// Two honest ends are done with each other long before.
const CARRIES_PER_RUN: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use tidewire_core::Payload;

    use super::*;

    /// Sends a byte each second, three in all, and ends; answers what it gets with nothing.
    #[derive(Default)]
    struct Beeper {
        beeps: u8,
        next: Option<Instant>,
    }

    impl Protocol for Beeper {
        type Event<'i> = Payload<'i>;
        type Error = std::convert::Infallible;

        fn next_event<'i>(
            &mut self,
            inbox: &'i mut Inbox,
            outbox: &mut Outbox,
            now: Instant,
        ) -> Result<Option<Payload<'i>>, Self::Error> {
            let due = self.beeps < 3 && self.next.is_none_or(|at| at <= now);
            if due {
                self.beeps += 1;
                self.next = (self.beeps < 3).then_some(now + Duration::from_secs(1));
                outbox.push(&[self.beeps; 3]);
            }
            if self.beeps == 3 {
                outbox.end();
            }
            let len = inbox.len();
            Ok((len > 0).then(|| inbox.lend(len)))
        }

        fn deadline(&self) -> Option<Instant> {
            self.next
        }
    }

    fn end() -> End<Beeper> {
        End::new(Beeper::default(), |_, heard, _, now, trace| {
            trace.event((now, heard[0]));
        })
    }

    #[test]
    fn bytes_and_end_marks_arrive_when_time_comes_and_not_before() {
        let mut link = Link::new(end(), end(), 5);
        link.run();
        assert_eq!(link.deadline(), Some(Instant::ORIGIN + Duration::from_secs(1)));
        link.wait(Duration::from_nanos(1_999_999_999));
        assert!(!link.client.inbox.is_ended());
        link.wait(Duration::from_nanos(1));
        assert_eq!(link.now(), Instant::ORIGIN + Duration::from_secs(2));
        assert!(link.client.inbox.is_ended() && link.server.inbox.is_ended());
        let mut heard = link.server.trace.lines();
        heard.dedup();
        assert_eq!(heard, ["(+0ns, 1)", "(+1s, 2)", "(+2s, 3)"]);
        assert_eq!(link.deadline(), None);
    }

    /// Says that there is more for ever.
    struct Spinner;

    impl Protocol for Spinner {
        type Event<'i> = ();
        type Error = std::convert::Infallible;

        fn next_event(
            &mut self,
            _: &mut Inbox,
            _: &mut Outbox,
            _: Instant,
        ) -> Result<Option<()>, Self::Error> {
            Ok(Some(()))
        }

        fn deadline(&self) -> Option<Instant> {
            None
        }
    }

    #[test]
    #[should_panic(expected = "and no rest")]
    fn a_machine_that_spins_is_caught() {
        Link::new(end(), End::new(Spinner, |_, (), _, _, _| ()), 5).run();
    }
}
