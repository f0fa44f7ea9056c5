//! What sealed cursors promise: one text each, for one audience, that tells nothing and is not forged.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

use std::collections::BTreeSet;

use allocation_counter::measure;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use tidewire_hub::{Cursor, ParseCursorError, Seal, Start};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn cursor(offset: u64) -> Cursor {
    Cursor { epoch: 7, offset }
}

fn refused(seal: &Seal, text: &str, audience: &[u8]) -> bool {
    seal.open(text, audience) == Err(ParseCursorError)
}

/// As another implementation of RFC 5297 seals it. Clients hold such texts, so none may ever change.
#[test]
fn the_text_of_a_cursor_is_that_of_the_rfc() {
    let key = std::array::from_fn(|byte| byte as u8);
    let sealed = Seal::new(key).seal(Cursor { epoch: 1_000, offset: 42 }, b"tenant-a");
    assert_eq!(sealed.to_string(), "dDtJxW1VQneXInTtfU6TLjGfUl0Y99Rs94WCNoWgNjY");
}

#[test]
fn each_changed_bit_is_refused() {
    let seal = Seal::new([7; 32]);
    let text = seal.seal(cursor(42), b"a").to_string();
    let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
    assert_eq!(bytes.len(), 32);
    for bit in 0..256 {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert!(refused(&seal, &URL_SAFE_NO_PAD.encode(forged), b"a"), "{bit}");
    }
}

/// The last character has two bits to spare: with any of them set it would be a second text.
#[test]
fn b10_each_changed_character_is_refused() {
    let seal = Seal::new([7; 32]);
    let text = seal.seal(cursor(42), b"a").to_string();
    for place in 0..text.len() {
        let others = (0..=0x7f).filter(|&byte| byte != text.as_bytes()[place]);
        for other in others.map(char::from) {
            let mut forged = text.clone();
            forged.replace_range(place..=place, &other.to_string());
            assert!(refused(&seal, &forged, b"a"), "{forged:?}");
        }
    }
}

#[test]
fn b10_a_text_of_another_length_is_refused_and_nothing_is_allocated() {
    let seal = Seal::new([7; 32]);
    let text = seal.seal(cursor(42), b"a").to_string();
    let longer = ["=", "A", "\0", " ", "é"].map(|more| format!("{text}{more}"));
    let others = [String::new(), text[..42].to_owned(), text.repeat(10_000)];
    for other in longer.into_iter().chain(others) {
        let opened = measure(|| assert!(refused(&seal, &other, b"a")));
        assert_eq!(opened.count_total, 0);
    }
    assert!(refused(&seal, &"é".repeat(22)[..42], b"a"));
    let opened = measure(|| assert_eq!(seal.open(&text, b"a"), Ok(cursor(42))));
    assert_eq!(opened.count_total, 0);
}

#[test]
fn a_plain_position_is_no_sealed_one_and_a_sealed_one_is_no_plain_one() {
    let seal = Seal::new([7; 32]);
    let longest = Cursor { epoch: u64::MAX, offset: u64::MAX };
    for plain in ["oldest", "now", "last:18446744073709551615", "7.42", &longest.to_string()] {
        assert!(plain.parse::<Start>().is_ok());
        assert!(refused(&seal, plain, b""), "{plain}");
    }
    let sealed = seal.seal(cursor(42), b"").to_string();
    assert!(sealed.parse::<Start>().is_err());
}

/// Of two random texts the first characters are the same once in 64 times.
#[test]
fn neighbours_have_no_more_in_common_than_chance_gives() {
    let seal = Seal::new([7; 32]);
    let texts: Vec<_> = (0..6_400).map(|n| seal.seal(cursor(n), b"a").to_string()).collect();
    for place in 0..42 {
        let same = |pair: &&[String]| pair[0].as_bytes()[place] == pair[1].as_bytes()[place];
        let same = texts.windows(2).filter(same).count();
        assert!((50..=150).contains(&same), "{same} at {place}");
        let used: BTreeSet<_> = texts.iter().map(|text| text.as_bytes()[place]).collect();
        assert_eq!(used.len(), ALPHABET.len());
    }
    let ascending = texts.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!((2_900..=3_500).contains(&ascending), "{ascending}");
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len());
}

#[test]
fn the_key_is_not_shown() {
    assert_eq!(format!("{:?}", Seal::new([7; 32])), "Seal { .. }");
}

proptest! {
    #[test]
    fn a_sealed_cursor_is_opened_by_its_key_for_its_audience_alone(
        key: [u8; 32],
        epoch: u64,
        offset: u64,
        audience in prop::collection::vec(any::<u8>(), 0..40),
        other in prop::collection::vec(any::<u8>(), 0..40),
        bit in 0..256_usize,
    ) {
        let (seal, cursor) = (Seal::new(key), Cursor { epoch, offset });
        let sealed = seal.seal(cursor, &audience);
        let text = sealed.to_string();
        prop_assert_eq!(text.len(), 43);
        prop_assert!(text.bytes().all(|byte| ALPHABET.contains(&byte)));
        prop_assert_eq!(seal.open(&text, &audience), Ok(cursor));
        prop_assert_eq!(Seal::new(key).seal(cursor, &audience), sealed);
        prop_assert_eq!(seal.open(&text, &other).is_ok(), other == audience);
        let mut key = key;
        key[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(refused(&Seal::new(key), &text, &audience));
    }

    #[test]
    fn b10_what_nobody_sealed_is_refused(text in ".{0,64}|[A-Za-z0-9_-]{43}", audience: Vec<u8>) {
        prop_assert!(refused(&Seal::new([7; 32]), &text, &audience));
    }
}
