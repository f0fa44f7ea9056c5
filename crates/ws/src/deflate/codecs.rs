//! Where compressors come from and go to. How they work is not known here.

use alloc::boxed::Box;
use core::fmt;

use super::Pool;
use super::engine::{Compressor, Decompressor, Settings};

/// What a connection gets its compressors from.
///
/// A closure reaches the pool, since how it is shared is up to whoever shares it. On one thread,
/// hold the pool in a thread-local; between threads, behind a lock, which is then held for a few
/// nanoseconds at either end of a message:
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use tidewire_ws::deflate::{Codecs, Pool};
///
/// let pool = Arc::new(Mutex::new(Pool::new(16)));
/// let lent = || {
///     let pool = Arc::clone(&pool);
///     Codecs::lent(move |visit| visit(&mut pool.lock().unwrap()))
/// };
/// let (one, another) = (lent(), lent());
/// # let _: [Box<dyn Send>; 2] = [Box::new(one), Box::new(another)];
/// ```
#[derive(Default)]
pub struct Codecs(
    /// `None` if there is no pool.
    Option<Box<Reach>>,
);

/// Calls what it is given, once, with the pool.
type Reach = dyn FnMut(&mut dyn FnMut(&mut Pool)) + Send;

impl Codecs {
    /// Each is made when a message needs it. It is freed when the message has ended, or kept as long
    /// as its context is taken over.
    #[must_use]
    pub const fn own() -> Self {
        Self(None)
    }

    /// Each is lent from a pool for a message and given back to it. A compressor whose context is
    /// taken over stays; a decompressor is given back even then, as its window is all that matters,
    /// and costs the next message a copy of that.
    ///
    /// `reach` must call what it is given, once, with the pool; if it does not, it is as if the
    /// pool were empty.
    pub fn lent(reach: impl FnMut(&mut dyn FnMut(&mut Pool)) + Send + 'static) -> Self {
        Self(Some(Box::new(reach)))
    }

    /// Whether there is a pool, which others wait for.
    pub(super) const fn is_lent(&self) -> bool {
        self.0.is_some()
    }

    /// A decompressor, with anything in its window.
    pub(super) fn take_decompressor(&mut self) -> Box<Decompressor> {
        let mut lent = None;
        self.visit(|pool| lent = lent.take().or_else(|| pool.take_decompressor()));
        lent.unwrap_or_else(|| Box::new(Decompressor::new()))
    }

    /// A compressor that remembers nothing.
    pub(super) fn take_compressor(&mut self, settings: Settings) -> Box<Compressor> {
        let mut lent = None;
        self.visit(|pool| lent = lent.take().or_else(|| pool.take_compressor(settings)));
        let mut compressor = lent.unwrap_or_else(|| Box::new(Compressor::new(settings)));
        compressor.forget();
        compressor
    }

    pub(super) fn give_decompressor(&mut self, decompressor: Box<Decompressor>) {
        let mut given = Some(decompressor);
        self.visit(|pool| given.take().into_iter().for_each(|given| pool.give_decompressor(given)));
    }

    pub(super) fn give_compressor(&mut self, compressor: Box<Compressor>) {
        let mut given = Some(compressor);
        self.visit(|pool| given.take().into_iter().for_each(|given| pool.give_compressor(given)));
    }

    fn visit(&mut self, mut visit: impl FnMut(&mut Pool)) {
        if let Some(reach) = &mut self.0 {
            reach(&mut visit);
        }
    }
}

impl fmt::Debug for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_lent() { "Codecs::lent" } else { "Codecs::own" })
    }
}
