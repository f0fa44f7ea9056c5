//! WebSocket beside its peers, in memory, on one thread. Each contestant has a file of its own.
//!
//! Every contestant gets the same bytes in reads of at most 64 KiB through the interface that suits
//! it best, and gives the same messages to the same sink. Before it is timed, every byte of every
//! message is compared; while it is timed, their number and length are.

mod case;
mod contest;
mod frame;
mod message;
mod table;
mod wide;
mod wire;

mod fastwebsockets;
mod floor;
mod sockudo_ws;
mod tidewire;
mod tokio_websockets;
mod tungstenite;
mod web_socket;
mod yawc;

pub(crate) mod instructions;

use std::process::ExitCode;
use std::rc::Rc;

use self::case::{Case, Way};
use self::contest::{Contestant, Rank, Work};
use self::message::Messages;
use self::table::{Row, Table};
use crate::harness::{Effort, measure};

const CONTESTANTS: [Contestant; 10] = [
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

/// Times the cases that `only` names and prints a table for each, and one over all.
pub(crate) fn run(only: &[String], effort: Effort) -> ExitCode {
    let cases = Case::named(only);
    if cases.is_empty() {
        return nothing_named(only);
    }
    print_notes();
    let mut tables = Vec::new();
    for case in cases {
        let table = Table { case, rows: rows(case, effort) };
        table.print();
        tables.push(table);
    }
    table::print_summary(&tables);
    ExitCode::SUCCESS
}

/// Runs one contestant in one case so many times, for a profiler to look at.
pub(crate) fn run_bare(contestant: &str, times: &str, only: &[String]) -> ExitCode {
    let Some(contestant) = CONTESTANTS.iter().find(|known| known.name == contestant) else {
        let known: Vec<&str> = CONTESTANTS.iter().map(|known| known.name).collect();
        eprintln!("no contestant {contestant:?}; there are: {}", known.join(", "));
        return ExitCode::from(2);
    };
    let (Ok(times), [case, ..]) = (times.parse::<u64>(), &Case::named(only)[..]) else {
        eprintln!("how many times, and in which case?");
        return ExitCode::from(2);
    };
    let mut work = start(contestant, *case, &stage(*case));
    (0..times).for_each(|_| work.run());
    ExitCode::SUCCESS
}

fn rows(case: Case, effort: Effort) -> Vec<Row> {
    let stage = stage(case);
    let works = CONTESTANTS.iter().map(|contestant| start(contestant, case, &stage));
    let (counts, mut cases): (Vec<_>, Vec<_>) = works
        .zip(&CONTESTANTS)
        .map(|(work, contestant)| (work.counts(), work.into_case(contestant.name)))
        .unzip();
    let messages = case.messages() as f64;
    let figures = measure(&mut cases, effort).into_iter().zip(counts);
    let rows = CONTESTANTS.iter().zip(figures).map(|(contestant, (figures, counts))| Row {
        name: contestant.name,
        rank: contestant.rank,
        median: figures.median / messages,
        fastest: figures.fastest / messages,
        allocations: figures.allocations / messages,
        calls: counts.calls_per_message(case.way),
    });
    rows.collect()
}

/// What all contestants of a case share: the messages, and the tape to receive them from.
fn stage(case: Case) -> (Rc<Messages>, Rc<[u8]>) {
    let messages = Messages::new(&case);
    let tape = match case.way {
        Way::Receive => messages.frames_for(case.end),
        Way::Send => Vec::new(),
    };
    (Rc::new(messages), tape.into())
}

fn start(contestant: &Contestant, case: Case, stage: &(Rc<Messages>, Rc<[u8]>)) -> Work {
    contestant.start(case, &stage.0, &stage.1)
}

fn print_notes() {
    println!("WebSocket in memory, one thread; every figure is for one message.\n");
    for Contestant { name, rank, note, .. } in &CONTESTANTS {
        let rank = match rank {
            Rank::Ours => "ours",
            Rank::Whole => "whole",
            Rank::Part | Rank::Unchecked => "part",
            Rank::Floor => "floor",
        };
        println!("  {name:<18} {rank:<6} {note}");
    }
    println!(
        "\n  whole: a connection that checks UTF-8, assembles fragments, answers pings and closes; \
         part: less;\n  who checks no UTF-8 (~) does not count as a rival where text is received. \
         Small messages are sent in bursts of 64 between flushes, those from 16 KiB \
         on one by one.\n"
    );
}

fn nothing_named(only: &[String]) -> ExitCode {
    eprintln!("no case has {} in its name; there are:", only.join(" or "));
    Case::all().for_each(|case| eprintln!("  {case}"));
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::case::{End, Kind};
    use super::*;

    #[test]
    fn every_contestant_brings_every_message_through() {
        for case in Case::all().filter(|case| case.size < 1 << 20 || case.kind == Kind::Mixed) {
            let stage = stage(case);
            for contestant in &CONTESTANTS {
                start(contestant, case, &stage).run();
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
