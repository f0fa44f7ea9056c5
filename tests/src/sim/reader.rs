//! A reader: a client over whatever transport, what it does with what it is told, and its account. What
//! happens between it and the server is the world's business.

use bytes::Bytes;
use tidewire::client::{Event, Received};
use tidewire::core::{Inbox, Instant, Outbox};
use tidewire::hub::{Cursor, Start};

use super::account::Account;
use super::book::Book;
use super::clock::Clock;
use super::document::{self, Note, number};
use super::ends::Who;
use super::machine::Machine;
use super::phone::Phone;
use super::way::Way;
use crate::dice::Dice;

/// Someone who follows some topics.
pub(super) struct Reader {
    /// Which reader it is, and what it wants to follow.
    who: Who,
    machine: Machine,
    pub(super) way: Way,
    pub(super) clock: Clock,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) wire: Option<usize>,
    pub(super) account: Account,
    /// Where it begins if it has been told nothing yet.
    start: Start,
    /// What becomes of the next thing that it is told.
    pub(super) mood: Mood,
    /// It takes its bytes in drips.
    pub(super) drips: bool,
    pub(super) is_gone: bool,
}

/// What becomes of what a reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// It is taken.
    Takes,
    /// The reader crashes before it is taken.
    Crashes,
    /// It is refused, if it can be.
    Refuses,
}

/// What is to be done with a reader that has been run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Waits,
    /// It crashed.
    Crashes,
    /// It was told that nothing comes any more.
    IsOver,
}

impl Reader {
    pub(super) fn new(number: usize, dice: &mut Dice, world: Instant) -> Self {
        let way = [
            Way::WebSocket,
            Way::EventStream,
            Way::LongPoll,
            Way::LongPoll,
            Way::IntervalPoll,
            Way::Browser,
            Way::Phone,
            Way::Talker,
        ][dice.roll(8)];
        // Some follow the same, for held polls to share answers.
        let topics = [1, 1, 3, 8, 15, 1 + dice.roll(15) as u8][dice.roll(6)];
        let start = match way {
            Way::Browser | Way::Talker => Start::Oldest,
            _ => [Start::Oldest, Start::Now, Start::Last(3)][dice.roll(3)],
        };
        let (clock, who) = (Clock::new(), Who { topics, member: number as u64 });
        Self {
            who,
            machine: Machine::new(who, way, start, dice, clock.now(world)),
            way,
            clock,
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            wire: None,
            account: Account::new(who),
            start,
            mood: Mood::Takes,
            drips: false,
            is_gone: false,
        }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        self.machine.connect_at()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.wire.is_some() { self.machine.deadline() } else { self.connect_at() }
    }

    pub(super) fn connected(&mut self, wire: usize, now: Instant) {
        (self.inbox, self.outbox, self.wire) = (Inbox::new(), Outbox::new(), Some(wire));
        self.account.follows_now(self.who.topics);
        self.machine.connected(self.who, self.goes_on(), &mut self.outbox, now);
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        self.wire = None;
        self.machine.disconnected(now);
    }

    /// Goes on over another transport.
    pub(super) fn switch(&mut self, way: Way, now: Instant) {
        let (Machine::Client(client), Some(transport)) = (&mut self.machine, way.transport())
        else {
            return;
        };
        client.switch(transport, now);
        (self.way, self.wire) = (way, None);
    }

    /// Follows other topics from now on, if it can say so.
    pub(super) fn change(&mut self, topics: u8) {
        if let Machine::Talker(talker) = &mut self.machine {
            talker.wants(topics);
            self.who.topics = topics;
        }
    }

    /// The machine of a reader that can be hidden and put away.
    pub(super) fn phone(&mut self) -> Option<&mut Phone> {
        match &mut self.machine {
            Machine::Phone(phone) => Some(phone),
            _ => None,
        }
    }

    /// Goes on, or ends its side, while a poll may be held for it; nothing, if it cannot.
    pub(super) fn hasten(&mut self, ends: bool, now: Instant) {
        if let (Machine::Phone(phone), Some(_)) = (&mut self.machine, self.wire) {
            match ends {
                true => phone.end_side(&mut self.outbox),
                false => phone.send_ahead(&mut self.outbox, now),
            }
        }
    }

    /// Whether its side has ended, and it is through with the connection.
    pub(super) fn has_left(&self) -> bool {
        let only_reads = matches!(&self.machine, Machine::Phone(phone) if phone.only_reads());
        self.outbox.is_finished() && !only_reads
    }

    /// Forgets all that it knew, and wants only what is new.
    pub(super) fn begin_anew(&mut self, dice: &mut Dice, now: Instant) {
        (self.account, self.start) = (Account::new(self.who), Start::Now);
        self.restart(dice, now);
    }

    /// Begins again from what it kept.
    pub(super) fn restart(&mut self, dice: &mut Dice, now: Instant) {
        self.machine = Machine::new(self.who, self.way, self.goes_on(), dice, now);
        (self.wire, self.mood) = (None, Mood::Takes);
        if let Way::Browser = self.way {
            self.account = Account::new(self.who);
        }
    }

    /// Takes what it is told, until there is nothing.
    pub(super) fn step(&mut self, book: &Book, now: Instant) -> Step {
        for steps in 0.. {
            assert!(steps < 10_000, "Quiet: a reader never rests");
            let Some(event) = self.machine.next_event(&mut self.inbox, &mut self.outbox, now)
            else {
                break;
            };
            if self.mood == Mood::Crashes && event != Event::Open {
                return Step::Crashes;
            }
            self.on_event(event, book, now);
        }
        if let Some(status) = self.machine.stopped() {
            assert_eq!(status, 403, "it gave up");
            self.account.is_refused(book);
        }
        if self.account.is_over() {
            return Step::IsOver;
        }
        let deadline = self.deadline();
        assert!(deadline.is_none_or(|at| at > now), "Quiet: due at {deadline:?}, now is {now:?}");
        Step::Waits
    }

    fn on_event(&mut self, event: Event, book: &Book, now: Instant) {
        match event {
            Event::Open => {}
            Event::Message(message) => {
                let message = text(&message);
                let cursor = match document::read_change(message) {
                    Some((topics, cursor)) => {
                        self.account.moves(cursor, book);
                        self.account.follows_now(topics);
                        cursor
                    }
                    None => take(message, &mut self.account, book),
                };
                self.machine.seen(cursor);
            }
            Event::Received(Received { name, data, id }) => {
                assert_eq!(name == "reset", document::read_gap(&data).is_some(), "{name}: {data}");
                let cursor = take(&data, &mut self.account, book);
                assert_eq!(number::<Cursor>(&id), cursor, "the ID of an event is its cursor");
            }
            Event::Answer { .. } if self.mood == Mood::Refuses => {
                self.mood = Mood::Takes;
                self.machine.rejected(now);
            }
            Event::Answer { body, .. } if document::is_garbage(&body) => self.machine.rejected(now),
            Event::Answer { is_reset: true, body } => {
                let next = take(text(&body), &mut self.account, book);
                self.machine.delivered(next, true, None, now);
            }
            Event::Answer { is_reset: false, body } => {
                let answer = document::read_answer(&body);
                let mut lines = answer.events.clone();
                let has_events = lines.any(|line| document::read_end(line).is_none());
                let is_news = self.machine.is_news(answer.next);
                assert!(is_news || !has_events, "an answer with events is taken for a replay");
                for event in answer.events {
                    take(event, &mut self.account, book);
                }
                if !self.account.is_over() {
                    self.account.moves(answer.next, book);
                }
                self.machine.delivered(answer.next, answer.more, Some(answer.poll_after), now);
            }
            Event::Skipped(limit) => panic!("an event was passed over: {limit}"),
        }
        if let Some(Start::After(position)) = self.machine.position()
            && !self.account.is_over()
        {
            self.account.begins(position);
            assert_eq!(self.account.position(), Some(position), "where the client stands");
        }
    }

    /// Where it goes on, or begins if it has been told nothing yet.
    fn goes_on(&self) -> Start {
        self.account.position().map_or(self.start, Start::After)
    }
}

/// Takes an event, or the word that there is a gap or an end. Returns where the reader stands then.
fn take(text: &str, account: &mut Account, book: &Book) -> Cursor {
    if let Some((ending, at)) = document::read_end(text) {
        account.ends(ending, at, book);
        return at;
    }
    if let Some((resume, told)) = document::read_gap(text) {
        account.resets(resume, told);
        return resume;
    }
    let (cursor, note) = Note::read(text);
    account.takes(cursor, note, book);
    cursor
}

fn text(bytes: &Bytes) -> &str {
    std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("garbled: {bytes:?}"))
}
