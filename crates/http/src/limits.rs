//! What one received message may cost, for either machine. Which limits the caller set,
//! [`crate::config`] tells.

/// What one received message may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The longest start line, its CRLF apart.
    pub(crate) line_bytes: usize,
    /// The longest head or trailer section, its last empty line included.
    pub(crate) section_bytes: usize,
    /// The most field lines in either, each counted, whatever its name.
    pub(crate) fields: usize,
    /// The longest body, its framing apart.
    pub(crate) body_bytes: u64,
    /// The most bytes of chunk extensions in one body.
    pub(crate) chunk_extension_bytes: usize,
    /// What a folded field line means.
    pub(crate) folds: Folds,
}

/// What a folded field line means. RFC 9112 §5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folds {
    /// A server may refuse the message.
    Refuse,
    /// A client must read it as one line.
    Join,
}
