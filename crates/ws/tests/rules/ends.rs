//! The end of the stream at every byte of a dialogue. RFC 6455 §7.1.4–§7.1.5.

use tidewire_ws::Side;

use crate::kit::{BOTH, Config, Fact, Link, closed, lost, text};

/// Miri looks at a sample.
const STEP: usize = if cfg!(miri) { 47 } else { 1 };

#[test]
fn both_tell_what_was_whole_and_then_that_the_stream_was_cut_at_any_byte() {
    for role in BOTH {
        let link = Link::new(role, Config::default());
        let dialogue = [
            (link.frame(0x81, b"one"), Some(text("one"))),
            (link.frame(0x89, b"?"), Some(Fact::Ping(b"?".to_vec()))),
            (link.frame(0x02, &[7; 130]), None),
            (link.frame(0x8A, b""), Some(Fact::Pong(vec![]))),
            (link.frame(0x80, b"x"), Some(Fact::Binary([&[7; 130][..], b"x"].concat()))),
            (link.frame(0x88, b"\x03\xE8bye"), Some(closed(1000, "bye"))),
        ];
        let bytes: Vec<u8> = dialogue.iter().flat_map(|(frame, _)| frame.clone()).collect();
        for cut in (0..=bytes.len()).step_by(STEP) {
            let mut whole = 0;
            let mut expected: Vec<Fact> = dialogue
                .iter()
                .filter(|(frame, _)| {
                    whole += frame.len();
                    whole <= cut
                })
                .filter_map(|(_, fact)| fact.clone())
                .collect();
            if cut < bytes.len() {
                expected.push(lost(Side::Peer));
            }
            let mut link = Link::new(role, Config::default());
            link.inbox.push(&bytes[..cut]);
            assert_eq!(link.end(), expected, "{role:?} cut at {cut}");
            assert!(link.outbox.is_ended());

            let mut link = Link::new(role, Config::default());
            let mut facts: Vec<Fact> =
                bytes[..cut].chunks(1).flat_map(|byte| link.feed(byte)).collect();
            facts.extend(link.end());
            assert_eq!(facts, expected, "{role:?} byte by byte, cut at {cut}");
        }
    }
}
