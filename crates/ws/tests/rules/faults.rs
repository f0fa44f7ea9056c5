//! Each fault has its close code on the wire, once, and silence behind it. RFC 6455 §7.1.7, §7.4.1.

use std::time::Duration;

use tidewire_core::Protocol;
use tidewire_ws::{Error, Opcode};

use crate::kit::{BOTH, Config, Fact, Link, Role, close_frame};

/// How the peer comes to a fault.
type Deed = fn(&mut Link) -> Vec<Fact>;

/// Each variant of [`Error`] that both roles can tell, its code, and what leads to it.
const FAULTS: [(Error, u16, Deed); 16] = [
    (Error::ReservedBits { bits: 2 }, 1002, |link| link.peer(0xA1, b"")),
    (Error::UnknownOpcode { opcode: 0xB }, 1002, |link| link.peer(0x8B, b"")),
    (Error::FragmentedControl { opcode: Opcode::Ping }, 1002, |link| link.peer(0x09, b"")),
    (Error::LongControl { opcode: Opcode::Pong }, 1002, |link| link.peer(0x8A, &[0; 126])),
    (Error::NothingToContinue, 1002, |link| link.peer(0x80, b"x")),
    (Error::UnfinishedMessage { opcode: Opcode::Binary }, 1002, |link| {
        link.peer(0x01, b"half");
        link.peer(0x82, b"x")
    }),
    (Error::LengthNotMinimal { len: 1 }, 1002, |link| {
        let bit = if link.role == Role::Server { 0x80 } else { 0 };
        link.feed(&[0x82, bit | 126, 0, 1])
    }),
    (Error::LengthOutOfRange { len: 1 << 63 }, 1002, |link| {
        let bit = if link.role == Role::Server { 0x80 } else { 0 };
        link.feed(&[0x82, bit | 127, 0x80, 0, 0, 0, 0, 0, 0, 0])
    }),
    (Error::FrameTooBig { limit_bytes: 300 }, 1009, |link| link.peer(0x82, &[0; 301])),
    (Error::MessageTooBig { limit_bytes: 400 }, 1009, |link| {
        link.peer(0x02, &[0; 300]);
        link.peer(0x80, &[0; 101])
    }),
    (Error::EmptyFragments { limit: 1 }, 1008, |link| {
        link.peer(0x02, b"");
        link.peer(0x00, b"")
    }),
    (Error::ControlFlood { limit: 2 }, 1008, |link| {
        link.peer(0x8A, b"");
        link.peer(0x8A, b"");
        link.peer(0x8A, b"")
    }),
    (Error::InvalidUtf8, 1007, |link| link.peer(0x81, b"\xFF")),
    (Error::CutCloseCode, 1002, |link| link.peer(0x88, b"\x03")),
    (Error::InvalidCloseCode { code: 1005 }, 1002, |link| link.peer(0x88, b"\x03\xED")),
    (Error::PongTimeout { waited: Duration::from_secs(20) }, 3008, |link| {
        link.wait(Duration::from_secs(25));
        link.written();
        link.poll();
        link.wait(Duration::from_secs(20))
    }),
];

fn small() -> Config {
    let mut config = Config::default();
    config.max_frame_bytes = 300;
    config.max_message_bytes = 400;
    config.max_empty_fragments = 1;
    config.max_control_frames_per_second = 2;
    config
}

#[test]
fn each_fault_puts_its_close_code_on_the_wire_once_and_is_the_last_word() {
    for role in BOTH {
        let mask = if role == Role::Server {
            (Error::Unmasked, 1002, (|link| link.feed(b"\x81\x00")) as Deed)
        } else {
            (Error::Masked, 1002, (|link| link.feed(b"\x81\x80")) as Deed)
        };
        for (error, code, deed) in FAULTS.into_iter().chain([mask]) {
            let mut link = Link::new(role, small());
            assert_eq!(deed(&mut link), [Fact::Failed(error)]);
            assert_eq!(link.frames(), [close_frame(code)], "{error}");
            assert_eq!(error.close_code().get(), code);
            assert!(link.outbox.is_ended() && !link.connection.is_open(), "{error}");
            assert_eq!(link.connection.deadline(), None, "{error}");
            assert_eq!(link.peer(0x81, b"more"), []);
            assert_eq!(link.peer(0x88, b"\x03\xE8"), []);
            assert_eq!(link.end(), []);
            assert!(link.outbox.is_empty(), "{error}");
        }
    }
}
