//! The queue of timers of tokio-util, on a runtime whose clock stands still and leaps.

use std::future::poll_fn;
use std::hint::black_box;

use tidewire::core::Instant;
use tokio::runtime::{Builder, Runtime};
use tokio::time;
use tokio_util::time::DelayQueue;
use tokio_util::time::delay_queue::Key;

use super::life::Queue;
use super::load::{END, Stay};
use super::queues::{Item, remember};

pub(crate) struct Delays {
    runtime: Runtime,
    start: time::Instant,
    queue: DelayQueue<Item>,
    keys: Vec<Key>,
}

impl Delays {
    pub(crate) const NAME: &str = "tokio-util DelayQueue";

    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime without sockets starts");
        let start = runtime.block_on(async { time::Instant::now() });
        Self { runtime, start, queue: DelayQueue::new(), keys: Vec::new() }
    }
}

impl Queue for Delays {
    #[inline]
    fn hold(&mut self, who: u32, stay: Stay) {
        let until = self.start + stay.until.since_origin();
        let key = self.queue.insert_at([who; 9], until);
        remember(&mut self.keys, who, key);
    }

    #[inline]
    fn cancel(&mut self, who: u32) {
        black_box(self.queue.remove(&self.keys[who as usize]));
    }

    /// Leaps over the end. The next life begins there.
    fn expire(&mut self) -> usize {
        let Self { runtime, start, queue, .. } = self;
        runtime.block_on(time::advance(END.saturating_duration_since(Instant::ORIGIN)));
        *start += END.since_origin();
        runtime.block_on(tokio::task::unconstrained(async {
            let mut count = 0;
            while let Some(expired) = poll_fn(|context| queue.poll_expired(context)).await {
                black_box(expired);
                count += 1;
            }
            count
        }))
    }

    fn within(&mut self, work: impl FnOnce(&mut Self)) {
        let runtime = self.runtime.handle().clone();
        let _inside = runtime.enter();
        work(self);
    }
}
