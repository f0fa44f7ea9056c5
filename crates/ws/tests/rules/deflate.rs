//! Compression from the agreement to the wire: which direction keeps to what, and which frames say
//! so. What is agreed, and how a message is compressed, has tests of its own. RFC 7692 §5–§7.

use tidewire_ws::deflate::{Codecs, Config as Deflate};
use tidewire_ws::handshake::client::Offer;
use tidewire_ws::handshake::connect::{client, server};
use tidewire_ws::handshake::deflate::{Agreement, Parameters, Policy, Window, WindowBits};
use tidewire_ws::handshake::server::Policy as ServerPolicy;
use tidewire_ws::{CloseCode, Error, Prepared};

use crate::kit::{BOTH, Config, Fact, Link, Role, entropy, frames, secs, text};

/// "Hello", by itself and as a repetition of the one before. RFC 7692 §7.2.3.
const HELLO: &[u8] = b"\xF2\x48\xCD\xC9\xC9\x07\x00";
const AGAIN: &[u8] = b"\xF2\x00\x11\x00\x00";

const TAKEOVER: Window = window(15, true);
const FRESH: Window = window(15, false);

const fn window(bits: u8, context_takeover: bool) -> Window {
    Window { bits: WindowBits::new(bits).expect("8 to 15"), context_takeover }
}

/// A connection that compresses every message like `ours` and reads those like `theirs`.
fn link(role: Role, ours: Window, theirs: Window) -> Link {
    let mut link = Link::new(role, Config::default());
    deflate(&mut link, agreement(role, ours, theirs), Codecs::own);
    link
}

fn agreement(role: Role, ours: Window, theirs: Window) -> Agreement {
    match role {
        Role::Server => Agreement { server: ours, client: theirs },
        Role::Client => Agreement { server: theirs, client: ours },
    }
}

fn deflate(link: &mut Link, agreement: Agreement, codecs: fn() -> Codecs) {
    let mut config = Deflate::default();
    (config.min_message_bytes, config.level) = (0, 6);
    link.connection.deflate(agreement, config, codecs);
}

/// The payload that a message leaves with.
fn sent(link: &mut Link, message: &[u8]) -> Vec<u8> {
    link.connection.send_binary(message, &mut link.outbox).unwrap();
    let [(0xC2, payload)] = &link.frames()[..] else { panic!("one compressed frame") };
    payload.clone()
}

/// Bytes in which next to nothing repeats, but that take six bits each.
fn noise(len: usize) -> Vec<u8> {
    let mut entropy = entropy();
    let bytes = std::iter::repeat_with(|| entropy.bytes::<64>()).flatten();
    bytes.map(|byte| byte & 0x3F).take(len).collect()
}

#[test]
fn both_read_and_write_each_direction_as_was_agreed_for_it() {
    let message = noise(1000);
    for role in BOTH {
        for (ours, theirs) in [(TAKEOVER, FRESH), (FRESH, TAKEOVER)] {
            let mut link = link(role, ours, theirs);
            let (first, second) = (sent(&mut link, &message), sent(&mut link, &message));
            if ours.context_takeover {
                assert!(second.len() < 100, "{} bytes", second.len());
            } else {
                assert_eq!(first, second);
            }
            assert_eq!(link.peer(0xC1, HELLO), [text("Hello")]);
            let again = if theirs.context_takeover {
                text("Hello")
            } else {
                Fact::Failed(Error::InvalidDeflate)
            };
            assert_eq!(link.peer(0xC1, AGAIN), [again]);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_refer_back_no_further_than_their_own_window() {
    for role in BOTH {
        for bits in 9..15 {
            let once = noise(1 << bits);
            let twice = once.repeat(2);
            let narrow = &mut link(role, window(bits, true), TAKEOVER);
            assert!(sent(narrow, &twice).len() > twice.len() * 7 / 10, "{bits}");
            assert!(sent(narrow, &once).len() > once.len() * 7 / 10, "{bits}");
            let wide = &mut link(role, window(bits + 1, true), window(bits, true));
            assert!(sent(wide, &twice).len() < twice.len() * 6 / 10, "{bits}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_let_the_peer_refer_back_32_768_bytes_and_not_to_what_never_came() {
    // Three bytes from 32,768 before.
    let far = b"\x02\xDE\xFF\x0F\x00";
    let kept: fn() -> Codecs = Codecs::own;
    let lent: fn() -> Codecs = || Codecs::lent(|_| ());
    for (role, codecs) in BOTH.into_iter().flat_map(|role| [(role, kept), (role, lent)]) {
        for len in [32_767, 32_768, 32_769, 50_000] {
            let message = noise(len);
            let whole = sent(&mut link(Role::Server, FRESH, FRESH), &message);
            let mut link = Link::new(role, Config::default());
            deflate(&mut link, agreement(role, FRESH, TAKEOVER), codecs);
            assert_eq!(link.peer(0xC2, &whole), [Fact::Binary(message.clone())]);
            let expected = match len.checked_sub(32_768) {
                Some(start) => Fact::Binary(message[start..start + 3].to_vec()),
                None => Fact::Failed(Error::InvalidDeflate),
            };
            assert_eq!(link.peer(0xC2, far), [expected], "{len}");
        }
    }
}

#[test]
fn both_mark_a_compressed_message_on_its_first_frame_and_mark_nothing_else() {
    for role in BOTH {
        let mut link = link(role, TAKEOVER, TAKEOVER);
        let (connection, outbox, now) = (&mut link.connection, &mut link.outbox, link.now);
        connection.send_text(&"text".repeat(9), outbox).unwrap();
        connection.send_binary(&b"binary".repeat(9), outbox).unwrap();
        connection.send_prepared(&Prepared::text("secret"), outbox).unwrap();
        connection.begin_text("begin", outbox).unwrap();
        connection.continue_text("more", outbox).unwrap();
        connection.ping(b"between", outbox, now).unwrap();
        connection.finish(outbox).unwrap();
        connection.begin_binary(b"begin", outbox).unwrap();
        connection.finish(outbox).unwrap();
        connection.pong(b"unasked", outbox).unwrap();
        link.peer(0x89, b"answered");
        link.wait(secs(25));
        link.connection.close(CloseCode::NORMAL, "bye", &mut link.outbox, link.now).unwrap();
        let firsts: Vec<u8> = link.frames().iter().map(|(first, _)| *first).collect();
        let expected =
            [0xC1, 0xC2, 0x81, 0x41, 0x00, 0x89, 0x80, 0x42, 0x80, 0x8A, 0x8A, 0x89, 0x88];
        assert_eq!(firsts, expected);
    }
}

/// A handshake of these offers with this policy, and the two ends that come of it.
fn agreed(offers: &[Parameters], policy: Option<Policy>) -> [Link; 2] {
    let mut offer = Offer::default();
    offer.deflate = offers.to_vec();
    let mut server_policy = ServerPolicy::default();
    server_policy.deflate = policy;
    let asked = client::request("/", "a.example", client::Scheme::Https, &offer).unwrap();
    let asked = asked.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let accepted = server::accept(asked, &server_policy).unwrap();
    let answer = accepted.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let verified = client::verify(answer, &offer).unwrap();
    let mut ends = [Link::client(), Link::server()];
    for (end, agreement) in ends.iter_mut().zip([verified.deflate, accepted.deflate]) {
        if let Some(agreement) = agreement {
            deflate(end, agreement, Codecs::own);
        }
    }
    ends
}

#[test]
fn what_was_agreed_holds_from_the_first_frame_and_without_agreement_all_is_plain() {
    let modest = {
        let mut modest = Parameters::default();
        modest.server_no_context_takeover = true;
        modest.client_no_context_takeover = true;
        modest.server_max_window_bits = WindowBits::new(10);
        modest.client_max_window_bits = WindowBits::new(9);
        modest
    };
    let frugal = {
        let mut frugal = Policy::default();
        frugal.server_no_context_takeover = true;
        frugal.client_max_window_bits = WindowBits::new(12).unwrap();
        frugal
    };
    let message = "what the tide brings, ".repeat(if cfg!(miri) { 30 } else { 3000 });
    for (offers, policy, is_compressed) in [
        (&[Parameters::default()][..], Some(Policy::default()), true),
        (&[modest, Parameters::default()], Some(Policy::default()), true),
        (&[Parameters::default()], Some(frugal), true),
        (&[modest], Some(frugal), true),
        (&[Parameters::default()], None, false),
        (&[], Some(Policy::default()), false),
    ] {
        let mut ends = agreed(offers, policy);
        for from in [0, 1, 0, 1] {
            let end = &mut ends[from];
            end.connection.send_text(&message, &mut end.outbox).unwrap();
            let wire = end.written();
            let [(first, _)] = frames(&wire, end.role == Role::Client)[..] else { panic!() };
            assert_eq!(first, if is_compressed { 0xC1 } else { 0x81 });
            assert_eq!(ends[1 - from].feed(&wire), [text(&message)]);
        }
    }
}
