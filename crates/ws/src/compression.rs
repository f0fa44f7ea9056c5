//! What a connection keeps for permessage-deflate: one of these in either direction, or none. How to
//! compress is in `deflate`; without that feature no value of these types exists.

#[cfg(feature = "deflate")]
pub(crate) use with::{Deflating, Inflating};
#[cfg(not(feature = "deflate"))]
pub(crate) use without::{Deflating, Inflating};

#[cfg(feature = "deflate")]
mod with {
    use bytes::BytesMut;

    use crate::deflate::{self, Codecs, Context, Deflater, Inflater};
    use crate::handshake::deflate::Window;
    use crate::write::FirstByte;
    use crate::{Config, Error, Prepared};

    /// The direction of receiving.
    #[derive(Debug)]
    pub(crate) struct Inflating {
        inflater: Inflater,
        codecs: Codecs,
    }

    impl Inflating {
        pub(crate) fn new(window: Window, codecs: Codecs) -> Self {
            Self { inflater: Inflater::new(window.bits.get(), context(window)), codecs }
        }

        /// Inflates some of a message's payload behind what is in `into`.
        pub(crate) fn push(
            &mut self,
            payload: &[u8],
            config: &Config,
            into: &mut BytesMut,
        ) -> Result<(), Error> {
            Ok(self.inflater.push(payload, config.max_message_bytes, into, &mut self.codecs)?)
        }

        /// Ends the message.
        pub(crate) fn finish(&mut self) -> Result<(), Error> {
            Ok(self.inflater.finish(&mut self.codecs)?)
        }

        /// Gives back what is not needed between messages.
        pub(crate) fn release(&mut self) {
            self.inflater.release(&mut self.codecs);
        }
    }

    /// The direction of sending.
    #[derive(Debug)]
    pub(crate) struct Deflating {
        deflater: Deflater,
        codecs: Codecs,
        window: Window,
        config: deflate::Config,
        /// The payload that is compressed; between messages it is empty.
        payload: BytesMut,
    }

    impl Deflating {
        /// `None` if the window is too small to compress with: then all is sent as it is.
        pub(crate) fn new(window: Window, config: deflate::Config, codecs: Codecs) -> Option<Self> {
            let deflater = Deflater::new(window.bits.get(), context(window), config)?;
            Some(Self { deflater, codecs, window, config, payload: BytesMut::new() })
        }

        /// Whether a message of this length is worth it.
        #[inline]
        pub(crate) fn takes(&self, len: usize) -> bool {
            len >= self.config.min_message_bytes
        }

        /// Compresses a fragment of a message, or all of it. `None` if that gains nothing: a whole
        /// message then goes as it is.
        pub(crate) fn compress(&mut self, fragment: &[u8], first: FirstByte) -> Option<&[u8]> {
            if first.fin {
                self.deflater.finish(fragment, &mut self.payload, &mut self.codecs);
            } else {
                self.deflater.push(fragment, &mut self.payload, &mut self.codecs);
            }
            let is_whole = first.fin && first.compressed;
            if is_whole && !fragment.is_empty() && self.payload.len() >= fragment.len() {
                // The peer never sees it, so nothing may refer back to it.
                self.deflater.forget();
                return None;
            }
            Some(&self.payload)
        }

        /// Gives back the memory of the payload that was written, unless it is little beside that
        /// of a context.
        pub(crate) fn on_written(&mut self) {
            if self.window.context_takeover && self.payload.capacity() <= KEPT_BYTES {
                self.payload.clear();
            } else {
                self.payload = BytesMut::new();
            }
        }

        /// The message as it was compressed before, if the peer can read it so.
        pub(crate) fn prepared<'p>(&mut self, message: &'p Prepared) -> Option<&'p Prepared> {
            let compressed = message.in_window(self.window)?;
            // What follows must not refer to what lies before a message that we have not seen.
            self.deflater.forget();
            Some(compressed)
        }

        /// Gives back what is not needed between messages.
        pub(crate) fn release(&mut self) {
            self.deflater.release(&mut self.codecs);
            self.payload = BytesMut::new();
        }
    }

    fn context(window: Window) -> Context {
        if window.context_takeover { Context::Takeover } else { Context::NoTakeover }
    }

    /// As much memory as the usual message needs again and again.
    const KEPT_BYTES: usize = 16 * 1024;
}

#[cfg(not(feature = "deflate"))]
mod without {
    use bytes::BytesMut;

    use crate::write::FirstByte;
    use crate::{Config, Error, Prepared};

    #[derive(Debug)]
    pub(crate) enum Inflating {}

    impl Inflating {
        pub(crate) fn push(&mut self, _: &[u8], _: &Config, _: &mut BytesMut) -> Result<(), Error> {
            match *self {}
        }

        pub(crate) fn finish(&mut self) -> Result<(), Error> {
            match *self {}
        }

        pub(crate) fn release(&mut self) {
            match *self {}
        }
    }

    #[derive(Debug)]
    pub(crate) enum Deflating {}

    impl Deflating {
        pub(crate) fn takes(&self, _: usize) -> bool {
            match *self {}
        }

        pub(crate) fn compress(&mut self, _: &[u8], _: FirstByte) -> Option<&[u8]> {
            match *self {}
        }

        pub(crate) fn on_written(&mut self) {
            match *self {}
        }

        pub(crate) fn prepared<'p>(&mut self, _: &'p Prepared) -> Option<&'p Prepared> {
            match *self {}
        }

        pub(crate) fn release(&mut self) {
            match *self {}
        }
    }
}
