//! An event on its way into the log, and what it may look like.

use crate::refusal::Refusal;

/// An event to be published.
#[derive(Debug)]
pub(crate) struct Publication<'a> {
    pub(crate) topic: &'a str,
    pub(crate) event: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) data: &'a [u8],
    pub(crate) idempotency_key: Option<&'a [u8]>,
}

impl Publication<'_> {
    /// Most bytes of an event's name and of a media type.
    const MAX_NAME_BYTES: usize = 128;

    /// Checks what the log does not.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        // A browser cannot tell an event of these names from its own or from the server's.
        if matches!(self.event, Some("reset" | "error" | "open")) {
            return Err(Refusal::BadRequest("the names reset, error and open are reserved"));
        }
        let too_long = |text: Option<&str>| text.is_some_and(|t| t.len() > Self::MAX_NAME_BYTES);
        if too_long(self.event) || too_long(self.content_type) {
            return Err(Refusal::BadRequest("a name or media type has at most 128 bytes"));
        }
        if self.idempotency_key.is_some_and(<[u8]>::is_empty) {
            return Err(Refusal::BadRequest("an idempotency key has 1 to 128 bytes"));
        }
        Ok(())
    }
}
