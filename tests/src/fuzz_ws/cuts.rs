//! The same bytes, read in every way that must not matter.

use std::time::Duration;

use tidewire::ws::{Config, Delivery, Error};
use tidewire_core::Protocol;

use super::Plan;
use crate::chop::feed;
use crate::end::End;
use crate::ends::{Role, WebSocket};
use crate::solo::Outcome;

/// Cut or whole, in parts or in messages, in halves or in one piece, with a pool or without: the
/// events and the bytes are the same.
///
/// Behind the plan comes how many bytes say where to cut, and these.
pub fn cuts(data: &[u8]) {
    let Some((plan, [count, data @ ..])) = Plan::read(data) else { return };
    let (widths, input) = data.split_at(data.len().min(usize::from(count % 16)));
    let role = if count & 16 == 0 { Role::Server } else { Role::Client };
    let base = plan.socket(role, plan.config());
    let socket = |delivery, is_pooled| {
        let mut config = Config::clone(&base.config);
        config.delivery = delivery;
        // One pool after another run's use: what it kept must not be told from what is new. But of
        // a peer that refers back further than it may, a pool learns what nobody else does.
        let pool = base.pool.clone().filter(|_| is_pooled || !plan.has_large_windows());
        WebSocket { config: config.into(), pool, ..base.clone() }
    };
    let [messages, parts] = [Delivery::Messages, Delivery::Parts];
    let ends = plan.has(Plan::ACTIVE);
    let (whole, ones, cut) = ([input.len()], vec![1; input.len()], cutting(widths, input.len()));

    let expected = run(socket(messages, false).end(), input, &whole, ends);
    let (pooled, pooled_parts) = (socket(messages, true), socket(parts, true));
    for (name, outcome) in [
        ("byte by byte", run(pooled.end(), input, &ones, ends)),
        ("cut", run(pooled.end(), input, &cut, ends)),
        ("in halves", run(pooled.halves(), input, &whole, ends)),
        ("in halves, cut", run(socket(messages, false).halves(), input, &cut, ends)),
        ("in parts", run(socket(parts, false).end(), input, &whole, ends)),
        ("in parts, byte by byte", run(pooled_parts.end(), input, &ones, ends)),
        ("in parts, cut", run(pooled_parts.end(), input, &cut, ends)),
        ("in parts and halves, cut", run(pooled_parts.halves(), input, &cut, ends)),
    ] {
        assert_eq!(outcome, expected, "Chop: {name}");
    }
}

/// Feeds the input, ends the stream if it is to end, and lets time pass until nothing is due.
fn run<M: Protocol<Error = Error>>(
    end: End<M>,
    input: &[u8],
    cutting: &[usize],
    ends: bool,
) -> Outcome {
    let mut solo = feed(end, input, cutting);
    if ends {
        solo.finish();
    }
    solo.wait(Duration::from_secs(300));
    let outcome = solo.outcome();
    assert!(outcome.ended, "a silent peer is given up");
    solo.end.inbox.push(b"\x81\x00");
    solo.finish();
    assert_eq!(solo.outcome(), outcome, "Last word: there was more");
    outcome
}

/// Pieces as wide as these bytes say, again and again.
fn cutting(widths: &[u8], mut len: usize) -> Vec<usize> {
    let mut cutting = Vec::new();
    for &width in widths.iter().chain(&[6]).cycle() {
        if len == 0 {
            break;
        }
        let width = (1 + usize::from(width)).min(len);
        cutting.push(width);
        len -= width;
    }
    cutting
}
