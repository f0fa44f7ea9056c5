//! Us, over the inbox and the outbox that a caller owns.

use rand::rngs::StdRng;
use rand::{Rng, make_rng};
use tidewire::core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire::ws::{Config, Connection, Event, Prepared};

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage};
use super::wire::Wire;
use crate::contest::{Case as _, Rank};

pub(crate) const TIDEWIRE: Contestant = Contestant {
    name: "tidewire",
    rank: Rank::Ours,
    note: "payloads lent from the inbox; a server sends from 16 KiB on what it has prepared",
    skill: Skill { receive, send },
};

const NOW: Instant = Instant::ORIGIN;

fn connection(end: End) -> Connection {
    match end {
        End::Server => Connection::server(Config::default(), NOW),
        End::Client => {
            let mut random: StdRng = make_rng();
            let entropy = Entropy::new(move |bytes| random.fill_bytes(bytes));
            Connection::client(Config::default(), entropy, NOW)
        }
    }
}

fn receive(Stage { case, mut wire, .. }: Stage) -> Receive {
    let mut connection = connection(case.end);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    Box::new(move |tally| {
        while tally.count < case.units() {
            wire.fill(&mut inbox.spare(Wire::READ));
            while let Some(event) =
                connection.next_event(&mut inbox, &mut outbox, NOW).expect("the peer is honest")
            {
                match event {
                    Event::Text(text) => tally.take(text.as_bytes()),
                    Event::Binary(bytes) => tally.take(&bytes),
                    _ => {}
                }
            }
        }
    })
}

fn send(Stage { case, messages, mut wire }: Stage) -> Send {
    let mut connection = connection(case.end);
    let mut outbox = Outbox::new();
    if case.end == End::Server && case.burst() == 1 {
        let prepared: Vec<Prepared> = if messages.is_text() {
            messages.texts().map(Prepared::text).collect()
        } else {
            messages.items().iter().map(|item| Prepared::binary(item)).collect()
        };
        return Box::new(move || {
            for message in &prepared {
                connection.send_prepared(message, &mut outbox).expect("it is open");
                outbox.write_to(&mut wire).expect("a sink takes all");
            }
        });
    }
    if messages.is_text() {
        let texts: Vec<String> = messages.texts().map(str::to_owned).collect();
        return Box::new(move || {
            for burst in texts.chunks(case.burst()) {
                for text in burst {
                    connection.send_text(text, &mut outbox).expect("it is open");
                }
                outbox.write_to(&mut wire).expect("a sink takes all");
            }
        });
    }
    Box::new(move || {
        for burst in messages.items().chunks(case.burst()) {
            for bytes in burst {
                connection.send_binary(bytes, &mut outbox).expect("it is open");
            }
            outbox.write_to(&mut wire).expect("a sink takes all");
        }
    })
}
