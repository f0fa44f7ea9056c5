//! What a park tells of itself. Who counts it is `park`.

/// How much a [`Park`](crate::Park) holds, and how much it made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParkStats {
    /// Polls that are held.
    pub holds: usize,
    /// Polls that gave their place up to a later one of their client, and are not told so yet.
    pub superseded: usize,
    /// Sets of topics that are waited for: answers to encode if all had news.
    pub groups: usize,
    /// Clients that have a poll held.
    pub clients: usize,
    /// Peers that have polls held.
    pub peers: usize,
    /// Different answers that [`next_answer`](crate::Park::next_answer) made so far.
    pub editions: u64,
}
