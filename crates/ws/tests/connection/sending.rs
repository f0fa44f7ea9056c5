//! What the commands write, and what they refuse.

use tidewire_ws::{CloseCode, Connection, FrameHeader, Prepared, SendError};

use crate::kit::{BOTH, Config, Link, Role, hex};

#[test]
fn server_sends_unmasked_frames() {
    let mut link = Link::server();
    link.connection.send_text("Hello", &mut link.outbox).unwrap();
    assert_eq!(link.written(), hex("8105 48656c6c6f"));
    link.connection.send_binary(&[9; 256], &mut link.outbox).unwrap();
    assert_eq!(link.written(), [&hex("827e 0100")[..], &[9; 256]].concat());
    link.connection.send_binary(&[9; 65_536], &mut link.outbox).unwrap();
    assert_eq!(link.written()[..10], hex("827f 0000000000010000"));
}

const FRAMES: usize = if cfg!(miri) { 20 } else { 1000 };

#[test]
fn client_masks_each_frame_with_a_fresh_key() {
    let mut link = Link::client();
    let mut keys = std::collections::BTreeSet::new();
    for _ in 0..FRAMES {
        link.connection.send_text("Hello", &mut link.outbox).unwrap();
        let bytes = link.written();
        assert_eq!(bytes[..2], hex("8185"));
        let plain = bytes[6..].iter().zip(&bytes[2..6].repeat(2)).map(|(a, b)| a ^ b).collect();
        assert_eq!(String::from_utf8(plain), Ok("Hello".into()));
        keys.insert(bytes[2..6].to_vec());
    }
    assert_eq!(keys.len(), FRAMES);
}

#[test]
fn both_send_a_message_in_fragments_with_control_frames_between() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let (connection, outbox) = (&mut link.connection, &mut link.outbox);
        connection.begin_text("Hel", outbox).unwrap();
        connection.pong(b"!", outbox).unwrap();
        connection.continue_text("lo", outbox).unwrap();
        connection.finish(outbox).unwrap();
        connection.begin_binary(b"", outbox).unwrap();
        connection.continue_binary(b"x", outbox).unwrap();
        connection.finish(outbox).unwrap();
        connection.send_text("next", outbox).unwrap();
        let expected: [(u8, &[u8]); 8] = [
            (0x01, b"Hel"),
            (0x8A, b"!"),
            (0x00, b"lo"),
            (0x80, b""),
            (0x02, b""),
            (0x00, b"x"),
            (0x80, b""),
            (0x81, b"next"),
        ];
        assert_eq!(link.frames(), expected.map(|(first, payload)| (first, payload.to_vec())));
    }
}

#[test]
fn both_refuse_to_mix_messages() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let (connection, outbox) = (&mut link.connection, &mut link.outbox);
        assert_eq!(connection.continue_text("x", outbox), Err(SendError::NoMessage));
        assert_eq!(connection.continue_binary(b"x", outbox), Err(SendError::NoMessage));
        assert_eq!(connection.finish(outbox), Err(SendError::NoMessage));
        assert!(outbox.is_empty());

        connection.begin_text("x", outbox).unwrap();
        let len = outbox.len();
        let under_way = Err(SendError::MessageUnderWay);
        assert_eq!(connection.send_text("y", outbox), under_way);
        assert_eq!(connection.send_binary(b"y", outbox), under_way);
        assert_eq!(connection.send_prepared(&Prepared::text("y"), outbox), under_way);
        assert_eq!(connection.begin_text("y", outbox), under_way);
        assert_eq!(connection.begin_binary(b"y", outbox), under_way);
        assert_eq!(connection.continue_binary(b"y", outbox), Err(SendError::NoMessage));
        assert_eq!(outbox.len(), len);
        assert_eq!(connection.finish(outbox), Ok(()));
    }
}

#[test]
fn both_refuse_what_would_pass_the_outbox_bound() {
    for role in BOTH {
        let mut config = Config::default();
        config.max_outbox_bytes = 100;
        let mut link = Link::new(role, config);
        let (connection, outbox) = (&mut link.connection, &mut link.outbox);
        let header = if role == Role::Server { 2 } else { 6 };
        let full = Err(SendError::OutboxFull { limit_bytes: 100 });
        connection.send_binary(&vec![0; 50 - header], outbox).unwrap();
        let (fits, too_much) = (vec![b'x'; 50 - header], vec![b'x'; 51 - header]);
        let text = std::str::from_utf8(&too_much).unwrap();
        assert_eq!(connection.send_binary(&too_much, outbox), full);
        assert_eq!(connection.send_text(text, outbox), full);
        assert_eq!(connection.send_prepared(&Prepared::binary(&too_much), outbox), full);
        assert_eq!(connection.begin_text(text, outbox), full);
        assert_eq!(connection.ping(&too_much, outbox, link.now), full);
        assert_eq!(connection.pong(&too_much, outbox), full);
        assert_eq!(outbox.len(), 50);
        assert_eq!(connection.send_prepared(&Prepared::binary(&fits), outbox), Ok(()));
        assert_eq!(outbox.len(), 100);
        assert_eq!(connection.send_binary(b"", outbox), full);
        assert_eq!(connection.close(CloseCode::NORMAL, "", outbox, link.now), Ok(()));
    }
}

#[test]
fn both_send_a_message_longer_than_the_bound_from_an_empty_outbox() {
    for role in BOTH {
        let mut config = Config::default();
        config.max_outbox_bytes = 10;
        let mut link = Link::new(role, config);
        link.connection.send_binary(&[1; 1000], &mut link.outbox).unwrap();
        let full = Err(SendError::OutboxFull { limit_bytes: 10 });
        assert_eq!(link.connection.send_binary(b"", &mut link.outbox), full);
        assert_eq!(link.frames(), [(0x82, vec![1; 1000])]);
    }
}

#[test]
fn both_refuse_a_control_payload_of_126_bytes() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let (connection, outbox) = (&mut link.connection, &mut link.outbox);
        assert_eq!(connection.ping(&[0; 126], outbox, link.now), Err(SendError::PayloadTooLong));
        assert_eq!(connection.pong(&[0; 126], outbox), Err(SendError::PayloadTooLong));
        assert!(outbox.is_empty());
        assert_eq!(connection.ping(&[0; 125], outbox, link.now), Ok(()));
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_send_a_prepared_message_as_if_it_were_sent_now() {
    for role in BOTH {
        for len in [0, 5, 600, 70_000] {
            let text = "x".repeat(len);
            let mut link = Link::new(role, Config::default());
            let (connection, outbox) = (&mut link.connection, &mut link.outbox);
            connection.send_prepared(&Prepared::text(&text), outbox).unwrap();
            connection.send_prepared(&Prepared::binary(text.as_bytes()), outbox).unwrap();
            let bytes = text.clone().into_bytes();
            assert_eq!(link.frames(), [(0x81, bytes.clone()), (0x82, bytes)]);
        }
    }
}

#[test]
fn an_idle_connection_is_small() {
    assert!(size_of::<Connection>() <= 512, "{} bytes", size_of::<Connection>());
    assert!(size_of::<tidewire_ws::Error>() <= 24);
    assert_eq!(FrameHeader::MAX_LEN, 14);
}
