//! The ways in which readers follow. The machines by which they do are `machine`'s business.

use tidewire::client::Transport;

/// How a reader follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    WebSocket,
    EventStream,
    LongPoll,
    IntervalPoll,
    /// As browsers do it. It never changes.
    Browser,
    /// By polls, as someone has it who puts it away at times. It never changes.
    Phone,
    /// Over a WebSocket by which it changes its topics. It never changes otherwise.
    Talker,
}

impl Way {
    pub(super) const CLIENTS: [Self; 4] =
        [Self::WebSocket, Self::EventStream, Self::LongPoll, Self::IntervalPoll];

    pub(super) fn is_stream(self) -> bool {
        matches!(self, Self::WebSocket | Self::EventStream | Self::Browser | Self::Talker)
    }

    /// What the composition's client calls it, if it follows in that way.
    pub(super) fn transport(self) -> Option<Transport> {
        match self {
            Self::WebSocket => Some(Transport::WebSocket),
            Self::EventStream => Some(Transport::EventStream),
            Self::LongPoll => Some(Transport::LongPoll),
            Self::IntervalPoll => Some(Transport::IntervalPoll),
            Self::Browser | Self::Phone | Self::Talker => None,
        }
    }
}
