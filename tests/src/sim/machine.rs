//! The machines by which readers follow, one for each way. What a reader does with what it is told is
//! `reader`'s business.

use std::time::Duration;

use tidewire::client::{Client, Event, Stop};
use tidewire::core::{Inbox, Instant, Outbox, Protocol};
use tidewire::hub::{Cursor, Start};

use super::browser::Browser;
use super::ends::Who;
use super::phone::Phone;
use super::plan;
use super::talker::Talker;
use super::way::Way;
use crate::dice::Dice;

/// A machine that follows.
pub(super) enum Machine {
    Client(Box<Client>),
    Browser(Box<Browser>),
    Phone(Box<Phone>),
    Talker(Box<Talker>),
}

impl Machine {
    pub(super) fn new(who: Who, way: Way, start: Start, dice: &mut Dice, now: Instant) -> Self {
        let mut seeds = Dice::new(dice.bits());
        let transport = match (way, way.transport()) {
            (_, Some(transport)) => transport,
            (Way::Phone, None) => return Self::Phone(Box::new(Phone::new(who, start, seeds, now))),
            (Way::Talker, None) => return Self::Talker(Box::new(Talker::new(seeds, now))),
            (_, None) => return Self::Browser(Box::new(Browser::new(who, seeds, now))),
        };
        let entropy = move || Dice::new(seeds.bits()).entropy();
        let client = Client::new(plan::client(who), transport, start, entropy, now);
        Self::Client(Box::new(client))
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match self {
            Self::Client(client) => client.connect_at(),
            Self::Browser(browser) => browser.connect_at(),
            Self::Phone(phone) => phone.connect_at(),
            Self::Talker(talker) => talker.connect_at(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Client(client) => client.deadline(),
            Self::Browser(browser) => browser.deadline(),
            Self::Phone(phone) => phone.deadline(),
            Self::Talker(talker) => talker.deadline(),
        }
    }

    /// A connection was opened. Who keeps no position of its own goes on behind `after`.
    pub(super) fn connected(&mut self, who: Who, after: Start, outbox: &mut Outbox, now: Instant) {
        match self {
            Self::Client(client) => {
                client.connected(outbox, now).expect("the configuration can be sent");
            }
            Self::Browser(browser) => browser.connected(outbox, now),
            Self::Phone(phone) => phone.connected(),
            Self::Talker(talker) => talker.connected(who, after, outbox, now),
        }
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        match self {
            Self::Client(client) => client.disconnected(now),
            Self::Browser(browser) => browser.disconnected(now),
            Self::Phone(phone) => phone.disconnected(now),
            Self::Talker(talker) => talker.disconnected(now),
        }
    }

    pub(super) fn next_event(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Option<Event> {
        match self {
            Self::Client(client) => loop {
                // An error ends the connection, and then there is nothing more.
                if let Ok(event) = client.next_event(inbox, outbox, now) {
                    return event;
                }
            },
            Self::Browser(browser) => browser.next_event(inbox, outbox, now).map(Event::Received),
            Self::Phone(phone) => phone.next_event(inbox, outbox, now),
            Self::Talker(talker) => talker.next_event(inbox, outbox, now).map(Event::Message),
        }
    }

    /// The status because of which it gave up, if it did.
    pub(super) fn stopped(&self) -> Option<u16> {
        match self {
            Self::Client(client) => client.stopped().map(|stop| match stop {
                Stop::Status(status) => status,
                other => panic!("a client gave up: {other}"),
            }),
            Self::Browser(browser) => browser.stopped(),
            Self::Phone(phone) => phone.stopped(),
            Self::Talker(talker) => talker.stopped(),
        }
    }

    /// Where it stands, if it keeps that itself.
    pub(super) fn position(&self) -> Option<Start> {
        match self {
            Self::Client(client) => Some(client.position()),
            Self::Phone(phone) => Some(phone.position()),
            Self::Browser(_) | Self::Talker(_) => None,
        }
    }

    /// A message was taken.
    pub(super) fn seen(&mut self, cursor: Cursor) {
        if let Self::Client(client) = self {
            client.seen(cursor);
        }
    }

    pub(super) fn is_news(&self, next: Cursor) -> bool {
        match self {
            Self::Client(client) => client.is_news(next),
            Self::Phone(phone) => phone.is_news(next),
            Self::Browser(_) | Self::Talker(_) => panic!("a stream has no answers"),
        }
    }

    /// An answer was taken.
    pub(super) fn delivered(
        &mut self,
        next: Cursor,
        more: bool,
        poll_after: Option<Duration>,
        now: Instant,
    ) {
        match self {
            Self::Client(client) => client.delivered(next, more, poll_after, now),
            Self::Phone(phone) => phone.delivered(next, more, poll_after, now),
            Self::Browser(_) | Self::Talker(_) => panic!("a stream has no answers"),
        }
    }

    /// An answer made no sense.
    pub(super) fn rejected(&mut self, now: Instant) {
        match self {
            Self::Client(client) => client.rejected(now),
            Self::Phone(phone) => phone.rejected(now),
            Self::Browser(_) | Self::Talker(_) => panic!("a stream has no answers"),
        }
    }
}
