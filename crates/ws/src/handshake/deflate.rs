//! What client and server agree on about permessage-deflate (RFC 7692 §5, §7.1). Nothing is
//! compressed here.
//!
//! A client sends [`Parameters`], in several offers if it has second choices. A server answers the
//! first offer that its [`Policy`] allows; the others, and those that break a rule of RFC 7692, are
//! passed over, and if none is left the connection is opened without compression. What came of it is
//! the [`Agreement`], of which both ends read how either direction is compressed.
//!
//! ```
//! use tidewire_http::RequestHead;
//! use tidewire_ws::handshake::{deflate, server};
//!
//! let head = RequestHead::parse(
//!     b"GET /live HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
//!       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//!       Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
//! )?;
//! let mut policy = server::Policy::default();
//! policy.deflate = Some(deflate::Policy::default());
//! let agreement = server::accept(&head, &policy)?.deflate.expect("the offer fits");
//! assert_eq!(agreement.client.bits, deflate::WindowBits::MAX);
//! assert!(agreement.server.context_takeover);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod parameters;
mod policy;
mod window;

pub use parameters::Parameters;
pub use policy::Policy;
pub use window::{Agreement, Window, WindowBits};

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tidewire_http::FieldValue;

use super::extension;

/// The offers of a request. They share a line: not every server reads several.
pub(super) fn to_list(offers: &[Parameters]) -> FieldValue {
    let offers: Vec<String> = offers.iter().map(Parameters::to_string).collect();
    FieldValue::new(offers.join(", ")).expect("names and numbers are visible ASCII")
}

/// The answer to all offers of a request, whose lines keep the grammar, and what it means. RFC 7692
/// §5: they are one list, the most wanted first.
pub(super) fn choose<'h>(
    lines: impl Iterator<Item = &'h [u8]>,
    policy: Policy,
) -> Option<(FieldValue, Agreement)> {
    let mut offers = lines.flat_map(extension::members).filter(|member| member.name() == NAME);
    let response = offers.find_map(|offer| policy.answer(Parameters::read_offer(offer)?))?;
    Some((to_list(&[response]), response.agreement()))
}

/// What a response of these extensions agrees to, if one of the offers allows that.
pub(super) fn confirm(
    response: extension::Extension<'_>,
    offers: &[Parameters],
) -> Option<Agreement> {
    let response = Parameters::read_response(response)?;
    offers.iter().find_map(|offer| offer.confirm(response))
}

/// The extension's name. RFC 7692 §7.
pub(super) const NAME: &[u8] = b"permessage-deflate";
