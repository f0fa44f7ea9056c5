//! A client that follows a log while connections break, transports change and the server leaves.

use tidewire::client::Transport;
use tidewire::hub;
use tidewire_tests::dice::Dice;

use crate::secs;
use crate::world::World;

const ALL: [Transport; 4] =
    [Transport::WebSocket, Transport::EventStream, Transport::LongPoll, Transport::IntervalPoll];

#[test]
fn every_transport_brings_all_there_was_and_all_there_comes() {
    for transport in ALL {
        let mut world = World::new(transport, hub::Config::default(), 1);
        for data in ["one", "two", "three", "four", "five"] {
            world.publish(data);
        }
        world.wait(secs(5));
        assert_eq!(world.taken().len(), 5, "{transport:?}");
        world.publish("six");
        world.wait(secs(5));
        assert_eq!(world.taken()[5..], ["six"], "{transport:?}");
        assert_eq!(world.connections, 1, "{transport:?}");
    }
}

#[test]
fn nothing_is_lost_and_nothing_comes_twice_whatever_breaks() {
    for seed in 0..60 {
        for transport in ALL {
            follow_through(transport, seed);
        }
    }
}

fn follow_through(transport: Transport, seed: u64) {
    let mut dice = Dice::new(seed);
    let mut world = World::new(transport, hub::Config::default(), seed);
    let mut published = vec![];
    for _ in 0..40 {
        for _ in 0..dice.roll(4) {
            published.push(format!("event {}", published.len()));
            world.publish(&published[published.len() - 1]);
        }
        match dice.roll(8) {
            0 | 1 => world.cut_after(dice.roll(6)),
            2 | 3 => world.switch_after(dice.roll(6), ALL[dice.roll(4)]),
            4 => world.leave(),
            _ => world.wait(secs(dice.roll(30) as u64)),
        }
        let taken = world.taken();
        assert_eq!(taken, published[..taken.len()], "{transport:?}, seed {seed}");
    }
    world.wait(secs(300));
    assert_eq!(world.taken(), published, "{transport:?}, seed {seed}");
    assert!(world.connections > 1);
}

#[test]
fn a_quiet_day_costs_few_connections_and_misses_nothing() {
    for transport in ALL {
        let mut world = World::new(transport, hub::Config::default(), 4);
        world.wait(secs(3600));
        world.publish("at last");
        world.wait(secs(5));
        assert_eq!(world.taken(), ["at last"], "{transport:?}");
        // An event stream lives for a minute here; the others keep their connection.
        assert!(world.connections <= 80, "{transport:?}: {}", world.connections);
    }
}

#[test]
fn a_poller_that_was_away_too_long_is_told_so_and_goes_on() {
    for transport in [Transport::LongPoll, Transport::IntervalPoll] {
        let mut config = hub::Config::default();
        config.max_events = 2;
        let mut world = World::new(transport, config, 4);
        world.publish("one");
        world.wait(secs(2));
        world.cut_after(0);
        for data in ["two", "three", "four"] {
            world.publish(data);
        }
        world.wait(secs(60));
        assert_eq!(world.taken(), ["one", "reset", "three", "four"], "{transport:?}");
    }
}
