//! What a contestant does, and how it is put to work and watched. Each has a file of its own.

use super::case::{Case, Way};
use super::load::Event;
use super::tally::{Sink, Tally};
use crate::contest::{self, Absence, Work};

pub(crate) type Contestant = contest::Contestant<Skill>;

/// How a contestant decodes and encodes events, if it can.
pub(crate) struct Skill {
    pub(crate) decode: Option<fn(Stage) -> Decode>,
    pub(crate) encode: Option<fn(Stage) -> Encode>,
}

/// Decodes the tape once, giving each event to the tally.
pub(crate) type Decode = Box<dyn FnMut(&mut Tally)>;

/// Encodes every event once, giving the bytes of each to the sink.
pub(crate) type Encode = Box<dyn FnMut(&mut Sink)>;

/// Where a contestant plays. What lies there stays for good: lending it costs nobody anything.
#[derive(Clone, Copy)]
pub(crate) struct Stage {
    case: Case,
    pub(crate) events: &'static [Event],
    pub(crate) tape: &'static [u8],
}

impl Stage {
    pub(crate) fn new(case: Case) -> Self {
        let events = case.load.events();
        let tape = case.load.tape(&events);
        Self { case, events: events.leak(), tape: tape.leak() }
    }

    /// The tape, in the pieces in which it comes.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &'static [u8]> + use<> {
        self.tape.chunks(match self.case.way {
            Way::Decode(len) => len,
            Way::Encode => self.tape.len(),
        })
    }
}

/// Puts a contestant to work if what it gives is what was sent.
pub(crate) fn start(contestant: &Contestant, stage: Stage) -> Result<Work, Absence> {
    match stage.case.way {
        Way::Decode(_) => {
            let mut decode = (contestant.skill.decode.ok_or(Absence::Elsewhere)?)(stage);
            let mut tally = Tally::keeping();
            decode(&mut tally);
            // The floor joins no lines and knows no names.
            if contestant.rank != contest::Rank::Floor {
                right(tally.fault(stage.events))?;
            }
            Ok(Work::new(move || {
                let mut again = Tally::counting();
                decode(&mut again);
                assert_eq!(again.sum, tally.sum, "decoded");
            }))
        }
        Way::Encode => {
            let mut encode = (contestant.skill.encode.ok_or(Absence::Elsewhere)?)(stage);
            let mut sink = Sink::keeping();
            encode(&mut sink);
            right(sink.fault(stage.events))?;
            Ok(Work::new(move || {
                let mut again = Sink::counting();
                encode(&mut again);
                assert_eq!(again.len, sink.len, "encoded");
            }))
        }
    }
}

fn right(fault: Option<String>) -> Result<(), Absence> {
    fault.map_or(Ok(()), |fault| Err(Absence::Wrong(fault)))
}
