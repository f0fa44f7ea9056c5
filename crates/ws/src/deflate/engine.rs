//! All that knows zlib: a compressor and a decompressor, each of which can begin again. Where one
//! comes from, and what a message may cost, is not known here.

use core::fmt;

use bytes::BytesMut;
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Status};

use super::window::Window;
use super::{Config, Error};

/// Inflates one message at a time, into a window.
pub(super) struct Decompressor {
    inflate: Inflate,
    /// What was inflated last. Also the memory that bytes are inflated into, so keeping it is free.
    pub(super) window: Window,
    at: At,
    /// How many last blocks the message under way has had.
    last_blocks: u32,
}

/// So many last blocks a message may have. A sender has no use for more than one, and each costs as
/// much as kilobytes of others: the window has to be loaded again.
const MAX_LAST_BLOCKS: u32 = 1024;

/// Where a decompressor is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first byte of a DEFLATE stream.
    Start,
    /// Before the first byte of a message that goes on with the stream of the last one.
    Between,
    /// Within a message. All that came in so far is out.
    Inside,
    /// Within a message. There was no room for all that came in.
    Full,
    /// Behind the last byte that could be inflated.
    Corrupt,
}

impl Decompressor {
    pub(super) fn new() -> Self {
        // A window of any size can be inflated with the largest.
        let (inflate, window) = (Inflate::new(false, MAX_BITS), Window::new(MAX_BITS));
        Self { inflate, window, at: At::Start, last_blocks: 0 }
    }

    /// Begins anew. What comes may refer back to what is in the window now, and to nothing else.
    pub(super) fn begin(&mut self) {
        self.at = At::Start;
        self.last_blocks = 0;
    }

    /// Whether there is more to come out of what went in.
    pub(super) fn is_full(&self) -> bool {
        matches!(self.at, At::Full | At::Corrupt)
    }

    /// Eats from `bytes` and returns some of what they inflate to, at most `max` bytes.
    pub(super) fn inflate(&mut self, bytes: &mut &[u8], max: usize) -> Result<&[u8], Error> {
        match self.at {
            At::Start => self.load()?,
            At::Corrupt => return Err(Error::Corrupt),
            At::Between | At::Inside | At::Full => {}
        }
        let room = self.window.room(max);
        let len = room.len();
        let (eaten, made) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(bytes, room, InflateFlush::NoFlush);
        let eaten = (self.inflate.total_in() - eaten) as usize;
        let made = (self.inflate.total_out() - made) as usize;
        *bytes = &bytes[eaten..];
        self.at = match status {
            // A last block need not be the last one of a message, nor of a context: the RFC knows
            // one window, and blocks of any kind. RFC 7692 §7.2.1.
            Ok(Status::StreamEnd) if self.last_blocks < MAX_LAST_BLOCKS => {
                self.last_blocks += 1;
                At::Start
            }
            Ok(Status::Ok | Status::BufError) if made == len => At::Full,
            Ok(Status::Ok | Status::BufError) => At::Inside,
            // What came out before is told before.
            Ok(Status::StreamEnd) | Err(_) => At::Corrupt,
        };
        Ok(self.window.advance(made))
    }

    /// Ends a message, and tells whether it may end here: with the tail that its sender took off,
    /// its last block is complete, and the next would begin at a whole byte. RFC 7692 §7.2.2.
    pub(super) fn end(&mut self) -> bool {
        self.last_blocks = 0;
        match self.at {
            // After a last block nothing need follow, nor need a message have any block.
            At::Start | At::Between => true,
            At::Corrupt => false,
            At::Inside | At::Full => {
                self.at = At::Between;
                self.ends_block(&PROBE[..5], 4) && self.ends_block(&PROBE[4..], 5)
            }
        }
    }

    /// Whether the first `len` of these bytes, which are one more, end a block and inflate to
    /// nothing.
    fn ends_block(&mut self, bytes: &[u8], len: u64) -> bool {
        let (eaten, made) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(bytes, &mut [0], InflateFlush::Block);
        status == Ok(Status::Ok)
            && self.inflate.total_in() - eaten == len
            && self.inflate.total_out() == made
    }

    /// Begins a DEFLATE stream that may refer back to what is in the window.
    fn load(&mut self) -> Result<(), Error> {
        self.inflate.reset(false);
        for part in self.window.parts() {
            self.inflate.set_dictionary(part).map_err(|_| Error::Corrupt)?;
        }
        Ok(())
    }
}

/// Deflates messages that may refer back to each other, until it is told to forget them.
pub(super) struct Compressor {
    deflate: Deflate,
    settings: Settings,
}

/// What is settled once a compressor is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    level: u8,
    memory_level: u8,
    window_bits: u8,
}

impl Settings {
    /// Returns `None` if zlib has no window as small as that.
    pub(super) fn new(window_bits: u8, config: Config) -> Option<Self> {
        (window_bits >= MIN_DEFLATE_BITS).then(|| Self {
            level: config.level.clamp(1, 9),
            memory_level: config.memory_level.clamp(1, 9),
            window_bits: window_bits.min(MAX_BITS),
        })
    }
}

impl Compressor {
    pub(super) fn new(settings: Settings) -> Self {
        let config = DeflateConfig {
            level: settings.level.into(),
            mem_level: settings.memory_level.into(),
            // A negative number means neither header nor checksum.
            window_bits: -i32::from(settings.window_bits),
            ..DeflateConfig::default()
        };
        Self { deflate: Deflate::new_with_config(config), settings }
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// What comes next refers back to nothing before it.
    pub(super) fn forget(&mut self) {
        // A new one has nothing to forget, and clearing it would take time.
        if self.deflate.total_out() > 0 {
            self.deflate.reset();
        }
    }

    /// Appends these bytes deflated, up to a whole byte and with the [`TAIL`]. If nothing came since
    /// the last time, nothing is appended.
    pub(super) fn deflate(&mut self, mut bytes: &[u8], into: &mut BytesMut) {
        loop {
            let start = into.len();
            let room = (bytes.len() / 2).clamp(MIN_ROOM, MAX_ROOM);
            into.resize(start + room, 0);
            let (eaten, made) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self.deflate.compress(bytes, &mut into[start..], DeflateFlush::SyncFlush);
            debug_assert!(status.is_ok(), "no bytes are wrong for a stream that has not ended");
            let eaten = (self.deflate.total_in() - eaten) as usize;
            let made = (self.deflate.total_out() - made) as usize;
            bytes = &bytes[eaten..];
            into.truncate(start + made);
            if made < room {
                debug_assert!(bytes.is_empty(), "zlib stops for want of room alone");
                return;
            }
        }
    }
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decompressor")
    }
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Compressor").field(&self.settings).finish()
    }
}

/// How a flush ends. It is taken off each message that is sent, and supplied to each that is
/// received. RFC 7692 §7.2.1.
pub(super) const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// The tail, an empty block, and a byte that neither may eat.
const PROBE: [u8; 10] = [0, 0, 0xFF, 0xFF, 0, 0, 0, 0xFF, 0xFF, 0];

/// The largest window. RFC 7692 §7.1.2.
const MAX_BITS: u8 = 15;

/// zlib cannot deflate with a window of 2^8 bytes.
const MIN_DEFLATE_BITS: u8 = 9;

/// Room for what a short message comes to.
const MIN_ROOM: usize = 256;

/// Memory is not taken far ahead of what goes into it.
const MAX_ROOM: usize = 16 * 1024;
