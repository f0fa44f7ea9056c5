//! All starts of a frame, in either role and wherever the connection stands, against an oracle that
//! was written from RFC 6455 §5 and §7 and shares nothing with the decoder.

use tidewire_ws::{CloseCode, Closed, Side};

use crate::kit::{BOTH, Config, Fact, Link, Role, close_frame, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Idle,
    InText,
    InBinary,
    Closing,
    ClosingInText,
    /// Both Closes are through, and the client waits for the end of the stream.
    Lingering,
    Ended,
}

const PLACES: [Place; 7] = [
    Place::Idle,
    Place::InText,
    Place::InBinary,
    Place::Closing,
    Place::ClosingInText,
    Place::Lingering,
    Place::Ended,
];

/// What the connection says to two bytes, and to nothing more.
#[derive(Debug, PartialEq)]
struct Verdict {
    told: Told,
    written: Vec<(u8, Vec<u8>)>,
    ends: bool,
}

#[derive(Debug, PartialEq)]
enum Told {
    Nothing,
    Event(Fact),
    ProtocolError,
}

/// Miri looks at a sample.
const STEP: usize = if cfg!(miri) { 4999 } else { 1 };

#[test]
fn every_start_of_a_frame_has_the_verdict_of_the_rfc_everywhere() {
    for role in BOTH {
        for place in PLACES {
            if (role, place) == (Role::Server, Place::Lingering) {
                continue;
            }
            for start in (0..=u16::MAX).step_by(STEP) {
                let start = start.to_be_bytes();
                let verdict = judge(&mut link_at(role, place), start);
                assert_eq!(verdict, oracle(role, place, start), "{role:?} {place:?} {start:02x?}");
            }
        }
    }
}

fn link_at(role: Role, place: Place) -> Link {
    let mut link = Link::new(role, Config::default());
    match place {
        Place::Idle | Place::Closing => {}
        Place::InText | Place::ClosingInText => assert_eq!(link.peer(0x01, b"a"), []),
        Place::InBinary => assert_eq!(link.peer(0x02, b"a"), []),
        Place::Lingering => assert_eq!(link.peer(0x88, b"").len(), 1),
        Place::Ended => assert_eq!(link.end().len(), 1),
    }
    if matches!(place, Place::Closing | Place::ClosingInText) {
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
    }
    link.written();
    link
}

fn judge(link: &mut Link, start: [u8; 2]) -> Verdict {
    let ended_before = link.outbox.is_ended();
    let mut facts = link.feed(&start);
    let told = match facts.pop() {
        None => Told::Nothing,
        Some(Fact::Failed(error)) => {
            assert_eq!(error.close_code(), CloseCode::PROTOCOL_ERROR, "{start:02x?}");
            Told::ProtocolError
        }
        Some(fact) => Told::Event(fact),
    };
    assert_eq!(facts, [], "{start:02x?}");
    let ends = link.outbox.is_ended() && !ended_before;
    Verdict { told, written: link.frames(), ends }
}

fn oracle(role: Role, place: Place, [first, second]: [u8; 2]) -> Verdict {
    let nothing = Verdict { told: Told::Nothing, written: vec![], ends: false };
    let (is_open, message) = match place {
        Place::Idle => (true, None),
        Place::InText => (true, Some(text("a"))),
        Place::InBinary => (true, Some(Fact::Binary(b"a".to_vec()))),
        Place::Closing => (false, None),
        Place::ClosingInText => (false, Some(text("a"))),
        // §7.1.1: what comes behind the peer's Close is dropped, whatever it is.
        Place::Lingering | Place::Ended => return nothing,
    };
    // §7.1.7: the Close says why, unless one has left before.
    let violation = Verdict {
        told: Told::ProtocolError,
        written: if is_open { vec![close_frame(1002)] } else { vec![] },
        ends: true,
    };
    let fin = first >= 0x80;
    let is_control = first & 0x08 != 0;
    // §5.2 for the reserved bits and opcodes, §5.4 for what may come when, §5.5 for control frames.
    let may_come = match first % 0x80 {
        0x0 => message.is_some(),
        0x1 | 0x2 => message.is_none(),
        0x8..=0xA => fin,
        _ => false,
    };
    // §5.1: from clients alone comes what is masked.
    let is_masked = second >= 0x80;
    let len = second % 0x80;
    if !may_come || is_masked != (role == Role::Server) || (is_control && len > 125) {
        return violation;
    }
    // A masked frame goes on with its key, and a longer one with its length or its payload.
    if is_masked || len > 0 {
        return nothing;
    }
    let event = |fact| Verdict { told: Told::Event(fact), written: vec![], ends: false };
    match first % 0x10 {
        0x8 => {
            let by = if is_open { Side::Peer } else { Side::Local };
            let closed = Closed { code: None, reason: "".into(), clean: true, by };
            let written = if is_open { vec![(0x88, vec![])] } else { vec![] };
            // Only a client is told so much in two bytes, and §7.1.1 lets the server end the stream.
            Verdict { told: Told::Event(Fact::Closed(closed)), written, ends: false }
        }
        0x9 if is_open => {
            let told = Told::Event(Fact::Ping(vec![]));
            Verdict { told, written: vec![(0x8A, vec![])], ends: false }
        }
        _ if !is_open || !fin => nothing,
        0xA => event(Fact::Pong(vec![])),
        0x1 => event(text("")),
        0x2 => event(Fact::Binary(vec![])),
        _ => message.map_or(nothing, event),
    }
}
