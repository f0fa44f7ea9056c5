//! One event for many: naming all who wait for it, and bringing it to all, beside a channel of tokio and a
//! queue for each.

use std::collections::VecDeque;
use std::hint::black_box;

use bytes::Bytes;
use tokio::sync::broadcast;

use super::readers::Readers;
use super::{EVENT, Sizes};
use crate::sheet::{Rank, Sheet};
use crate::stopwatch::busy;

pub(crate) fn sheets(title: &str, sizes: &Sizes) -> Vec<Sheet> {
    let columns: Vec<usize> = sizes.iter().map(|&(size, _)| size).collect();
    let mut name = Sheet::new(format!("{title}: name"), &columns, NAME);
    let mut read = Sheet::new(format!("{title}: read"), &columns, READ);
    for &(size, rounds) in sizes {
        let mut hub = Readers::new(size);
        let mut queues = vec![VecDeque::new(); size];
        let (sender, mut receivers) = channel(size);
        for _ in 0..rounds {
            let took = busy(|| hub.publish());
            name.add("Hub: publish, next_ready", Rank::Within(100.0), size, took, size);
            hub.read();

            let event = || {
                hub.publish();
                assert_eq!(hub.read(), size, "each reads one");
            };
            read.add("Hub", Rank::Aside, size, busy(event), size);
            let event = || {
                sender.send(Bytes::from_static(&EVENT)).expect("there are receivers");
                receivers.iter_mut().for_each(receive);
            };
            read.add("tokio broadcast", Rank::Peer, size, busy(event), size);
            let event = || {
                let event = Bytes::from_static(&EVENT);
                queues.iter_mut().for_each(|queue| queue.push_back(event.clone()));
                queues.iter_mut().for_each(take);
            };
            read.add("a queue for each", Rank::Peer, size, busy(event), size);
        }
    }
    vec![name, read]
}

fn channel(receivers: usize) -> (broadcast::Sender<Bytes>, Vec<broadcast::Receiver<Bytes>>) {
    let (sender, receiver) = broadcast::channel(1_024);
    let mut receivers: Vec<_> = (1..receivers).map(|_| sender.subscribe()).collect();
    receivers.push(receiver);
    (sender, receivers)
}

/// Takes what there is, and sees that there is no more.
fn receive(receiver: &mut broadcast::Receiver<Bytes>) {
    while let Ok(event) = receiver.try_recv() {
        black_box(event);
    }
}

/// Takes what there is, and sees that there is no more.
fn take(queue: &mut VecDeque<Bytes>) {
    while let Some(event) = queue.pop_front() {
        black_box(event);
    }
}

const NAME: &str = "All wait for one topic. Publishing and naming each who may read it now; reading and \
    waiting again are not in the time.";
const READ: &str = "Publishing, then each reads the event, clones it and sees that there is no more. Behind \
    that a reader of the hub is in the list of who waits.\n  The others have no topics and no cursors, and \
    are asked whether there is something: they name nobody, which is most of what Hub does here.";
