//! What floods cost, counted at the allocator.

use allocation_counter::measure;
use bytes::Buf;
use tidewire_core::{Inbox, Outbox, Protocol};
use tidewire_ws::{Connection, SendError};

use crate::kit::{BOTH, Config, Link};

fn boundless() -> Config {
    let mut config = Config::default();
    config.max_empty_fragments = u32::MAX;
    config.max_control_frames_per_second = u32::MAX;
    config
}

/// Takes bytes and expects that nothing comes of them.
fn swallow(link: &mut Link, bytes: &[u8]) {
    link.inbox.push(bytes);
    assert!(matches!(
        link.connection.next_event(&mut link.inbox, &mut link.outbox, link.now),
        Ok(None)
    ));
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_million_empty_fragments_hold_nothing() {
    for role in BOTH {
        let mut link = Link::new(role, boundless());
        let (first, more) = (link.frame(0x01, b""), link.frame(0x00, b"").repeat(1000));
        let taken = measure(|| {
            swallow(&mut link, &first);
            for _ in 0..1000 {
                swallow(&mut link, &more);
            }
        });
        assert!(taken.bytes_max < 32 * 1024, "{} bytes", taken.bytes_max);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_million_fragments_of_one_byte_hold_little_more_than_their_bytes() {
    for role in BOTH {
        let mut link = Link::new(role, boundless());
        let (first, more) = (link.frame(0x02, b"x"), link.frame(0x00, b"x").repeat(1000));
        let taken = measure(|| {
            swallow(&mut link, &first);
            for _ in 0..1000 {
                swallow(&mut link, &more);
            }
        });
        // The buffer doubles when it grows, and for a moment the old half is there, too.
        assert!(taken.bytes_max < 4 << 20, "{} bytes", taken.bytes_max);
        assert!(taken.bytes_current < (2 << 20) + 32 * 1024, "{} bytes", taken.bytes_current);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_peer_that_never_reads_costs_no_more_than_the_outbox_bound() {
    for role in BOTH {
        let mut config = boundless();
        config.max_outbox_bytes = 64 * 1024;
        let mut link = Link::new(role, config);
        let pings = link.frame(0x89, &[7; 125]).repeat(100);
        let Link { connection, inbox, outbox, now, .. } = &mut link;
        let mut round = |rounds: usize| {
            let mut refused = 0;
            for _ in 0..rounds {
                refused += usize::from(send(connection, outbox));
                inbox.push(&pings);
                while let Ok(Some(_)) = connection.next_event(inbox, outbox, *now) {}
            }
            refused
        };
        let taken = measure(|| assert!(round(500) > 400));
        assert!(taken.bytes_max < 4 * 64 * 1024, "{} bytes", taken.bytes_max);
        let more = measure(|| assert_eq!(round(5000), 5000));
        assert_eq!((more.count_total, more.bytes_max), (0, 0));
        assert!(outbox.len() <= 64 * 1024, "{} bytes wait", outbox.len());
    }
}

/// Whether the message was refused.
fn send(connection: &mut Connection, outbox: &mut Outbox) -> bool {
    match connection.send_binary(&[7; 1000], outbox) {
        Ok(()) => false,
        Err(SendError::OutboxFull { .. }) => true,
        Err(error) => panic!("{error}"),
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_slow_reader_gets_every_message_that_was_taken_and_costs_the_same_all_the_time() {
    for role in BOTH {
        let mut config = boundless();
        config.max_outbox_bytes = 16 * 1024;
        let mut link = Link::new(role, config);
        let Link { connection, outbox, .. } = &mut link;
        let (mut taken, mut read) = (0, 0);
        let mut round = |rounds: usize| {
            for _ in 0..rounds {
                taken += usize::from(!send(connection, outbox));
                let step = outbox.len().min(300);
                outbox.advance(step);
                read += step;
            }
        };
        round(1000);
        let later = measure(|| round(10_000));
        assert!(later.bytes_max < 64 * 1024, "{} bytes", later.bytes_max);
        assert!(later.bytes_current <= 0, "{} bytes", later.bytes_current);
        read += outbox.len();
        let frame = if role == crate::kit::Role::Server { 1004 } else { 1008 };
        assert_eq!(read, taken * frame);
    }
}

#[test]
fn a_connection_without_traffic_needs_no_buffer() {
    for role in BOTH {
        let mut link = Link::new(role, boundless());
        let frame = link.frame(0x81, b"news");
        link.inbox.push(&frame);
        assert!(link.next().is_some());
        link.inbox.release();
        link.outbox.release();
        assert_eq!((link.inbox.capacity(), link.outbox.capacity()), (0, 0));
        assert_eq!(link.inbox.room(), Inbox::DEFAULT_LIMIT);
    }
}
