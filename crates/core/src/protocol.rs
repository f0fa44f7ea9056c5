//! The one contract between a protocol machine and whoever drives it.

use crate::{Inbox, Instant, Outbox};

/// A protocol machine: bytes and time go in; events, bytes and a deadline come out.
///
/// # The loop
///
/// 1. Call [`next_event`](Self::next_event) until it returns `None`.
/// 2. Write the outbox; once it [is finished](Outbox::is_finished), shut down the writing side.
/// 3. Wait until more bytes are in the inbox, the outbox has been emptied, or
///    [`deadline`](Self::deadline) has come; then again.
///    Read no more than the inbox has [room](Inbox::room) for; while it has none, only write and
///    wait.
///
/// There is no second door for time-outs and no queue inside. One call returns one event, so what
/// the caller has seen and the machine's state agree, and what came before an error is delivered
/// before it. What takes no outbox makes no bytes. A command may be given at any time, also while an
/// event is held; the loop then goes on at step 1.
///
/// # Time
///
/// `now` may stand still. If it runs backwards, nothing panics and nothing fires early. After
/// `Ok(None)` the deadline is `None` or later than the `now` that was passed, so the loop never
/// spins.
///
/// # Example
///
/// A machine whose events are lines, driven by hand. The handler echoes each line while it still
/// holds the event that lends it:
///
/// ```
/// use tidewire_core::{Inbox, Instant, Outbox, Payload, Protocol};
///
/// struct Lines;
///
/// impl Protocol for Lines {
///     type Event<'i> = Payload<'i>;
///     type Error = core::convert::Infallible;
///
///     fn next_event<'i>(
///         &mut self,
///         inbox: &'i mut Inbox,
///         _outbox: &mut Outbox,
///         _now: Instant,
///     ) -> Result<Option<Payload<'i>>, Self::Error> {
///         let newline = inbox.as_slice().iter().position(|&byte| byte == b'\n');
///         Ok(newline.map(|index| inbox.lend(index + 1)))
///     }
///
///     fn deadline(&self) -> Option<Instant> {
///         None
///     }
/// }
///
/// let (mut inbox, mut outbox, mut lines) = (Inbox::new(), Outbox::new(), Lines);
/// inbox.push(b"one\ntwo\nthr");
/// while let Some(line) = lines.next_event(&mut inbox, &mut outbox, Instant::ORIGIN)? {
///     outbox.push(&line);
/// }
/// assert_eq!(bytes::Buf::chunk(&outbox), b"one\ntwo\n");
/// assert_eq!(inbox.as_slice(), b"thr");
/// # Ok::<(), core::convert::Infallible>(())
/// ```
pub trait Protocol {
    /// What the peer did. It may lend its payload from the inbox.
    type Event<'i>;

    /// How the peer broke the protocol or passed a limit.
    type Error;

    /// Returns the next thing that happened, or `None` until more bytes or more time arrive.
    ///
    /// Eats from the front of `inbox` what it understood and may push to `outbox`. An upgrade to
    /// another protocol hands the same inbox to the next machine.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol or passed a limit. It is told once and is final: the last words
    /// are in `outbox`, which is ended, and later calls return `Ok(None)`.
    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Self::Event<'i>>, Self::Error>;

    /// When to call [`next_event`](Self::next_event) again even if no bytes arrive; `None` is never.
    fn deadline(&self) -> Option<Instant>;
}
