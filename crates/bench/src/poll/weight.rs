//! What a held poll weighs: the bytes of heap that park and hub own together. How long it takes to hold
//! it is `life`'s business.

use super::crowd::{Crowd, Makeup, NOW, Names, Topics};
use super::life::Queue;
use crate::heap;
use crate::sheet::grouped;

/// Counts and prints; whether all targets hold.
pub(crate) fn run(polls: usize, is_named: &impl Fn(&str) -> bool) -> bool {
    let (one, many) = (Topics::Shared(1), Topics::Shared(1_000));
    let cases = [
        ("weight, one topic", one, Names::Anonymous, Some(TARGET)),
        ("weight, one topic, client", one, Names::Client, Some(TARGET)),
        ("weight, one topic, client, 64 a peer", one, Names::ClientAndPeer(64), Some(TARGET)),
        ("weight, one topic, client, own peer", one, Names::ClientAndPeer(1), Some(TARGET)),
        ("weight, 1,000 topics", many, Names::Anonymous, Some(TARGET)),
        ("weight, 1,000 topics, client, own peer", many, Names::ClientAndPeer(1), Some(TARGET)),
        ("weight, own topic", Topics::Own, Names::Anonymous, None),
        ("weight, own topic, client, own peer", Topics::Own, Names::ClientAndPeer(1), None),
    ];
    let mut cases = cases.into_iter().filter(|(name, ..)| is_named(name)).peekable();
    if cases.peek().is_none() {
        return true;
    }
    println!(
        "{:<40} {:>9} {:>7}",
        format!("heap of {} held polls", grouped(polls)),
        "bytes",
        "target"
    );
    let mut all_hold = true;
    for (name, topics, names, target) in cases {
        let mut crowd = Crowd::new(Makeup::new(topics, names), polls);
        let bytes = heap::bytes_kept(|| (0..polls as u32).for_each(|who| crowd.hold(who, NOW)));
        let bytes = bytes as f64 / polls as f64;
        let (target, verdict) = match target {
            Some(most) if bytes <= most => (format!("{most:.0}"), "ok"),
            Some(most) => (format!("{most:.0}"), "SHORT"),
            None => (String::new(), ""),
        };
        all_hold &= verdict != "SHORT";
        println!("> {name:<38} {bytes:>9.1} {target:>7} {verdict}");
    }
    println!(
        "  All that park and hub took from the heap to hold them, for each; a topic of its own takes a \
        group and a reader, too.\n"
    );
    all_hold
}

const TARGET: f64 = 96.0;
