//! What compression costs in memory, counted at the allocator and printed.

use std::cell::RefCell;
use std::mem::size_of;

use allocation_counter::{AllocationInfo, measure};
use bytes::BytesMut;
use tidewire_ws::deflate::{Codecs, Config, Context, Deflater, Inflater, Pool};

use crate::kit::{BOTH, content, zlib_message, zlib_peer};

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool::new(8)) };
}

fn lent() -> Codecs {
    Codecs::lent(|visit| POOL.with_borrow_mut(|pool| visit(pool)))
}

/// One end of a connection: both directions, and where their compressors come from.
struct End {
    sender: Deflater,
    receiver: Inflater,
    codecs: Codecs,
}

impl End {
    fn new(bits: u8, context: Context, codecs: Codecs) -> Self {
        let sender = Deflater::new(bits, context, Config::default()).expect("9 bits or more");
        Self { sender, receiver: Inflater::new(bits, context), codecs }
    }

    /// Sends and receives a message.
    fn talk(&mut self, message: &[u8], payload: &[u8]) {
        let (mut sent, mut received) = (BytesMut::new(), BytesMut::new());
        self.sender.finish(message, &mut sent, &mut self.codecs);
        let taken = self.receiver.push(payload, 1 << 20, &mut received, &mut self.codecs);
        taken.expect("it is below the limit");
        self.receiver.finish(&mut self.codecs).expect("it is whole");
        assert_eq!(received, message);
    }
}

/// The bytes that each of `count` ends holds on to after it has talked.
fn at_rest(count: usize, bits: u8, context: Context, codecs: fn() -> Codecs, len: usize) -> u64 {
    let message = content(len, 5, 2);
    let payload = zlib_message(&mut zlib_peer(6, bits), &message);
    let mut ends = Vec::new();
    let AllocationInfo { bytes_current, .. } = measure(|| {
        ends = (0..count).map(|_| End::new(bits, context, codecs())).collect();
        ends.iter_mut().for_each(|end| end.talk(&message, &payload));
    });
    bytes_current as u64 / count as u64
}

#[test]
fn ten_thousand_pooled_connections_at_rest_cost_little() {
    let bytes = at_rest(10_000, 15, Context::NoTakeover, lent, 2000);
    println!("{bytes} bytes each");
    assert!(bytes < 8 * 1024);
    let of_own = size_of::<End>() as u64;
    assert!(bytes <= of_own + 400, "a share of the pool is all there is besides {of_own}");
}

#[test]
fn without_takeover_nothing_is_held_even_without_a_pool() {
    assert_eq!(at_rest(100, 15, Context::NoTakeover, Codecs::own, 2000), size_of::<End>() as u64);
}

#[test]
fn with_takeover_a_connection_holds_its_compressor_and_its_window() {
    for (bits, len, lent_most, own_most) in [
        (15, 200, 285_000, 330_000),
        (15, 50_000, 315_000, 361_000),
        (12, 50_000, 175_000, 220_000),
        (9, 50_000, 160_000, 205_000),
    ] {
        let lent = at_rest(200, bits, Context::Takeover, lent, len);
        let own = at_rest(20, bits, Context::Takeover, Codecs::own, len);
        println!("{bits} bits, after {len} bytes: {lent} bytes each if lent, {own} if not");
        assert!(lent <= lent_most && own <= own_most);
    }
}

#[test]
fn each_direction_for_itself() {
    let message = content(60_000, 5, 2);
    for bits in [9, 12, 15] {
        for memory_level in [1, 5, 8] {
            let mut config = Config::default();
            config.memory_level = memory_level;
            let mut sender = Deflater::new(bits, Context::Takeover, config).expect("9 or more");
            let held = measure(|| {
                sender.finish(&message, &mut BytesMut::new(), &mut Codecs::own());
            });
            println!("sending, {bits} bits, memory level {memory_level}: {}", held.bytes_current);
        }
        let payload = zlib_message(&mut zlib_peer(6, bits), &message);
        for context in BOTH {
            let mut receiver = Inflater::new(bits, context);
            let mut codecs = Codecs::own();
            let begun = measure(|| {
                let mut message = BytesMut::new();
                receiver.push(&payload, 1 << 20, &mut message, &mut codecs).expect("valid");
            });
            let ended = measure(|| receiver.finish(&mut codecs).expect("valid"));
            let released = measure(|| receiver.release(&mut codecs));
            let during = begun.bytes_current;
            let after = during + ended.bytes_current;
            let at_least = after + released.bytes_current;
            println!("receiving, {bits} bits, {context:?}: {during}, {after}, {at_least}");
            assert!(during <= 80 * 1024);
            let window = 1 << bits.max(12);
            let held = if context == Context::Takeover { (during, window) } else { (0, 0) };
            assert_eq!((after, at_least), held);
        }
    }
}

#[test]
fn the_default_compressor_is_what_the_documentation_says() {
    let mut sender =
        Deflater::new(15, Context::Takeover, Config::default()).expect("9 bits or more");
    let held = measure(|| sender.finish(b"Hello", &mut BytesMut::new(), &mut Codecs::own()));
    println!("{}", held.bytes_current);
    assert!(held.bytes_current <= 275 * 1024);
}

#[test]
fn a_pool_makes_steady_traffic_free_of_allocation() {
    let message = content(2000, 5, 2);
    let payload = zlib_message(&mut zlib_peer(6, 15), &message);
    for context in BOTH {
        let mut end = End::new(15, context, lent());
        let (mut sent, mut received) = (BytesMut::new(), BytesMut::new());
        let mut round = || {
            sent.clear();
            received.clear();
            end.sender.finish(&message, &mut sent, &mut end.codecs);
            let pushed = end.receiver.push(&payload, 2000, &mut received, &mut end.codecs);
            pushed.expect("valid");
            end.receiver.finish(&mut end.codecs).expect("valid");
        };
        (0..100).for_each(|_| round());
        assert_eq!(measure(|| (0..1000).for_each(|_| round())).count_total, 0);
    }
}
