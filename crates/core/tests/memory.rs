//! What an inbox and an outbox cost at rest and while they work, counted at the allocator.

use allocation_counter::measure;
use bytes::Buf;
use tidewire_core::{Entropy, Inbox, Outbox, Slab, Timers};

#[test]
fn an_empty_inbox_and_outbox_own_no_heap() {
    let made = measure(|| {
        let boxes = (Inbox::new(), Outbox::new());
        assert_eq!((boxes.0.capacity(), boxes.1.capacity()), (0, 0));
        std::mem::forget(boxes);
    });
    assert_eq!(made.count_total, 0);
}

#[test]
fn a_released_inbox_and_outbox_give_all_heap_back() {
    let used = measure(|| {
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        inbox.push(&[7; 5000]);
        inbox.eat(4999);
        assert_eq!(inbox.lend(1).as_slice(), [7]);
        inbox.release();
        outbox.push(&[7; 5000]);
        outbox.push_shared(bytes::Bytes::from(vec![7; 5000]));
        outbox.advance(10_000);
        outbox.release();
        std::mem::forget((inbox, outbox));
    });
    assert!(used.count_total > 0);
    assert_eq!((used.count_current, used.bytes_current), (0, 0));
}

#[test]
fn steady_traffic_allocates_nothing() {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut round = || {
        inbox.push(&[7; 1000]);
        let payload = inbox.lend(1000);
        outbox.push(&payload);
        outbox.advance(1000);
    };
    round();
    assert_eq!(measure(|| (0..1000).for_each(|_| round())).count_total, 0);
}

#[test]
fn a_new_wheel_and_slab_own_no_heap() {
    let made = measure(|| std::mem::forget((Timers::<u64>::new(), Slab::<u64>::new())));
    assert_eq!(made.count_total, 0);
}

#[test]
fn a_source_that_captures_nothing_costs_no_heap() {
    let made = measure(|| {
        assert_eq!(Entropy::new(|bytes| bytes.fill(4)).bytes(), [4; 4]);
    });
    assert_eq!(made.count_total, 0);
}
