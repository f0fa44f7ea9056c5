//! A frame of an event stream that is ready to leave. What is in it is the frame's business.

use bytes::Bytes;
use tidewire_sse::Frame;

/// The bytes of one [`Frame`].
///
/// Only a frame can make them, so no one can forge a field. A clone shares them: encode an event
/// once for all who receive it.
///
/// ```
/// use tidewire_sse::Frame;
/// use tidewire_tokio::Encoded;
///
/// let encoded = Encoded::from(Frame::new().data("hello"));
/// assert_eq!(encoded.as_bytes(), b"data: hello\n\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded(Bytes);

impl Encoded {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, not copied.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl From<Frame<'_>> for Encoded {
    fn from(frame: Frame<'_>) -> Self {
        Self(frame.to_bytes())
    }
}
