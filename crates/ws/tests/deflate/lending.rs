//! Compressors that pass from one connection to the next.

use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use flate2::{Decompress, FlushDecompress};
use tidewire_ws::deflate::{Codecs, Config, Context, Deflater, Error, Inflater, Pool};

use crate::kit::{BOTH, content, deflate, deflater, inflate, zlib_message, zlib_peer};

fn pool(max_kept: usize) -> Arc<Mutex<Pool>> {
    Arc::new(Mutex::new(Pool::new(max_kept)))
}

fn lent(pool: &Arc<Mutex<Pool>>) -> Codecs {
    let pool = Arc::clone(pool);
    Codecs::lent(move |visit| visit(&mut pool.lock().expect("nobody panics with it")))
}

fn kept(pool: &Arc<Mutex<Pool>>) -> usize {
    pool.lock().expect("nobody panics with it").len()
}

#[test]
fn all_of_it_moves_between_threads() {
    fn moves<T: Send>() {}
    moves::<(Inflater, Deflater, Codecs, Pool, Error)>();
}

#[test]
fn a_message_borrows_and_its_end_gives_back() {
    let pool = pool(4);
    let mut codecs = lent(&pool);
    let mut sender = deflater(15, Context::NoTakeover, 1);
    let mut receiver = Inflater::new(15, Context::NoTakeover);
    let (mut payload, mut message) = (BytesMut::new(), BytesMut::new());
    sender.push(b"Hel", &mut payload, &mut codecs);
    assert_eq!(kept(&pool), 0);
    sender.finish(b"lo", &mut payload, &mut codecs);
    assert_eq!(kept(&pool), 1);
    receiver.push(&payload, 5, &mut message, &mut codecs).expect("valid");
    assert_eq!(kept(&pool), 1);
    receiver.finish(&mut codecs).expect("valid");
    assert_eq!(kept(&pool), 2);
    assert_eq!(message, "Hello");
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_context_that_is_taken_over_keeps_its_compressor_and_lends_the_decompressor() {
    let pool = pool(4);
    let mut codecs = lent(&pool);
    let mut sender = deflater(15, Context::Takeover, 6);
    let mut receiver = Inflater::new(15, Context::Takeover);
    let mut other = Inflater::new(15, Context::NoTakeover);
    let noise = content(30_000, 3, 0);
    for round in 0..5 {
        let payload = deflate(&mut sender, [&noise[..]], &mut codecs);
        assert!(round == 0 || payload.len() < 1000);
        let message = inflate(&mut receiver, [&payload[..]], noise.len(), &mut codecs);
        assert_eq!(message.expect("valid"), noise);
        let foreign = zlib_message(&mut zlib_peer(6, 15), &content(50_000, round, 1));
        inflate(&mut other, [&foreign[..]], 50_000, &mut codecs).expect("valid");
        assert_eq!(kept(&pool), 1);
    }
    sender.release(&mut codecs);
    assert_eq!(kept(&pool), 2);
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_compressor_carries_nothing_to_its_next_user() {
    let secret = b"the token is 2f7a91c04be6d853 and nobody may learn it";
    for level in 1..=9 {
        let config = |memory_level| {
            let mut config = Config::default();
            (config.level, config.memory_level) = (level, memory_level);
            config
        };
        for bits in 9..=15 {
            let fresh = {
                let mut codecs = Codecs::own();
                let mut sender = Deflater::new(bits, Context::NoTakeover, config(5)).unwrap();
                deflate(&mut sender, [&secret[..]], &mut codecs)
            };
            let pool = pool(1);
            let mut codecs = lent(&pool);
            for context in BOTH {
                let mut first = Deflater::new(bits, context, config(5)).unwrap();
                // Whole, left in the middle, and with more than a window behind it.
                for leave in 0..3 {
                    let mut dropped = BytesMut::new();
                    match leave {
                        0 => first.finish(secret, &mut dropped, &mut codecs),
                        1 => first.push(secret, &mut dropped, &mut codecs),
                        _ => {
                            let much = [content(70_000, 1, 2), secret.to_vec()].concat();
                            first.finish(&much, &mut dropped, &mut codecs);
                        }
                    }
                    first.release(&mut codecs);
                    assert_eq!(kept(&pool), 1);
                    let mut second = Deflater::new(bits, Context::NoTakeover, config(5)).unwrap();
                    let guess = deflate(&mut second, [&secret[..]], &mut codecs);
                    assert_eq!(guess, fresh, "as if nobody had said it before");
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_decompressor_carries_nothing_to_its_next_user() {
    let secret = content(40_000, 17, 0);
    let whole = zlib_message(&mut zlib_peer(6, 15), &secret);
    // A block of one match: three bytes, from as far back as the code says.
    let peeks: [&[u8]; 2] = [b"\x02\x02\x00\x00", b"\x02\x13\x00\x00"];
    let pool = pool(1);
    let mut codecs = lent(&pool);
    for context in BOTH {
        for leave in 0..3 {
            let mut first = Inflater::new(15, context);
            let mut message = BytesMut::new();
            match leave {
                0 => drop(inflate(&mut first, [&whole[..]], 40_000, &mut codecs).expect("valid")),
                1 => first.push(&whole[..30_000], 40_000, &mut message, &mut codecs).unwrap(),
                _ => drop(inflate(&mut first, [&whole[..]], 39_000, &mut codecs).unwrap_err()),
            }
            first.release(&mut codecs);
            assert_eq!(kept(&pool), 1);
            for peek in peeks {
                for context in BOTH {
                    let mut second = Inflater::new(15, context);
                    let seen = inflate(&mut second, [peek], 1000, &mut codecs);
                    assert_eq!(seen, Err(Error::Corrupt), "there is nothing to refer to");
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_peer_follows_when_the_context_was_forgotten_or_a_message_came_from_elsewhere() {
    let (mut codecs, text) = (Codecs::own(), content(2000, 9, 1));
    let mut sender = deflater(15, Context::Takeover, 6);
    let mut receiver = Inflater::new(15, Context::Takeover);
    let mut zlib = Decompress::new_with_window_bits(false, 15);
    let mut elsewhere = deflater(15, Context::NoTakeover, 6);
    let prepared = deflate(&mut elsewhere, [&b"for everybody"[..]], &mut codecs);
    for round in 0..4 {
        for payload in [
            deflate(&mut sender, [&text[..]], &mut codecs),
            deflate(&mut sender, [&text[round..]], &mut codecs),
            prepared.clone(),
        ] {
            let message = inflate(&mut receiver, [&payload[..]], 2000, &mut codecs);
            let mut theirs = Vec::with_capacity(4096);
            let with_tail = [&payload[..], &crate::kit::TAIL].concat();
            zlib.decompress_vec(&with_tail, &mut theirs, FlushDecompress::Sync).expect("valid");
            assert_eq!(message.expect("valid"), theirs);
        }
        sender.release(&mut codecs);
    }
}

#[test]
fn a_message_goes_on_after_its_compressor_was_given_back() {
    for context in BOTH {
        let (mut codecs, mut payload) = (lent(&pool(1)), BytesMut::new());
        let mut sender = deflater(15, context, 6);
        for fragment in ["Hello, ", "Hello, "] {
            sender.push(fragment.as_bytes(), &mut payload, &mut codecs);
            sender.release(&mut codecs);
        }
        sender.finish(b"", &mut payload, &mut codecs);
        let mut receiver = Inflater::new(15, context);
        let message = inflate(&mut receiver, [&payload[..]], 14, &mut codecs);
        assert_eq!(message.expect("valid"), "Hello, Hello, ");
    }
}

#[test]
fn a_pool_keeps_no_more_than_it_may_and_lends_what_fits() {
    let pool = pool(2);
    let mut codecs = lent(&pool);
    let mut payload = BytesMut::new();
    let mut senders: Vec<Deflater> =
        [15, 15, 12, 9].map(|bits| deflater(bits, Context::NoTakeover, 1)).into();
    for sender in &mut senders {
        sender.push(b"Hello", &mut payload, &mut codecs);
    }
    for sender in &mut senders {
        sender.finish(b"", &mut payload, &mut codecs);
    }
    // The two of 15 bits lay there longest.
    assert_eq!(kept(&pool), 2);
    let mut taken = |bits| {
        let before = kept(&pool);
        let mut sender = deflater(bits, Context::NoTakeover, 1);
        sender.push(b"Hello", &mut payload, &mut codecs);
        before - kept(&pool)
    };
    assert_eq!([taken(15), taken(12), taken(12), taken(9)], [0, 1, 0, 1]);
    pool.lock().unwrap().clear();
    assert!(pool.lock().unwrap().is_empty());
}

#[test]
fn a_pool_that_keeps_none_or_is_out_of_reach_is_no_hindrance() {
    let none = pool(0);
    let out_of_reach = Codecs::lent(|_| ());
    let twice = Codecs::lent({
        let pool = pool(1);
        move |visit| {
            visit(&mut pool.lock().unwrap());
            visit(&mut pool.lock().unwrap());
        }
    });
    for mut codecs in [lent(&none), out_of_reach, twice, Codecs::own(), Codecs::default()] {
        let mut sender = deflater(15, Context::NoTakeover, 1);
        let mut receiver = Inflater::new(15, Context::NoTakeover);
        for _ in 0..3 {
            let payload = deflate(&mut sender, [&b"Hello"[..]], &mut codecs);
            let message = inflate(&mut receiver, [&payload[..]], 5, &mut codecs);
            assert_eq!(message.expect("valid"), "Hello");
        }
    }
    assert_eq!(kept(&none), 0);
}
