//! Cursors for readers who must neither count nor forge. What a cursor means is the log's business.

use core::fmt;

use aes_siv::KeyInit;
use aes_siv::aead::inout::InOutBuf;
use aes_siv::siv::Aes128Siv;
use base64::Engine;
use base64::display::Base64Display;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Cursor, ParseCursorError};

/// A key under which cursors are sealed, each for one audience.
///
/// A plain cursor tells how many events a log has had, and two of them how many came between, other
/// tenants' events among them; and anybody can write one. A sealed cursor tells its reader nothing
/// but whether it is the same as another, and only one that was sealed for the reader's audience is
/// taken back.
///
/// ```
/// use tidewire_hub::{Cursor, Seal};
///
/// let seal = Seal::new([7; 32]); // of the embedder's secret random bytes
/// let cursor = Cursor { epoch: 1_000, offset: 42 };
/// let text = seal.seal(cursor, b"tenant-a").to_string();
/// assert_eq!(text.len(), 43);
/// assert_eq!(seal.open(&text, b"tenant-a"), Ok(cursor));
/// assert!(seal.open(&text, b"tenant-b").is_err());
/// assert!(seal.open("v8.42", b"tenant-a").is_err());
/// ```
///
/// # Promises
///
/// - The same key, cursor and audience give the same text, in each process and after each restart:
///   it serves as event id and entity tag as the plain one does.
/// - Each sealed cursor has 43 bytes of base64url (RFC 4648 §5) without padding, and one text only.
///   No plain cursor and no name of a [`Start`](crate::Start) can be mistaken for it.
/// - Neither sealing nor opening allocates, and how long they take depends on neither key nor cursor.
///   A text of another length is refused unread.
///
/// # How
///
/// Epoch and offset, 16 bytes, are encrypted with AES-SIV (RFC 5297), with the audience as associated
/// data. It needs no nonce, so a cursor has one text; and each byte of the text depends on every bit
/// of the cursor, the audience and the key.
///
/// # Left to the caller
///
/// The key: secret, random, the same on all nodes that serve a log, and for this use alone. To change
/// it, seal with the new one and open with both for as long as clients hold cursors of the old one.
/// Each cursor that leaves has to be sealed, those of a [`Reset`](crate::Reset) too, and a plain one
/// must not be taken in its place. That a quiet topic's cursor moves still tells that somebody
/// published.
pub struct Seal {
    key: [u8; 32],
}

/// A [sealed](Seal::seal) cursor. Its text has 43 bytes, fit for a URL, an event id and an entity
/// tag.
// The authentication tag, then the encrypted cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SealedCursor([[u8; 16]; 2]);

impl Seal {
    /// Takes the key: 32 bytes, one half to authenticate and one to encrypt.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Seals a cursor for an audience: the tenant, or whatever else names who may share cursors. Any
    /// bytes do, also none.
    #[must_use]
    pub fn seal(&self, cursor: Cursor, audience: &[u8]) -> SealedCursor {
        let plain = u128::from(cursor.epoch) << 64 | u128::from(cursor.offset);
        let mut block = plain.to_be_bytes();
        let tag = self.encrypt(&mut block, audience);
        SealedCursor([tag, block])
    }

    /// Reads a text that [`seal`](Self::seal) made for this audience.
    ///
    /// # Errors
    ///
    /// The text is another one: forged, cut, of another key or audience, or not sealed at all.
    pub fn open(&self, text: &str, audience: &[u8]) -> Result<Cursor, ParseCursorError> {
        if text.len() != TEXT_BYTES {
            return Err(ParseCursorError);
        }
        let mut sealed = [[0; 16]; 2];
        URL_SAFE_NO_PAD
            .decode_slice(text, sealed.as_flattened_mut())
            .map_err(|_| ParseCursorError)?;
        let [tag, mut block] = sealed;
        self.cipher()
            .decrypt_inout_detached([audience], InOutBuf::from(&mut block[..]), &tag.into())
            .map_err(|_| ParseCursorError)?;
        let plain = u128::from_be_bytes(block);
        Ok(Cursor { epoch: (plain >> 64) as u64, offset: plain as u64 })
    }

    /// Encrypts the block and returns the tag, which is also what it was encrypted with.
    fn encrypt(&self, block: &mut [u8; 16], audience: &[u8]) -> [u8; 16] {
        self.cipher()
            .encrypt_inout_detached([audience], InOutBuf::from(&mut block[..]))
            .expect("one piece of associated data is below the limit of 126")
            .into()
    }

    fn cipher(&self) -> Aes128Siv {
        Aes128Siv::new(&self.key.into())
    }
}

/// Without the key.
impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

impl fmt::Display for SealedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Base64Display::new(self.0.as_flattened(), &URL_SAFE_NO_PAD).fmt(f)
    }
}

/// What 32 bytes take in base64 without padding.
const TEXT_BYTES: usize = 43;
