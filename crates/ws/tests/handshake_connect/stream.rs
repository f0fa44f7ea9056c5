//! What becomes of a connection whose transport is a stream.

use bytes::Buf;
use tidewire_core::Instant;
use tidewire_ws::{CloseCode, SendError};

use crate::wire::{Cut, End, Frame, deliver, ones, talk, threes, whole};

const CUTS: [Cut; 3] = [whole, threes, ones];
const CLEAN: &str = "clean: true";
const ABNORMAL: &str = "code: None, reason: \"\", clean: false, by: Peer";

/// Both ends, after some talk.
fn talked(cut: Cut) -> (End, End) {
    let (mut client, mut server) = (End::client(), End::server());
    client.connection.send_text("à bientôt", &mut client.outbox).unwrap();
    client.connection.send_binary(&[7; 300], &mut client.outbox).unwrap();
    server.connection.send_text("welcome", &mut server.outbox).unwrap();
    talk(&mut client, &mut server, cut);
    (client, server)
}

#[test]
fn where_data_frames_are_cut_means_nothing() {
    let (expected_client, expected_server) = talked(whole);
    assert_eq!((expected_client.told.len(), expected_server.told.len()), (1, 2));
    for cut in CUTS {
        let (client, server) = talked(cut);
        assert_eq!(client.told, expected_client.told);
        assert_eq!(server.told, expected_server.told);
        assert!(client.connection.is_open() && server.connection.is_open());
    }
}

#[test]
fn data_without_payload_is_not_the_end() {
    let (mut client, mut server) = talked(whole);
    for end in [&mut client, &mut server] {
        let told = end.told.len();
        deliver(end, vec![Frame::Data(vec![]); 1000]);
        assert!(end.connection.is_open() && !end.inbox.is_ended());
        assert_eq!(end.told.len(), told);
    }
}

#[test]
fn an_end_of_stream_behind_both_closes_is_a_clean_end() {
    for cut in CUTS {
        for client_begins in [true, false] {
            let (mut client, mut server) = talked(cut);
            let first = if client_begins { &mut client } else { &mut server };
            let (code, now) = (CloseCode::GOING_AWAY, Instant::ORIGIN);
            first.connection.close(code, "bye", &mut first.outbox, now).unwrap();
            talk(&mut client, &mut server, cut);
            for end in [&client, &server] {
                let last = end.told.last().unwrap();
                assert!(last.contains("CloseCode(1001)") && last.contains(CLEAN), "{last}");
                let closed = end.told.iter().filter(|told| told.starts_with("Closed")).count();
                assert_eq!(closed, 1, "{:?}", end.told);
                assert!(end.outbox.is_finished() && end.inbox.is_ended());
            }
        }
    }
}

#[test]
fn an_end_of_stream_in_the_same_frames_as_the_close_is_a_clean_end() {
    let mut server = End::server();
    server.receive(Frame::Data(b"\x88\x82\0\0\0\0\x03\xe8".to_vec()));
    server.receive(Frame::EndStream);
    server.run();
    assert!(server.told[0].contains(CLEAN), "{:?}", server.told);
    assert_eq!(server.outbox.chunk(), b"\x88\x02\x03\xe8");
}

#[test]
fn an_end_of_stream_or_a_reset_without_a_close_is_1006() {
    for (cut, frame) in
        CUTS.into_iter().flat_map(|cut| [Frame::EndStream, Frame::Reset].map(|frame| (cut, frame)))
    {
        let (client, server) = talked(cut);
        for mut end in [client, server] {
            deliver(&mut end, [frame.clone()]);
            assert!(end.told.last().unwrap().contains(ABNORMAL), "{:?}", end.told);
            assert!(!end.connection.is_open());
            assert_eq!(end.connection.send_text("late", &mut end.outbox), Err(SendError::NotOpen));
        }
    }
}

#[test]
fn a_reset_inside_a_message_drops_what_came_of_it() {
    let mut server = End::server();
    deliver(&mut server, threes(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d"));
    deliver(&mut server, [Frame::Reset]);
    assert_eq!(server.told.len(), 1, "{:?}", server.told);
    assert!(server.told[0].contains(ABNORMAL), "{:?}", server.told);
}

#[test]
fn a_reset_that_crosses_our_close_is_1006() {
    let (mut client, _) = talked(whole);
    let now = Instant::ORIGIN;
    client.connection.close(CloseCode::NORMAL, "", &mut client.outbox, now).unwrap();
    deliver(&mut client, [Frame::Reset]);
    let last = client.told.last().unwrap();
    assert!(last.contains("code: None") && last.contains("clean: false"), "{last}");
}

#[test]
fn a_client_masks_over_a_stream_and_a_server_refuses_one_that_does_not() {
    let mut client = End::client();
    client.connection.send_text("a", &mut client.outbox).unwrap();
    assert_eq!(client.outbox.chunk()[1] & 0x80, 0x80);
    let mut server = End::server();
    deliver(&mut server, threes(b"\x81\x01a"));
    assert_eq!(server.told, ["Unmasked"]);
    assert_eq!(&server.outbox.chunk()[..4], b"\x88\x02\x03\xea");
    assert!(server.outbox.is_ended());
}

#[test]
fn credit_is_returned_for_eaten_bytes_and_for_no_others() {
    let mut server = End::server();
    let message = [&b"\x82\xfe\x03\xe8\0\0\0\0"[..], &[b'x'; 1000]].concat();
    for (index, byte) in message.iter().enumerate() {
        server.credit -= 1;
        deliver(&mut server, [Frame::Data(vec![*byte])]);
        let waiting = End::WINDOW - server.credit;
        assert_eq!(waiting, server.inbox.len(), "after {index} bytes");
    }
    assert_eq!((server.told.len(), server.credit), (1, End::WINDOW));
}

#[test]
fn a_stream_that_nobody_reads_costs_its_window_and_holds_up_no_other() {
    let (mut slow, mut brisk) = ((End::client(), End::server()), (End::client(), End::server()));
    for _ in 0..200 {
        slow.0.connection.send_binary(&[1; 1000], &mut slow.0.outbox).unwrap();
        brisk.0.connection.send_binary(&[2; 1000], &mut brisk.0.outbox).unwrap();
        for frame in slow.0.frames(&mut slow.1, whole) {
            slow.1.receive(frame);
        }
        talk(&mut brisk.0, &mut brisk.1, whole);
    }
    assert_eq!((slow.1.credit, slow.1.inbox.len()), (0, End::WINDOW));
    assert_eq!((brisk.1.told.len(), brisk.1.credit), (200, End::WINDOW));
    slow.1.run();
    talk(&mut slow.0, &mut slow.1, whole);
    assert_eq!((slow.1.told.len(), slow.1.credit), (200, End::WINDOW));
}
