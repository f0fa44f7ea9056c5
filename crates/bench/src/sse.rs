//! Server-Sent Events beside their peers, in memory, on one thread. Each contestant has a file of
//! its own.
//!
//! A decoder gets the same bytes in the same pieces, an encoder the same texts one event at a time.
//! Before it is timed, the name, data and last event ID of every event are compared; while it is
//! timed, their number and lengths are.

mod case;
mod contest;
mod load;
mod pieces;
mod tally;

mod axum;
mod eventsource_stream;
mod floor;
mod russe;
mod sse_core;
mod sse_parse;
mod sse_stream;
mod sseer;
mod tidewire;

use self::case::Case;
use self::contest::{Contestant, Skill, Stage};
use crate::contest::{Absence, Contest, Work};

/// The contest.
pub(crate) struct Sse;

/// The cases whose instructions are counted if none is named.
pub(crate) const USUAL: [&str; 4] =
    ["decode/9B/64KiB", "decode/delta/64KiB", "decode/lines/64KiB", "encode/delta"];

impl Contest for Sse {
    type Case = Case;
    type Skill = Skill;
    type Stage = Stage;

    const SUITE: &'static str = "sse";
    const TITLE: &'static str = "Server-Sent Events in memory, one thread";
    const NOTES: &'static str = "Decoders get reads of 64 KiB, packets of 1,460 bytes or single \
        bytes, and look at name, data and\n  last event ID. Encoders begin with a name, an ID and \
        data as `&str`; who wants a String pays for it.";
    const WHOLE: &'static str = "peer";
    const UNIT: &'static str = "event";
    const CONTESTANTS: &'static [Contestant] = &[
        tidewire::TIDEWIRE,
        tidewire::TIDEWIRE_BYTES,
        sse_core::SSE_CORE,
        sse_parse::SSE_PARSE,
        sseer::SSEER,
        sse_stream::SSE_STREAM,
        eventsource_stream::EVENTSOURCE_STREAM,
        russe::RUSSE,
        axum::AXUM,
        floor::FLOOR,
    ];

    fn stage(case: Case) -> Stage {
        Stage::new(case)
    }

    fn start(contestant: &Contestant, _: Case, stage: &Stage) -> Result<Work, Absence> {
        contest::start(contestant, *stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::{Case as _, Rank};

    #[test]
    fn every_contestant_brings_every_event_through_but_axum_a_crlf() {
        for case in Case::all() {
            let stage = Stage::new(case);
            for contestant in Sse::CONTESTANTS {
                match contest::start(contestant, stage) {
                    Ok(mut work) => work.run(),
                    Err(Absence::Elsewhere) => assert_ne!(contestant.rank, Rank::Ours),
                    Err(Absence::Wrong(deed)) => {
                        let who = (contestant.name, case.to_string());
                        assert_eq!(who, ("axum", "encode/lines-crlf".to_owned()), "{deed}");
                    }
                }
            }
        }
    }
}
