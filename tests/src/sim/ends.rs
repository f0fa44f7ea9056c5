//! Which topics are closed, and who may read which: what ends a reader, and what holds of that. How one is
//! told is `document`'s business.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tidewire::hub::Access;

/// Whom something is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    /// The topics, a bit for each.
    pub(super) topics: u8,
    /// The reader's number. Every other reader has the same pass.
    pub(super) member: u64,
}

/// Why nothing more is to come for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its topics are closed.
    Closed,
    /// It may read none of them any more.
    Revoked,
}

/// The truth about what has ended.
#[derive(Debug)]
pub(super) struct Ends {
    /// Topics that are closed, a bit for each.
    closed: u8,
    /// Those that were ever closed, also in a log that is gone.
    was_closed: u8,
    passes: [Pass; 2],
}

/// What some readers may read.
#[derive(Debug)]
struct Pass {
    allowed: Arc<AtomicU8>,
    access: Access,
}

impl Ends {
    /// Nothing is closed or forbidden.
    pub(super) fn new() -> Self {
        Self { closed: 0, was_closed: 0, passes: [Pass::new(), Pass::new()] }
    }

    pub(super) fn close(&mut self, topic: u8) {
        self.closed |= 1 << topic;
        self.was_closed |= self.closed;
    }

    /// Another log begins, in which no topic is closed.
    pub(super) fn reopen(&mut self) {
        self.closed = 0;
    }

    /// Takes a topic from a pass. `false` if it had lost it already.
    pub(super) fn revoke(&mut self, pass: usize, topic: u8) -> bool {
        let before = self.passes[pass].allowed.fetch_and(!(1 << topic), Ordering::Relaxed);
        before & 1 << topic != 0
    }

    pub(super) fn access(&self, who: Who) -> Access {
        self.passes[who.pass()].access.clone()
    }

    /// Those of its topics that it may still read.
    pub(super) fn allowed(&self, who: Who) -> u8 {
        who.topics & self.passes[who.pass()].allowed.load(Ordering::Relaxed)
    }

    pub(super) fn is_closed(&self, topic: u8) -> bool {
        self.closed & 1 << topic != 0
    }

    pub(super) fn was_closed(&self, topic: u8) -> bool {
        self.was_closed & 1 << topic != 0
    }

    /// Whether it has lost one of its topics.
    pub(super) fn has_lost(&self, who: Who) -> bool {
        self.allowed(who) != who.topics
    }

    /// What ends it, if anything does.
    pub(super) fn ending(&self, who: Who) -> Option<Ending> {
        match self.allowed(who) {
            0 => Some(Ending::Revoked),
            left => (left & !self.closed == 0).then_some(Ending::Closed),
        }
    }

    /// Fails unless that end was once its own: the word of it may have been long under way.
    pub(super) fn was(&self, ending: Ending, who: Who) {
        let left = self.allowed(who);
        let is_true = match ending {
            Ending::Closed => left & !self.was_closed == 0,
            Ending::Revoked => left == 0,
        };
        assert!(is_true, "told an end that is none: {ending:?} of {who:?}");
    }
}

impl Pass {
    fn new() -> Self {
        let allowed = Arc::new(AtomicU8::new(u8::MAX));
        let rule = Arc::clone(&allowed);
        let access =
            Access::new(move |name| super::plan::bits([name]) & rule.load(Ordering::Relaxed) != 0);
        Self { allowed, access }
    }
}

impl Who {
    pub(super) fn pass(self) -> usize {
        (self.member % 2) as usize
    }

    pub(super) fn names(self) -> Vec<&'static str> {
        super::plan::followed(self.topics).collect()
    }
}
