//! WebSocket beside its peers, in memory, on one thread. Each contestant has a file of its own.
//!
//! Every contestant gets the same bytes in reads of at most 64 KiB through the interface that suits
//! it best, and gives the same messages to the same sink. Before it is timed, every byte of every
//! message is compared; while it is timed, their number and length are.

mod case;
mod contest;
mod frame;
mod message;
mod wire;

mod fastwebsockets;
mod floor;
mod sockudo_ws;
mod tidewire;
mod tokio_websockets;
mod tungstenite;
mod web_socket;
mod yawc;

use std::rc::Rc;

use self::case::{Case, Way};
use self::contest::{Contestant, Skill};
use self::message::Messages;
use crate::contest::{Absence, Contest, Work};

/// The contest.
pub(crate) struct Ws;

/// The cases whose instructions are counted if none is named.
pub(crate) const USUAL: [&str; 3] = ["text-ascii/16B", "text-ascii/125B", "text-ascii/1KiB"];

impl Contest for Ws {
    type Case = Case;
    type Skill = Skill;
    type Stage = (Rc<Messages>, Rc<[u8]>);

    const SUITE: &'static str = "ws";
    const TITLE: &'static str = "WebSocket in memory, one thread";
    const NOTES: &'static str = "whole: a connection that checks UTF-8, assembles fragments, answers \
        pings and closes; part: less;\n  who checks no UTF-8 (~) does not count as a rival where \
        text is received. Small messages are sent in bursts of 64 between flushes, those from \
        16 KiB on one by one.";
    const WHOLE: &'static str = "whole";
    const UNIT: &'static str = "message";
    const CONTESTANTS: &'static [Contestant] = &[
        tidewire::TIDEWIRE,
        tungstenite::TUNGSTENITE,
        fastwebsockets::FASTWEBSOCKETS,
        tokio_websockets::TOKIO_WEBSOCKETS,
        sockudo_ws::SOCKUDO_WS,
        yawc::YAWC,
        sockudo_ws::SOCKUDO_WS_CODEC,
        yawc::YAWC_CODEC,
        web_socket::WEB_SOCKET,
        floor::FLOOR,
    ];

    /// The messages, and the tape to receive them from.
    fn stage(case: Case) -> Self::Stage {
        let messages = Messages::new(&case);
        let tape = match case.way {
            Way::Receive => messages.frames_for(case.end),
            Way::Send => Vec::new(),
        };
        (Rc::new(messages), tape.into())
    }

    fn start(
        contestant: &Contestant,
        case: Case,
        (messages, tape): &Self::Stage,
    ) -> Result<Work, Absence> {
        Ok(contest::start(contestant, case, messages, tape))
    }
}

#[cfg(test)]
mod tests {
    use super::case::{End, Kind};
    use super::*;
    use crate::contest::Case as _;

    #[test]
    fn every_contestant_brings_every_message_through() {
        let cases = Case::all().into_iter();
        for case in cases.filter(|case| case.size < 1 << 20 || case.kind == Kind::Mixed) {
            let stage = Ws::stage(case);
            for contestant in Ws::CONTESTANTS {
                Ws::start(contestant, case, &stage).ok().expect("all play in all").run();
            }
        }
    }

    #[test]
    fn a_changed_byte_and_a_lost_frame_are_noticed() {
        let case = Case::named(&["receive/server/text-mixed/125B".to_owned()])[0];
        let messages = Messages::new(&case);
        let mut frames = messages.frames_for(case.end);
        assert!(messages.are_in(&frames, End::Client));
        assert!(!messages.are_in(&frames[6 + 125..], End::Client));
        frames[70] ^= 1;
        assert!(!messages.are_in(&frames, End::Client));
    }
}
