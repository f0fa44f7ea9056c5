//! What an exchange leaves behind, for either machine. What decides it, the machines know.

/// What becomes of the connection after the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// It is kept for another request.
    Idle,
    /// It ends.
    End,
}
