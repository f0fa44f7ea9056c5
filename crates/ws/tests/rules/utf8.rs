//! The check of text against the standard library's, by enumeration. RFC 6455 §8.1, RFC 3629.

use tidewire_ws::utf8::Utf8;

/// The edges of every range in RFC 3629 §4, and a few bytes between.
const EDGES: [u8; 26] = [
    0x00, 0x41, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
    0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
];

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn every_four_bytes_at_the_edges_are_judged_as_the_standard_library_does() {
    for a in EDGES {
        for b in EDGES {
            for c in EDGES {
                for d in EDGES {
                    let bytes = [a, b, c, d];
                    let expected = str::from_utf8(&bytes).is_ok();
                    assert_eq!(passes(&[&bytes]), expected, "{bytes:02x?}");
                    assert_eq!(passes(&[&[a], &[b], &[c], &[d]]), expected, "{bytes:02x?}");
                    assert_eq!(passes(&[&bytes[..2], &bytes[2..]]), expected, "{bytes:02x?}");
                }
            }
        }
    }
}

#[test]
#[ignore = "all 2^32 of them take minutes, and a release build"]
fn every_four_bytes_are_judged_as_the_standard_library_does() {
    for number in 0..=u32::MAX {
        let bytes = number.to_be_bytes();
        let expected = str::from_utf8(&bytes).is_ok();
        assert_eq!(passes(&[&bytes]), expected, "{bytes:02x?}");
        assert_eq!(passes(&[&bytes[..1], &bytes[1..]]), expected, "{bytes:02x?}");
        assert_eq!(passes(&[&bytes[..2], &bytes[2..]]), expected, "{bytes:02x?}");
        assert_eq!(passes(&[&bytes[..3], &bytes[3..]]), expected, "{bytes:02x?}");
    }
}

fn passes(pieces: &[&[u8]]) -> bool {
    let mut text = Utf8::new();
    pieces.iter().all(|piece| text.push(piece).is_ok()) && text.finish().is_ok()
}
