//! What a connection costs at rest and while it works, counted at the allocator.

use std::sync::Arc;
use std::time::Duration;

use allocation_counter::measure;
use bytes::Buf;
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_ws::{CloseCode, Config, Connection, Event, Prepared};

const NOW: Instant = Instant::ORIGIN;

/// Takes bytes, echoes each message, and drops what was written.
fn echo(connection: &mut Connection, inbox: &mut Inbox, outbox: &mut Outbox, bytes: &[u8]) {
    inbox.push(bytes);
    while let Ok(Some(event)) = connection.next_event(inbox, outbox, NOW) {
        match event {
            Event::Text(text) => connection.send_text(&text, outbox),
            Event::Binary(bytes) => connection.send_binary(&bytes, outbox),
            Event::Ping(_) | Event::Pong(_) | Event::Closed(_) => Ok(()),
            other => unreachable!("{other:?} was not asked for"),
        }
        .expect("the outbox is empty each time");
    }
    outbox.advance(outbox.len());
}

#[test]
#[cfg_attr(miri, ignore = "it leaks on purpose")]
fn an_idle_server_connection_takes_256_bytes_and_no_buffer() {
    let config = Arc::new(Config::default());
    let made = measure(|| {
        let mut server = Connection::server(Arc::clone(&config), NOW);
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        assert!(matches!(server.next_event(&mut inbox, &mut outbox, NOW), Ok(None)));
        std::mem::forget((server, inbox, outbox));
    });
    let size = size_of::<Connection>();
    println!("an idle server connection: {size} bytes, {} on the heap", made.bytes_total);
    assert!(size <= 256, "{size} bytes");
    assert_eq!(made.count_total, 0);
}

#[test]
#[cfg_attr(miri, ignore = "it leaks on purpose")]
fn a_client_connection_owns_its_mask_keys_alone() {
    let config = Arc::new(Config::default());
    let made = measure(|| {
        let entropy = Entropy::new(|bytes| bytes.fill(4));
        std::mem::forget(Connection::client(config.clone(), entropy, NOW));
    });
    assert_eq!(made.count_total, 1);
    assert!(made.bytes_total <= 96, "{} bytes", made.bytes_total);
}

const ROUNDS: usize = if cfg!(miri) { 30 } else { 1000 };

#[test]
fn steady_traffic_allocates_nothing() {
    let mut config = Config::default();
    config.max_control_frames_per_second = u32::MAX;
    let entropy = Entropy::new(|bytes| bytes.fill(4));
    let mut client = Connection::client(config, entropy, NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let whole = b"\x81\x05Hello\x82\x03abc\x89\x01?";
    let fragments = b"\x01\x03Hel\x00\x01l\x80\x01o";
    let mut round = || {
        echo(&mut client, &mut inbox, &mut outbox, whole);
        echo(&mut client, &mut inbox, &mut outbox, fragments);
        echo(&mut client, &mut inbox, &mut outbox, &fragments[..4]);
        echo(&mut client, &mut inbox, &mut outbox, &fragments[4..]);
    };
    (0..ROUNDS / 10).for_each(|_| round());
    assert_eq!(measure(|| (0..ROUNDS).for_each(|_| round())).count_total, 0);
}

#[test]
fn a_claimed_length_reserves_nothing() {
    for header in [&b"\x82\x7f\0\0\0\0\0\x10\0\0"[..], b"\x02\x7f\0\0\0\0\0\x10\0\0"] {
        let taken = measure(|| {
            let mut server = Connection::client(Config::default(), Entropy::new(|_| ()), NOW);
            let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
            echo(&mut server, &mut inbox, &mut outbox, header);
            echo(&mut server, &mut inbox, &mut outbox, b"x");
        });
        assert!(taken.bytes_max < 1024, "{} bytes", taken.bytes_max);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_million_fragments_hold_little_more_than_their_bytes() {
    let mut client = Connection::client(Config::default(), Entropy::new(|_| ()), NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let more = b"\x00\x01x".repeat(1000);
    let taken = measure(|| {
        echo(&mut client, &mut inbox, &mut outbox, b"\x02\x01x");
        for _ in 0..1000 {
            echo(&mut client, &mut inbox, &mut outbox, &more);
        }
    });
    // The buffer doubles when it grows, and for a moment the old half is there, too.
    assert!(taken.bytes_max < 4 << 20, "{} bytes", taken.bytes_max);
    assert!(taken.bytes_current < (2 << 20) + 8192, "{} bytes", taken.bytes_current);
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_large_message_in_fragments_takes_its_memory_along() {
    let mut client = Connection::client(Config::default(), Entropy::new(|_| ()), NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let half = [&b"\x02\x7f\0\0\0\0\0\x08\0\0"[..], &vec![7; 1 << 19]].concat();
    let used = measure(|| {
        echo(&mut client, &mut inbox, &mut outbox, &half);
        echo(&mut client, &mut inbox, &mut outbox, b"\x80\x00");
        inbox.release();
        outbox.release();
    });
    assert!(used.bytes_max > 1 << 19);
    assert!(used.bytes_current <= 16 * 1024, "{} bytes", used.bytes_current);
}

#[test]
fn a_silent_connection_gives_its_heap_back() {
    let mut client = Connection::client(Config::default(), Entropy::new(|_| ()), NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let used = measure(|| {
        let half = [&b"\x02\x7e\x80\x00"[..], &[7; 0x8000]].concat();
        echo(&mut client, &mut inbox, &mut outbox, &half);
        echo(&mut client, &mut inbox, &mut outbox, b"\x80\x00");
        let later = NOW + Duration::from_secs(25);
        assert!(matches!(client.next_event(&mut inbox, &mut outbox, later), Ok(None)));
        outbox.advance(outbox.len());
        inbox.release();
        outbox.release();
    });
    assert!(used.count_total > 0);
    assert_eq!((used.count_current, used.bytes_current), (0, 0));
}

#[test]
fn a_closing_connection_gives_the_heap_of_a_half_message_back() {
    let mut client = Connection::client(Config::default(), Entropy::new(|_| ()), NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let used = measure(|| {
        let half = [&b"\x02\x7e\x80\x00"[..], &[7; 0x8000]].concat();
        echo(&mut client, &mut inbox, &mut outbox, &half);
        client.close(CloseCode::NORMAL, "", &mut outbox, NOW).expect("it is open");
        echo(&mut client, &mut inbox, &mut outbox, b"\x00\x01x");
        inbox.release();
        outbox.release();
    });
    assert!(used.count_total > 0);
    assert_eq!((used.count_current, used.bytes_current), (0, 0));
}

#[test]
fn a_prepared_message_is_shared_by_all_who_wait_for_it() {
    let message = Prepared::binary(&[7; 100_000]);
    let sent = measure(|| {
        let mut waiting = Vec::new();
        for _ in 0..100 {
            let (mut server, mut outbox) =
                (Connection::server(Config::default(), NOW), Outbox::new());
            server.send_prepared(&message, &mut outbox).expect("the outbox is empty");
            waiting.push(outbox);
        }
    });
    assert!(sent.bytes_max < 100 * 1024, "{} bytes", sent.bytes_max);
}

#[cfg(feature = "deflate")]
#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_compressing_connection_at_rest_holds_what_its_contexts_need() {
    use tidewire_ws::deflate::{Codecs, Config as Deflate};
    use tidewire_ws::handshake::deflate::{Agreement, Window, WindowBits};
    let message = "tide and wave ".repeat(50_000);
    for (context_takeover, max_bytes) in [(false, 1024), (true, 400 * 1024)] {
        let window = Window { bits: WindowBits::MAX, context_takeover };
        let agreement = Agreement { server: window, client: window };
        let config = Arc::new(Config::default());
        let held = measure(|| {
            let mut server = Connection::server(Arc::clone(&config), NOW);
            server.deflate(agreement, Deflate::default(), Codecs::own);
            let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
            server.send_text(&message, &mut outbox).expect("the outbox is empty");
            inbox.push(b"\xC1\x87\0\0\0\0\xF2\x48\xCD\xC9\xC9\x07\0");
            echo(&mut server, &mut inbox, &mut outbox, b"");
            inbox.release();
            outbox.release();
            std::mem::forget((server, inbox, outbox));
        });
        let bytes = held.bytes_current;
        println!("takeover {context_takeover}: {bytes} bytes at rest");
        assert!((0..max_bytes).contains(&bytes), "{bytes} bytes");
    }
}

#[test]
fn the_layer_below_allocates_nothing() {
    use tidewire_ws::frame::{Expect, FrameHeader};
    use tidewire_ws::{Opcode, mask, utf8::Utf8};
    let mut payload = *b"tide and wave, \xE2\x82\xAC and more than a word of it";
    let used = measure(|| {
        let mut buffer = [0; FrameHeader::MAX_LEN];
        let (len, opcode) = (payload.len() as u64, Opcode::Text);
        let header = FrameHeader { fin: true, compressed: false, opcode, mask: Some([7; 4]), len };
        let expect = Expect { masked: true, ..Expect::default() };
        let bytes = header.encode(&mut buffer);
        assert_eq!(FrameHeader::decode(bytes, expect), Ok(Some((header, bytes.len()))));
        let mut utf8 = Utf8::new();
        assert!(utf8.push(&payload).is_ok() && utf8.finish().is_ok());
        mask::apply(&mut payload, mask::rotate([1, 2, 3, 4], 3));
        assert!(CloseCode::new(1000).is_some());
    });
    assert_eq!(used.count_total, 0);
}
