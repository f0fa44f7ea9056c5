//! All starts of a frame: two bytes, in either role, wherever the connection stands.

use tidewire_ws::CloseCode;

use crate::kit::{BOTH, Config, Fact, Link, Role};

/// Where the connection stands when the frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    BetweenMessages,
    InsideMessage,
    AfterOurClose,
}

/// Miri looks at a sample.
const STEP: usize = if cfg!(miri) { 4999 } else { 1 };

#[test]
fn every_start_of_a_frame_is_taken_or_failed_as_the_rfc_says() {
    for role in BOTH {
        for place in [Place::BetweenMessages, Place::InsideMessage, Place::AfterOurClose] {
            for start in (0..=u16::MAX).step_by(STEP) {
                let [first, second] = start.to_be_bytes();
                let mut link = Link::new(role, Config::default());
                match place {
                    Place::BetweenMessages => {}
                    Place::InsideMessage => assert_eq!(link.peer(0x01, b"a"), []),
                    Place::AfterOurClose => {
                        let code = CloseCode::NORMAL;
                        link.connection.close(code, "", &mut link.outbox, link.now).unwrap();
                    }
                }
                let failed = match link.feed(&[first, second]).pop() {
                    Some(Fact::Failed(error)) => {
                        assert_eq!(error.close_code(), CloseCode::PROTOCOL_ERROR);
                        true
                    }
                    _ => false,
                };
                let allowed = is_allowed(role, place, first, second);
                assert_eq!(failed, !allowed, "{role:?} {place:?} {start:04x}");
            }
        }
    }
}

fn is_allowed(role: Role, place: Place, first: u8, second: u8) -> bool {
    let fin = first >> 7 == 1;
    let masked = second >> 7 == 1;
    let first_is_good = match first & 0x7F {
        0 => place == Place::InsideMessage,
        1 | 2 => place != Place::InsideMessage,
        8..=10 => fin && second & 0x7F <= 125,
        _ => false,
    };
    // A client's peer that closes with one byte has sent a whole frame, and a wrong one; an empty
    // frame of any other kind is complete and fine.
    first_is_good && masked == (role == Role::Server)
}
