//! The seven laws that every machine keeps, over traffic that is mostly right, whether messages come
//! whole or in parts, compressed or as they are. *Quiet* and *Last word* are also checked by the kit,
//! at every call of every test.

use std::time::Duration;

use bytes::Buf;
use proptest::prelude::*;
use tidewire_core::{Inbox, Outbox};
use tidewire_ws::{CloseCode, Delivery, Event, FrameHeader, Prepared, Reply, SendError};

use crate::kit::{BOTH, Config, Fact, Link, Role};

/// Something that the peer, the clock or the application does.
#[derive(Clone, Debug)]
enum Step {
    Frame(u8, Vec<u8>),
    Raw(Vec<u8>),
    Wait(Duration),
    Write(usize),
    Ping,
    Send(usize),
    Begin,
    Finish,
    Close,
    End,
}

/// How messages are delivered and compressed.
#[derive(Clone, Copy, Debug)]
struct Shape {
    delivery: Delivery,
    compression: Compression,
}

/// How messages are compressed, if the feature is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    None,
    Takeover,
    NoTakeover,
    Pooled,
}

fn shape() -> impl Strategy<Value = Shape> {
    use Compression::{NoTakeover, None, Pooled, Takeover};
    let delivery = prop::sample::select(vec![Delivery::Messages, Delivery::Parts]);
    let compression = prop::sample::select(vec![None, Takeover, NoTakeover, Pooled]);
    (delivery, compression).prop_map(|(delivery, compression)| Shape { delivery, compression })
}

/// A connection of this shape.
fn link(role: Role, mut config: Config, shape: Shape) -> Link {
    config.delivery = shape.delivery;
    let mut link = Link::new(role, config);
    compress(&mut link, shape.compression);
    link
}

#[cfg(not(feature = "deflate"))]
fn compress(_: &mut Link, _: Compression) {}

#[cfg(feature = "deflate")]
fn compress(link: &mut Link, compression: Compression) {
    use std::sync::{Arc, Mutex};

    use tidewire_ws::deflate::{Codecs, Config, Pool};
    use tidewire_ws::handshake::deflate::{Agreement, Window, WindowBits};

    if compression == Compression::None {
        return;
    }
    let context_takeover = compression != Compression::NoTakeover;
    let window = Window { bits: WindowBits::MAX, context_takeover };
    let agreement = Agreement { server: window, client: window };
    let mut config = Config::default();
    config.min_message_bytes = 10;
    let pool = Arc::new(Mutex::new(Pool::new(2)));
    link.connection.deflate(agreement, config, || match compression {
        Compression::Pooled => {
            let pool = Arc::clone(&pool);
            Codecs::lent(move |visit| visit(&mut pool.lock().unwrap()))
        }
        Compression::None | Compression::Takeover | Compression::NoTakeover => Codecs::own(),
    });
}

/// The facts with parts joined to their messages. A message without its end is left out: how much of
/// it is told before a fault is chance.
fn joined(facts: Vec<Fact>) -> Vec<Fact> {
    let (mut whole, mut parts) = (vec![], vec![]);
    for fact in facts {
        match fact {
            Fact::TextPart(part, is_last) => {
                parts.extend(part.into_bytes());
                if is_last {
                    whole.push(Fact::Text(String::from_utf8(std::mem::take(&mut parts)).unwrap()));
                }
            }
            Fact::BinaryPart(part, is_last) => {
                parts.extend(part);
                if is_last {
                    whole.push(Fact::Binary(std::mem::take(&mut parts)));
                }
            }
            other => whole.push(other),
        }
    }
    whole
}

/// What a run came to: facts, bytes written, and whether the outbox was ended.
type Came = (Vec<Fact>, Vec<u8>, bool);

fn in_one_piece<'b>(mut link: Link, pieces: impl Iterator<Item = &'b [u8]>) -> Came {
    let facts = pieces.flat_map(|piece| link.feed(piece)).collect();
    (joined(facts), link.written(), link.outbox.is_ended())
}

/// The same with each reply carried from one half to the other.
fn in_halves<'b>(link: Link, pieces: impl Iterator<Item = &'b [u8]>) -> Came {
    let (mut receiving, mut sending) = link.connection.split();
    let (mut inbox, mut reply, mut outbox) = (Inbox::new(), Reply::default(), Outbox::new());
    let mut facts = vec![];
    for piece in pieces {
        inbox.push(piece);
        loop {
            let told = receiving.next_event(&mut inbox, &mut reply, link.now);
            sending.apply(&reply.take(), &mut outbox, link.now);
            facts.push(match told {
                Ok(None) => break,
                Ok(Some(event)) => fact(event),
                Err(error) => Fact::Failed(error),
            });
        }
    }
    (joined(facts), outbox.copy_to_bytes(outbox.len()).to_vec(), outbox.is_ended())
}

fn fact(event: Event<'_>) -> Fact {
    match event {
        Event::Text(text) => Fact::Text(text.as_str().into()),
        Event::Binary(bytes) => Fact::Binary(bytes.to_vec()),
        Event::TextPart { text, is_last } => Fact::TextPart(text.as_str().into(), is_last),
        Event::BinaryPart { bytes, is_last } => Fact::BinaryPart(bytes.to_vec(), is_last),
        Event::Ping(bytes) => Fact::Ping(bytes.to_vec()),
        Event::Pong(bytes) => Fact::Pong(bytes.to_vec()),
        Event::Drained => Fact::Drained,
        Event::Closed(closed) => Fact::Closed(closed),
    }
}

/// Cuts the bytes as wide as these say, again and again.
fn cut<'b>(mut bytes: &'b [u8], widths: &[usize]) -> Vec<&'b [u8]> {
    let mut pieces = vec![];
    for width in widths.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (piece, behind) = bytes.split_at((*width).min(bytes.len()));
        pieces.push(piece);
        bytes = behind;
    }
    pieces
}

/// Limits that short traffic can reach.
fn small() -> Config {
    let mut config = Config::default();
    config.max_frame_bytes = 600;
    config.max_message_bytes = 1000;
    config.max_empty_fragments = 2;
    config.max_control_frames_per_second = 12;
    config.max_outbox_bytes = 500;
    config
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => "\\PC{0,20}".prop_map(String::into_bytes),
        2 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (500..700_usize).prop_map(|len| vec![b'x'; len]),
        1 => Just(vec![0x03, 0xE8]),
    ]
}

fn peer_step() -> impl Strategy<Value = Step> {
    let first = prop::sample::select(vec![
        0x81, 0x81, 0x82, 0x82, 0x01, 0x02, 0x00, 0x00, 0x80, 0x80, 0x89, 0x8A,
    ]);
    prop_oneof![
        30 => (first, payload()).prop_map(|(first, payload)| Step::Frame(first, payload)),
        1 => compressed(),
        1 => Just(Step::Frame(0x88, vec![0x03, 0xE8, b'x'])),
        1 => any::<u8>().prop_map(|first| Step::Frame(first, vec![])),
        1 => prop::collection::vec(any::<u8>(), 1..20).prop_map(Step::Raw),
    ]
}

/// "Hello", the same by a look at the one before, nothing, and something that is none.
fn compressed() -> impl Strategy<Value = Step> {
    let first = prop::sample::select(vec![0xC1, 0xC2, 0x41, 0x42]);
    let payloads: [&[u8]; 4] =
        [b"\xF2\x48\xCD\xC9\xC9\x07\x00", b"\xF2\x00\x11\x00\x00", b"\0", b"\x07"];
    let payload = prop::sample::select(payloads.to_vec());
    (first, payload).prop_map(|(first, payload)| Step::Frame(first, payload.to_vec()))
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => peer_step(),
        4 => (0..60_000_u64).prop_map(|millis| Step::Wait(Duration::from_millis(millis))),
        4 => (0..2000_usize).prop_map(Step::Write),
        2 => Just(Step::Ping),
        3 => (0..700_usize).prop_map(Step::Send),
        2 => Just(Step::Begin),
        2 => Just(Step::Finish),
        1 => Just(Step::Close),
        1 => Just(Step::End),
    ]
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(BOTH.to_vec())
}

fn peer_bytes(link: &Link, steps: &[Step]) -> Vec<u8> {
    let bytes = steps.iter().map(|step| match step {
        Step::Frame(first, payload) => link.frame(*first, payload),
        Step::Raw(bytes) => bytes.clone(),
        _ => vec![],
    });
    bytes.collect::<Vec<_>>().concat()
}

/// Takes one step; what was written is added to `wire`.
fn take(link: &mut Link, step: &Step, wire: &mut Vec<u8>) -> Vec<Fact> {
    let (connection, outbox) = (&mut link.connection, &mut link.outbox);
    let (before, was_open) = (outbox.len(), connection.is_open());
    let refused = match step {
        Step::Frame(first, payload) => return link.peer(*first, payload),
        Step::Raw(bytes) => return link.feed(bytes),
        Step::Wait(time) => return link.wait(*time),
        Step::End => return link.end(),
        Step::Write(len) => {
            let len = outbox.len().min(*len);
            wire.extend_from_slice(&outbox.copy_to_bytes(len));
            return link.poll();
        }
        Step::Ping => connection.ping(b"?", outbox, link.now),
        Step::Send(len) => connection.send_prepared(&Prepared::binary(&vec![1; *len]), outbox),
        Step::Begin => connection.begin_text("begin", outbox),
        Step::Finish => connection.finish(outbox),
        Step::Close => connection.close(CloseCode::GOING_AWAY, "going", outbox, link.now),
    };
    if let Err(error) = refused {
        assert_eq!(outbox.len(), before, "{error} wrote something");
        assert_eq!(error == SendError::NotOpen, !was_open, "{error}");
    }
    link.poll()
}

proptest! {
    /// Chop: the same events, bytes and error, however the input is cut, in parts, and in halves.
    #[test]
    fn chop(
        role in role(),
        shape in shape(),
        steps in prop::collection::vec(peer_step(), 0..12),
        cuts in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let whole = Link::new(role, small());
        let bytes = peer_bytes(&whole, &steps);
        let link = |shape| link(role, small(), shape);
        let messages = Shape { delivery: Delivery::Messages, ..shape };
        let expected = in_one_piece(link(messages), [&bytes[..]].into_iter());
        let cut = cut(&bytes, &cuts);
        prop_assert_eq!(&in_one_piece(link(shape), [&bytes[..]].into_iter()), &expected);
        prop_assert_eq!(&in_one_piece(link(shape), bytes.chunks(1)), &expected);
        prop_assert_eq!(&in_one_piece(link(shape), cut.iter().copied()), &expected);
        prop_assert_eq!(&in_halves(link(shape), bytes.chunks(1)), &expected);
        prop_assert_eq!(&in_halves(link(shape), cut.iter().copied()), &expected);
    }

    /// Quiet, Last word, Bound and Replay, whatever peer, clock and application do.
    #[test]
    fn quiet_last_word_bound_and_replay(
        role in role(), shape in shape(), steps in prop::collection::vec(any_step(), 0..60)
    ) {
        let run = || {
            let mut link = link(role, small(), shape);
            let (mut facts, mut wire) = (vec![], vec![]);
            for step in &steps {
                facts.extend(take(&mut link, step, &mut wire));
                // A message sent from an empty outbox, a Close, a ping and a pong.
                assert!(link.outbox.len() <= 700 + 14 + 139 + 6 + 131, "{}", link.outbox.len());
                assert!(link.inbox.len() < 600 + FrameHeader::MAX_LEN, "{}", link.inbox.len());
            }
            wire.extend(link.written());
            (facts, wire, link.outbox.is_ended())
        };
        let (facts, wire, ended) = run();
        let closes = crate::kit::frames(&wire, role == Role::Client)
            .iter()
            .filter(|(first, _)| *first == 0x88)
            .count();
        prop_assert!(closes <= 1, "{closes} Close frames");
        let told = facts.iter().any(|fact| matches!(fact, Fact::Closed(_) | Fact::Failed(_)));
        prop_assert!(told || !ended);
        prop_assert_eq!(run(), (facts, wire, ended));
    }

    /// Round trip: what one end sends the other receives, whatever the cuts.
    #[test]
    fn round_trip(
        messages in prop::collection::vec((0..4_u8, "\\PC{0,200}", 0..70_000_usize), 0..8),
        from_client: bool,
        shape in shape(),
        cut in prop_oneof![1..50_usize, 1..100_000_usize],
    ) {
        let mut ends = BOTH.map(|role| link(role, Config::default(), shape));
        if from_client {
            ends.reverse();
        }
        let [sender, receiver] = &mut ends;
        let (connection, outbox) = (&mut sender.connection, &mut sender.outbox);
        let mut expected = vec![];
        for (kind, text, len) in messages {
            let bytes = text.as_bytes();
            expected.push(match kind {
                0 => {
                    connection.send_text(&text, outbox)?;
                    Fact::Text(text)
                }
                1 => {
                    let large = vec![b'x'; len];
                    connection.send_binary(&large, outbox)?;
                    Fact::Binary(large)
                }
                2 => {
                    connection.send_prepared(&Prepared::text(&text), outbox)?;
                    Fact::Text(text)
                }
                _ => {
                    let (head, tail) = bytes.split_at(bytes.len() / 2);
                    connection.begin_binary(head, outbox)?;
                    connection.continue_binary(tail, outbox)?;
                    connection.finish(outbox)?;
                    Fact::Binary(text.into_bytes())
                }
            });
        }
        let wire = sender.written();
        let facts: Vec<Fact> = wire.chunks(cut).flat_map(|piece| receiver.feed(piece)).collect();
        prop_assert_eq!(joined(facts), expected);
    }

    /// Hand-over: behind each event the inbox holds exactly what was not eaten.
    #[test]
    fn hand_over(
        role in role(),
        shape in shape(),
        payloads in prop::collection::vec("\\PC{0,40}", 1..10),
    ) {
        let mut link = link(role, Config::default(), shape);
        let frames: Vec<Vec<u8>> =
            payloads.iter().map(|payload| link.frame(0x81, payload.as_bytes())).collect();
        link.inbox.push(&frames.concat());
        link.inbox.push(&[0x81]);
        for (index, payload) in payloads.into_iter().enumerate() {
            let fact = link.next().into_iter().collect();
            prop_assert_eq!(joined(fact), [Fact::Text(payload)]);
            let left = [&frames[index + 1..].concat()[..], &[0x81]].concat();
            prop_assert_eq!(link.inbox.as_slice(), &left[..]);
        }
        prop_assert_eq!(link.next(), None);
        prop_assert_eq!(link.inbox.as_slice(), &[0x81][..]);
    }

    /// Time may be anything, at any order, and every period may be zero.
    #[test]
    fn quiet_under_strange_clocks_and_periods(
        role in role(),
        shape in shape(),
        steps in prop::collection::vec((any::<u64>(), prop::option::of(peer_step())), 0..20),
        periods in prop::array::uniform4(prop_oneof![Just(0), Just(1), any::<u64>()]),
        close: bool,
    ) {
        let mut config = small();
        let [ping, pong, close_in, linger] = periods.map(Duration::from_nanos);
        config.ping_every = Some(ping);
        config.pong_timeout = pong;
        config.close_timeout = close_in;
        config.linger = linger;
        let mut link = link(role, config, shape);
        for (at, step) in steps {
            link.now = tidewire_core::Instant::from_origin(Duration::from_nanos(at));
            if let Some(step) = step {
                take(&mut link, &step, &mut vec![]);
            }
            link.poll();
        }
        if close && link.connection.is_open() {
            take(&mut link, &Step::Close, &mut vec![]);
        }
        link.poll();
        prop_assert!(link.inbox.room() <= Inbox::DEFAULT_LIMIT);
    }
}
