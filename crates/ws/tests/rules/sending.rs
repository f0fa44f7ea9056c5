//! What leaves, whichever path it takes: masked as the role demands, joined, and fixed once sent.
//! RFC 6455 §5.1, §5.3, §10.3.

use std::collections::BTreeSet;

use bytes::Buf;
use tidewire_ws::{CloseCode, Connection, Prepared};

use crate::kit::{BOTH, Config, Link, Role, secs};

/// Lets the connection write frames of every kind, by command, in answer and by itself.
fn write_all_kinds(link: &mut Link) {
    let (connection, outbox, now) = (&mut link.connection, &mut link.outbox, link.now);
    connection.send_text("text", outbox).unwrap();
    connection.send_binary(b"binary", outbox).unwrap();
    connection.send_prepared(&Prepared::text("prepared"), outbox).unwrap();
    connection.send_prepared(&Prepared::binary(&[7; 70_000]), outbox).unwrap();
    connection.begin_text("begin", outbox).unwrap();
    connection.continue_text("more", outbox).unwrap();
    connection.finish(outbox).unwrap();
    connection.pong(b"unasked", outbox).unwrap();
    connection.ping(b"asked", outbox, now).unwrap();
    link.peer(0x89, b"answered");
    link.wait(secs(25));
}

/// The first byte and the key, if there is one, of each frame.
fn heads(mut bytes: &[u8]) -> Vec<(u8, Option<u32>)> {
    let mut heads = Vec::new();
    while bytes.has_remaining() {
        let (first, second) = (bytes.get_u8(), bytes.get_u8());
        let len = match second & 0x7F {
            126 => bytes.get_u16().into(),
            127 => bytes.get_u64(),
            len => len.into(),
        };
        heads.push((first, (second & 0x80 != 0).then(|| bytes.get_u32())));
        bytes.advance(len as usize);
    }
    heads
}

#[test]
fn client_masks_each_frame_of_every_kind_and_server_none() {
    let last_words: [fn(&mut Link); 3] = [
        |link| {
            link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
            link.peer(0x89, b"not answered while closing");
        },
        |link| drop(link.peer(0x88, b"\x03\xE8")),
        |link| drop(link.feed(&[0xFF])),
    ];
    for role in BOTH {
        for last_word in last_words {
            let mut link = Link::new(role, Config::default());
            write_all_kinds(&mut link);
            last_word(&mut link);
            let heads = heads(&link.written());
            let kinds: Vec<u8> = heads.iter().map(|(first, _)| *first).collect();
            let expected = [0x81, 0x82, 0x81, 0x82, 0x01, 0x00, 0x80, 0x8A, 0x89, 0x8A, 0x89];
            assert_eq!(kinds[..11], expected);
            assert_eq!(kinds[11..], [0x88]);
            let keys: BTreeSet<u32> = heads.iter().filter_map(|(_, key)| *key).collect();
            assert_eq!(keys.len(), if role == Role::Client { heads.len() } else { 0 });
        }
    }
}

#[test]
fn client_takes_a_fresh_key_from_its_source_for_each_frame_and_invents_none() {
    let mut given = 0_u32;
    let entropy = tidewire_core::Entropy::new(move |bytes| {
        for key in bytes.chunks_mut(4) {
            given += 1;
            key.copy_from_slice(&given.to_be_bytes());
        }
    });
    let now = tidewire_core::Instant::ORIGIN;
    let mut client = Connection::client(Config::default(), entropy, now);
    let mut outbox = tidewire_core::Outbox::new();
    for _ in 0..100 {
        client.send_text("same", &mut outbox).unwrap();
    }
    let keys: Vec<u32> = heads(outbox.chunk()).iter().filter_map(|(_, key)| *key).collect();
    assert_eq!(keys, (1..=100).collect::<Vec<_>>());
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_frame_stays_as_it_was_when_it_was_sent() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let mut payload = vec![0; 100_000];
        link.connection.send_binary(&payload, &mut link.outbox).unwrap();
        payload.fill(1);
        assert_eq!(link.frames(), [(0x82, vec![0; 100_000])]);
    }
}

#[test]
fn both_join_a_burst_of_messages_in_one_piece_and_lend_long_ones() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        for _ in 0..1000 {
            link.connection.send_text("news", &mut link.outbox).unwrap();
        }
        assert_eq!(link.outbox.chunk().len(), link.outbox.len());
    }
    let mut link = Link::server();
    let long = Prepared::binary(&[7; 100_000]);
    link.connection.send_prepared(&long, &mut link.outbox).unwrap();
    assert!(link.outbox.chunk().ends_with(long.payload()));
    assert!(link.outbox.capacity() < 1000, "{} bytes", link.outbox.capacity());
}

#[test]
fn a_connection_may_move_to_another_thread() {
    let mut client = Link::client().connection;
    let sent = std::thread::spawn(move || {
        let mut outbox = tidewire_core::Outbox::new();
        client.send_text("from afar", &mut outbox).map(|()| outbox.len())
    });
    assert_eq!(sent.join().unwrap(), Ok(2 + 4 + 9));
}
