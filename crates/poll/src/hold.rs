//! What the park knows of a held poll. All its transitions are the park's business.

use core::time::Duration;

use tidewire_core::{Instant, Key};
use tidewire_hub::Cursor;

use crate::Client;

/// Names one held poll of one park. A name that outlived its poll names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId(pub(crate) Key);

#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) timer: Key,
    pub(crate) until: Instant,
    pub(crate) state: State,
    pub(crate) client: Option<Client>,
    pub(crate) peer: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// In this group.
    Waiting(Key),
    /// In this group, until it is let go because the server goes away.
    Draining { group: Key, poll_after: Duration },
    /// In no group any more; its timer is due.
    Superseded { next: Cursor },
}
