//! Compressed messages on a connection: which frames may be, what becomes of them, what is sent.

use bytes::BytesMut;
use tidewire_core::Outbox;
use tidewire_ws::deflate::{Codecs, Config as Deflate, Context, Deflater};
use tidewire_ws::handshake::deflate::{Agreement, Window, WindowBits};
use tidewire_ws::{Delivery, Error, Prepared};

use crate::kit::{BOTH, Config, Fact, Link, Role, close_frame, secs, text};

const TAKEOVER: Window = Window { bits: WindowBits::MAX, context_takeover: true };
const FRESH: Window = Window { bits: WindowBits::MAX, context_takeover: false };

/// A connection on which both directions were agreed to be like this, and all is compressed.
pub(crate) fn link(role: Role, config: Config, window: Window) -> Link {
    let mut link = Link::new(role, config);
    let mut deflate = Deflate::default();
    deflate.min_message_bytes = 0;
    link.connection.deflate(Agreement { server: window, client: window }, deflate, Codecs::own);
    link
}

/// "Hello", by itself and as a repetition of the one before. RFC 7692 §7.2.3.
const HELLO: &[u8] = b"\xF2\x48\xCD\xC9\xC9\x07\x00";
const AGAIN: &[u8] = b"\xF2\x00\x11\x00\x00";

#[test]
fn both_inflate_messages_that_refer_to_earlier_ones() {
    for role in BOTH {
        let mut link = link(role, Config::default(), TAKEOVER);
        assert_eq!(link.peer(0xC1, HELLO), [text("Hello")]);
        assert_eq!(link.peer(0x81, b"as it is"), [text("as it is")], "no part of the context");
        assert_eq!(link.peer(0xC1, AGAIN), [text("Hello")]);
        assert_eq!(link.peer(0xC2, AGAIN), [Fact::Binary(b"Hello".to_vec())]);
    }
}

#[test]
fn both_forget_each_message_if_no_context_is_taken_over() {
    for role in BOTH {
        let mut link = link(role, Config::default(), FRESH);
        assert_eq!(link.peer(0xC1, HELLO), [text("Hello")]);
        assert_eq!(link.peer(0xC1, HELLO), [text("Hello")]);
        assert_eq!(link.peer(0xC1, AGAIN), [Fact::Failed(Error::InvalidDeflate)]);
        assert_eq!(link.frames(), [close_frame(1007)]);
    }
}

#[test]
fn both_inflate_a_message_in_fragments_cut_anywhere_with_control_frames_between() {
    for role in BOTH {
        for cut in 0..=HELLO.len() {
            let mut link = link(role, Config::default(), TAKEOVER);
            assert_eq!(link.peer(0x41, &HELLO[..cut]), []);
            assert_eq!(link.peer(0x89, b"?"), [Fact::Ping(b"?".to_vec())]);
            assert_eq!(link.peer(0x80, &HELLO[cut..]), [text("Hello")]);
            assert_eq!(link.peer(0xC1, AGAIN), [text("Hello")]);
        }
    }
}

#[test]
fn both_take_the_compression_bit_on_the_first_frame_of_a_message_alone() {
    for role in BOTH {
        for first in [0xC9, 0xCA, 0xC8, 0xC0] {
            let mut link = link(role, Config::default(), TAKEOVER);
            link.peer(0x01, b"");
            assert_eq!(link.peer(first, b""), [Fact::Failed(Error::ReservedBits { bits: 0b100 })]);
        }
        for (first, bits) in [(0xE1, 0b110), (0xD1, 0b101), (0xA1, 0b010), (0x91, 0b001)] {
            let mut link = link(role, Config::default(), TAKEOVER);
            assert_eq!(link.peer(first, HELLO), [Fact::Failed(Error::ReservedBits { bits })]);
        }
        let mut plain = Link::new(role, Config::default());
        let failed = Error::ReservedBits { bits: 0b100 };
        assert_eq!(plain.peer(0xC1, HELLO), [Fact::Failed(failed)], "nothing was agreed");
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_count_inflated_bytes_against_the_limit_of_a_message() {
    let bomb = compressed(&[b'a'; 100_000]);
    assert!(bomb.len() < 1000);
    for role in BOTH {
        let mut config = Config::default();
        config.max_message_bytes = 100_000;
        let whole = Fact::Binary(vec![b'a'; 100_000]);
        assert_eq!(link(role, config.clone(), TAKEOVER).peer(0xC2, &bomb), [whole]);

        config.max_message_bytes = 99_999;
        let too_big = [Fact::Failed(Error::MessageTooBig { limit_bytes: 99_999 })];
        assert_eq!(link(role, config.clone(), TAKEOVER).peer(0xC2, &bomb), too_big);
        let mut link = link(role, config, TAKEOVER);
        assert_eq!(link.peer(0x42, &bomb[..bomb.len() / 2]), []);
        assert_eq!(link.peer(0x80, &bomb[bomb.len() / 2..]), too_big);
        assert_eq!(link.frames(), [close_frame(1009)]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_judge_a_text_as_it_comes_out() {
    for role in BOTH {
        let half = compressed(b"abc\xE2\x82");
        let invalid = [Fact::Failed(Error::InvalidUtf8)];
        assert_eq!(link(role, Config::default(), TAKEOVER).peer(0xC1, &half), invalid);

        let early = compressed(&[&b"\xFF"[..], &[b'a'; 100_000]].concat());
        let mut config = Config::default();
        config.max_message_bytes = 50_000;
        for frame_len in [early.len(), 1] {
            let mut link = link(role, config.clone(), TAKEOVER);
            let frame = link.frame(0xC1, &early);
            let facts: Vec<Fact> =
                frame.chunks(frame_len.max(1)).flat_map(|read| link.feed(read)).collect();
            assert_eq!(facts, invalid, "the text was bad before it was too long");
        }
    }
}

#[test]
fn both_tell_the_first_fault_however_it_is_cut() {
    // A stored block with "t" and a byte that no text has, then a block of no kind; and one with
    // such a byte within the limit of the message, and more behind.
    let cases: [(&[u8], usize); 2] = [
        (b"\x00\x02\x00\xFD\xFFt\xC0\x07", 1 << 20),
        (b"\x00\x10\x00\xEF\xFFaaaa\xFFaaaaaaaaaaa\x00", 10),
    ];
    for (role, (payload, limit)) in BOTH.into_iter().flat_map(|role| cases.map(|case| (role, case)))
    {
        for len in 1..40 {
            let mut config = Config::default();
            config.max_message_bytes = limit;
            let mut link = link(role, config, TAKEOVER);
            let frame = link.frame(0xC1, payload);
            let facts: Vec<Fact> = frame.chunks(len).flat_map(|read| link.feed(read)).collect();
            assert_eq!(facts, [Fact::Failed(Error::InvalidUtf8)], "cut by {len}");
        }
    }
}

#[test]
fn both_fail_on_what_cannot_be_inflated() {
    for role in BOTH {
        for payload in [&b"\x07"[..], &HELLO[..4], b"\x02\x02\x02\x02"] {
            let mut link = link(role, Config::default(), TAKEOVER);
            let failed = [Fact::Failed(Error::InvalidDeflate)];
            assert_eq!(link.peer(0xC2, payload), failed, "{payload:x?}");
            assert_eq!(link.frames(), [close_frame(1007)]);
        }
    }
}

#[test]
fn both_deliver_inflated_parts_between_characters() {
    for role in BOTH {
        let mut config = Config::default();
        config.delivery = Delivery::Parts;
        let message = "€".repeat(1000);
        let payload = compressed(message.as_bytes());
        let mut link = link(role, config, TAKEOVER);
        let frame = link.frame(0xC1, &payload);
        let mut joined = String::new();
        let mut ends = 0;
        for fact in frame.chunks(1).flat_map(|read| link.feed(read)) {
            let Fact::TextPart(part, is_last) = fact else { panic!("{fact:?}") };
            joined.push_str(&part);
            ends += usize::from(is_last);
        }
        assert_eq!((joined, ends), (message, 1));
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_read_what_the_other_compresses() {
    for window in [TAKEOVER, FRESH, Window { bits: WindowBits::new(9).unwrap(), ..TAKEOVER }] {
        let mut server = link(Role::Server, Config::default(), window);
        let mut client = link(Role::Client, Config::default(), window);
        for round in 0..20 {
            let message = format!("{round} tides, {round} waves and a shore").repeat(40);
            exchange(&mut server, &mut client, &message);
            exchange(&mut client, &mut server, &message);
        }
    }
}

/// Sends a message whole, in fragments and prepared, and reads it at the other end.
fn exchange(from: &mut Link, to: &mut Link, message: &str) {
    from.connection.send_text(message, &mut from.outbox).unwrap();
    from.connection.begin_binary(message.as_bytes(), &mut from.outbox).unwrap();
    from.connection.ping(b"!", &mut from.outbox, from.now).unwrap();
    from.connection.continue_binary(message.as_bytes(), &mut from.outbox).unwrap();
    from.connection.finish(&mut from.outbox).unwrap();
    let prepared =
        Prepared::text(message).deflated(WindowBits::MAX, Deflate::default(), &mut Codecs::own());
    from.connection.send_prepared(&prepared, &mut from.outbox).unwrap();
    from.connection.send_text(message, &mut from.outbox).unwrap();
    let wire = from.written();
    assert!(wire.len() < 3 * message.len(), "{} bytes", wire.len());
    let expected = [
        text(message),
        Fact::Ping(b"!".to_vec()),
        Fact::Binary(message.repeat(2).into_bytes()),
        text(message),
        text(message),
    ];
    assert_eq!(to.feed(&wire), expected);
    to.written();
}

#[test]
fn both_send_short_messages_and_control_frames_as_they_are() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let agreement = Agreement { server: TAKEOVER, client: TAKEOVER };
        link.connection.deflate(agreement, Deflate::default(), Codecs::own);
        link.connection.send_text(&"x".repeat(127), &mut link.outbox).unwrap();
        link.connection.send_text(&"x".repeat(128), &mut link.outbox).unwrap();
        link.connection.ping(&[b'x'; 125], &mut link.outbox, link.now).unwrap();
        let firsts: Vec<u8> = link.frames().iter().map(|(first, _)| *first).collect();
        assert_eq!(firsts, [0x81, 0xC1, 0x89]);
    }
}

#[test]
fn both_send_all_as_it_is_in_a_window_too_small_to_compress_with() {
    for role in BOTH {
        let window = Window { bits: WindowBits::MIN, ..TAKEOVER };
        let mut link = link(role, Config::default(), window);
        let message = "x".repeat(1000);
        link.connection.send_text(&message, &mut link.outbox).unwrap();
        assert_eq!(link.frames(), [(0x81, message.into_bytes())]);
        assert_eq!(link.peer(0xC1, HELLO), [text("Hello")], "reading needs no such window");
    }
}

#[test]
fn both_send_an_empty_message_as_one_byte_and_read_it() {
    for role in BOTH {
        let mut link = link(role, Config::default(), TAKEOVER);
        link.connection.send_text("", &mut link.outbox).unwrap();
        assert_eq!(link.frames(), [(0xC1, vec![0])]);
        assert_eq!(link.peer(0xC1, b"\0"), [text("")]);
    }
}

#[test]
fn a_prepared_message_is_compressed_for_those_alone_whose_window_is_large_enough() {
    let message = "x".repeat(1000);
    let bits = WindowBits::new(12).unwrap();
    let prepared = Prepared::text(&message).deflated(bits, Deflate::default(), &mut Codecs::own());
    for (window, first) in [(12, 0xC1), (15, 0xC1), (11, 0x81)] {
        let window = Window { bits: WindowBits::new(window).unwrap(), ..TAKEOVER };
        let mut link = link(Role::Server, Config::default(), window);
        link.connection.send_prepared(&prepared, &mut link.outbox).unwrap();
        assert_eq!(link.frames()[0].0, first);
    }
    let mut plain = Link::server();
    plain.connection.send_prepared(&prepared, &mut plain.outbox).unwrap();
    assert_eq!(plain.frames(), [(0x81, message.into_bytes())]);
}

#[test]
fn a_refused_message_leaves_no_trace_in_the_context() {
    let mut config = Config::default();
    config.max_outbox_bytes = 2000;
    let mut server = link(Role::Server, config, TAKEOVER);
    let mut client = link(Role::Client, Config::default(), TAKEOVER);
    server.outbox.push(&[0; 1500]);
    assert!(server.connection.send_text(&"lost".repeat(200), &mut server.outbox).is_err());
    server.outbox = Outbox::new();
    server.connection.send_text("kept", &mut server.outbox).unwrap();
    let wire = server.written();
    assert_eq!(client.feed(&wire), [text("kept")]);
}

#[test]
fn a_message_that_is_dropped_while_closing_is_not_inflated() {
    for role in BOTH {
        let mut link = link(role, Config::default(), TAKEOVER);
        let code = tidewire_ws::CloseCode::NORMAL;
        link.connection.close(code, "", &mut link.outbox, link.now).unwrap();
        assert_eq!(link.peer(0xC1, b"\x07\x07"), []);
        assert_eq!(link.wait(secs(9)), []);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn noise_goes_as_it_is_and_leaves_no_trace_in_the_context() {
    for window in [TAKEOVER, FRESH] {
        let mut server = link(Role::Server, Config::default(), window);
        let mut client = link(Role::Client, Config::default(), window);
        let noise = noise(1 << 20);
        for _ in 0..2 {
            server.connection.send_binary(&noise, &mut server.outbox).unwrap();
            let wire = server.written();
            assert_eq!(wire.len(), noise.len() + 10);
            assert!(client.feed(&wire) == [Fact::Binary(noise.clone())]);
            server.connection.send_text("shore shore shore", &mut server.outbox).unwrap();
            let wire = server.written();
            assert_eq!(client.feed(&wire), [text("shore shore shore")]);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_message_of_noise_in_fragments_may_be_longer_on_the_wire_than_its_limit() {
    let mut server = link(Role::Server, Config::default(), FRESH);
    let mut client = link(Role::Client, Config::default(), FRESH);
    let noise = noise(1 << 20);
    server.connection.begin_binary(&noise, &mut server.outbox).unwrap();
    let wire = server.written();
    assert!(wire.len() > noise.len() + 10_000, "{} bytes", wire.len());
    assert_eq!(client.feed(&wire), []);
    server.connection.finish(&mut server.outbox).unwrap();
    let wire = server.written();
    assert!(client.feed(&wire) == [Fact::Binary(noise)]);

    let mut endless = link(Role::Client, Config::default(), FRESH);
    let empty_blocks = b"\x00\x00\x00\xFF\xFF".repeat(100_000);
    assert_eq!(endless.peer(0x42, &empty_blocks), []);
    assert_eq!(endless.peer(0x00, &empty_blocks), []);
    let failed = Fact::Failed(Error::MessageTooBig { limit_bytes: 1 << 20 });
    assert_eq!(endless.peer(0x00, &empty_blocks), [failed], "though nothing came out of it");
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_message_has_as_many_last_blocks_as_anybody_needs() {
    for (count, is_taken) in [(1024, true), (1025, false)] {
        let mut link = link(Role::Client, Config::default(), TAKEOVER);
        let fact = match is_taken {
            true => Fact::Binary(vec![]),
            false => Fact::Failed(Error::InvalidDeflate),
        };
        for _ in 0..2 {
            let facts = link.peer(0xC2, &b"\x03\x00".repeat(count));
            assert!(facts.is_empty() && !is_taken || facts == [fact.clone()], "{count}");
        }
    }
}

#[test]
fn a_prepared_message_is_compressed_only_if_that_gains_something() {
    let mut link = link(Role::Server, Config::default(), FRESH);
    for message in [noise(10_000), b"x".repeat(127), b"x".repeat(128)] {
        let prepared = Prepared::binary(&message);
        let prepared = prepared.deflated(WindowBits::MAX, Deflate::default(), &mut Codecs::own());
        link.connection.send_prepared(&prepared, &mut link.outbox).unwrap();
    }
    let firsts: Vec<u8> = link.frames().iter().map(|(first, _)| *first).collect();
    assert_eq!(firsts, [0x82, 0x82, 0xC2]);
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..len).map(|_| byte()).collect()
}

/// One message, compressed by itself.
fn compressed(message: &[u8]) -> Vec<u8> {
    let mut payload = BytesMut::new();
    let deflater = Deflater::new(15, Context::NoTakeover, Deflate::default());
    deflater.unwrap().finish(message, &mut payload, &mut Codecs::own());
    payload.to_vec()
}
