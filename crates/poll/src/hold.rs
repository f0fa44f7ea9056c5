//! What the park knows of a held poll, and nothing of why it is held.

use tidewire_core::Key;

use crate::Client;

/// Names one held poll of one park. A name that outlived its poll names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId(pub(crate) Key);

/// A held poll. There are millions, so it is packed into 36 bytes.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
pub(crate) struct Hold {
    client: u64,
    seq: u64,
    peer: u64,
    /// The slot of its group, of which it is a member while it waits.
    pub(crate) group: u32,
    /// Where its group lists it.
    pub(crate) place: u32,
    pub(crate) state: State,
    has_client: bool,
    has_peer: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// In its group.
    Waiting,
    /// In no group and under no name any more; about to be told so.
    Superseded,
}

impl Hold {
    /// A poll that waits in the group, at that place.
    pub(crate) fn new(group: u32, place: u32, client: Option<Client>, peer: Option<u64>) -> Self {
        let Client { id, seq } = client.unwrap_or(Client { id: 0, seq: 0 });
        Self {
            client: id,
            seq,
            peer: peer.unwrap_or(0),
            group,
            place,
            state: State::Waiting,
            has_client: client.is_some(),
            has_peer: peer.is_some(),
        }
    }

    pub(crate) fn client(&self) -> Option<Client> {
        self.has_client.then_some(Client { id: self.client, seq: self.seq })
    }

    pub(crate) fn peer(&self) -> Option<u64> {
        self.has_peer.then_some(self.peer)
    }

    /// Gives its names and its place up.
    pub(crate) fn supersede(&mut self) {
        (self.state, self.has_client, self.has_peer) = (State::Superseded, false, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_packed() {
        assert_eq!((size_of::<Hold>(), size_of::<Option<Hold>>()), (36, 36));
    }
}
