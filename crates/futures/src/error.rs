//! Why a stream of events failed. A stream that merely ended is no error, unless asked for.

use tidewire_sse::LimitError;

/// Why an [`EventStream`](crate::EventStream) failed. It is told once, behind all events that came
/// before, and nothing follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E> {
    /// The stream of bytes failed.
    #[error(transparent)]
    Transport(E),
    /// The peer passed a limit with [`OnExcess::Fail`](crate::OnExcess::Fail), the default here.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The bytes ended within an event. Told only to whoever
    /// [asked](crate::EventStream::fail_if_cut).
    #[error("the event stream ended within an event")]
    Cut,
}
