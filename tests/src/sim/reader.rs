//! A reader: a client over whatever transport, what it does with what it is told, and its account. What
//! happens between it and the server is the world's business.

use bytes::Bytes;
use tidewire::client::{Client, Event, Received, Transport};
use tidewire::core::{Inbox, Instant, Outbox, Protocol};
use tidewire::hub::{Cursor, Start};

use super::account::Account;
use super::book::Book;
use super::browser::Browser;
use super::clock::Clock;
use super::document::{self, Note, number};
use super::plan;
use crate::dice::Dice;

/// Someone who follows some topics.
pub(super) struct Reader {
    number: usize,
    topics: u8,
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

/// How a reader follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    WebSocket,
    EventStream,
    LongPoll,
    IntervalPoll,
    /// As browsers do it. It never changes.
    Browser,
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

enum Machine {
    Client(Box<Client>),
    Browser(Box<Browser>),
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
        ][dice.roll(6)];
        // Some follow the same, for held polls to share answers.
        let topics = [1, 1, 3, 8, 15, 1 + dice.roll(15) as u8][dice.roll(6)];
        let start = match way {
            Way::Browser => Start::Oldest,
            _ => [Start::Oldest, Start::Now, Start::Last(3)][dice.roll(3)],
        };
        let clock = Clock::new();
        Self {
            number,
            topics,
            machine: machine(number, topics, way, start, dice, clock.now(world)),
            way,
            clock,
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            wire: None,
            account: Account::new(topics),
            start,
            mood: Mood::Takes,
            drips: false,
            is_gone: false,
        }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match &self.machine {
            Machine::Client(client) => client.connect_at(),
            Machine::Browser(browser) => browser.connect_at(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.machine {
            _ if self.wire.is_none() => self.connect_at(),
            Machine::Client(client) => client.deadline(),
            Machine::Browser(browser) => browser.deadline(),
        }
    }

    pub(super) fn connected(&mut self, wire: usize, now: Instant) {
        (self.inbox, self.outbox, self.wire) = (Inbox::new(), Outbox::new(), Some(wire));
        match &mut self.machine {
            Machine::Client(client) => {
                client.connected(&mut self.outbox, now).expect("the configuration can be sent");
            }
            Machine::Browser(browser) => browser.connected(&mut self.outbox, now),
        }
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        self.wire = None;
        match &mut self.machine {
            Machine::Client(client) => client.disconnected(now),
            Machine::Browser(browser) => browser.disconnected(now),
        }
    }

    /// Goes on over another transport.
    pub(super) fn switch(&mut self, way: Way, now: Instant) {
        let Machine::Client(client) = &mut self.machine else { return };
        client.switch(way.transport(), now);
        (self.way, self.wire) = (way, None);
    }

    /// Begins again from what it kept.
    pub(super) fn restart(&mut self, dice: &mut Dice, now: Instant) {
        let start = self.account.position().map_or(self.start, Start::After);
        self.machine = machine(self.number, self.topics, self.way, start, dice, now);
        (self.wire, self.mood) = (None, Mood::Takes);
        if let Way::Browser = self.way {
            self.account = Account::new(self.topics);
        }
    }

    /// Takes what it is told, until there is nothing. `false` if it crashed.
    pub(super) fn step(&mut self, book: &Book, now: Instant) -> bool {
        for steps in 0.. {
            assert!(steps < 10_000, "Quiet: a reader never rests");
            let event = match &mut self.machine {
                Machine::Client(client) => {
                    match client.next_event(&mut self.inbox, &mut self.outbox, now) {
                        Ok(event) => event,
                        Err(_) => continue,
                    }
                }
                Machine::Browser(browser) => {
                    browser.next_event(&mut self.inbox, &mut self.outbox, now).map(Event::Received)
                }
            };
            let Some(event) = event else { break };
            if self.mood == Mood::Crashes && event != Event::Open {
                return false;
            }
            self.on_event(event, book, now);
        }
        if let Machine::Client(client) = &self.machine {
            assert_eq!(client.stopped(), None, "a client gave up");
        }
        let deadline = self.deadline();
        assert!(deadline.is_none_or(|at| at > now), "Quiet: due at {deadline:?}, now is {now:?}");
        true
    }

    fn on_event(&mut self, event: Event, book: &Book, now: Instant) {
        match event {
            Event::Open => {}
            Event::Message(message) => {
                let cursor = take(&text(&message), &mut self.account, book);
                self.client().seen(cursor);
            }
            Event::Received(Received { name, data, id }) => {
                assert_eq!(name == "reset", document::read_gap(&data).is_some(), "{name}: {data}");
                let cursor = take(&data, &mut self.account, book);
                assert_eq!(number::<Cursor>(&id), cursor, "the ID of an event is its cursor");
            }
            Event::Answer { .. } if self.mood == Mood::Refuses => {
                self.mood = Mood::Takes;
                self.client().rejected(now);
            }
            Event::Answer { is_reset: true, body } => {
                let next = take(&text(&body), &mut self.account, book);
                self.client().delivered(next, true, None, now);
            }
            Event::Answer { is_reset: false, body } => {
                let answer = document::read_answer(&body);
                let has_events = answer.events.clone().next().is_some();
                let is_news = self.client().is_news(answer.next);
                assert!(is_news || !has_events, "an answer with events is taken for a replay");
                for event in answer.events {
                    take(event, &mut self.account, book);
                }
                self.account.moves(answer.next, book);
                self.client().delivered(answer.next, answer.more, Some(answer.poll_after), now);
            }
            Event::Skipped(limit) => panic!("an event was passed over: {limit}"),
        }
        let Machine::Client(client) = &self.machine else { return };
        let Start::After(position) = client.position() else { return };
        self.account.begins(position);
        assert_eq!(self.account.position(), Some(position), "where the client stands");
    }

    fn client(&mut self) -> &mut Client {
        match &mut self.machine {
            Machine::Client(client) => client,
            Machine::Browser(_) => panic!("a browser is told events alone"),
        }
    }
}

impl Way {
    pub(super) const CLIENTS: [Self; 4] =
        [Self::WebSocket, Self::EventStream, Self::LongPoll, Self::IntervalPoll];

    pub(super) fn is_stream(self) -> bool {
        matches!(self, Self::WebSocket | Self::EventStream | Self::Browser)
    }

    fn transport(self) -> Transport {
        match self {
            Self::WebSocket => Transport::WebSocket,
            Self::EventStream | Self::Browser => Transport::EventStream,
            Self::LongPoll => Transport::LongPoll,
            Self::IntervalPoll => Transport::IntervalPoll,
        }
    }
}

fn machine(
    number: usize,
    topics: u8,
    way: Way,
    start: Start,
    dice: &mut Dice,
    now: Instant,
) -> Machine {
    let mut seeds = Dice::new(dice.bits());
    if let Way::Browser = way {
        return Machine::Browser(Box::new(Browser::new(topics, seeds, now)));
    }
    let entropy = move || Dice::new(seeds.bits()).entropy();
    let config = plan::client(number, topics);
    Machine::Client(Box::new(Client::new(config, way.transport(), start, entropy, now)))
}

/// Takes an event, or the word that there is a gap. Returns where the reader stands then.
fn take(text: &str, account: &mut Account, book: &Book) -> Cursor {
    if let Some(resume) = document::read_gap(text) {
        account.resets(resume);
        return resume;
    }
    let (cursor, note) = Note::read(text);
    account.takes(cursor, note, book);
    cursor
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
