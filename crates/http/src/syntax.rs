//! The character classes of RFC 9110 and RFC 9112. What is built of them is parsed elsewhere.

/// Whether `bytes` is a token, of which names and list members are made. RFC 9110 §5.6.2.
///
/// ```
/// assert!(tidewire_http::is_token(b"permessage-deflate"));
/// assert!(!tidewire_http::is_token(b"a, b") && !tidewire_http::is_token(b""));
/// ```
#[must_use]
pub const fn is_token(bytes: &[u8]) -> bool {
    let mut index = 0;
    while index < bytes.len() {
        if !is_tchar(bytes[index]) {
            return false;
        }
        index += 1;
    }
    !bytes.is_empty()
}

/// Whether `byte` may stand in a token. RFC 9110 §5.6.2.
pub(crate) const fn is_tchar(byte: u8) -> bool {
    match byte {
        b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~' => true,
        _ => byte.is_ascii_alphanumeric(),
    }
}

/// Whether `bytes` may be sent as a field value: visible ASCII, with blanks only inside.
/// RFC 9110 §5.5.
pub(crate) const fn is_plain_value(bytes: &[u8]) -> bool {
    bytes.is_ascii() && is_value(bytes)
}

/// The same, or with what is beyond ASCII among it. RFC 9110 §5.5, `obs-text`.
pub(crate) const fn is_value(bytes: &[u8]) -> bool {
    let mut index = 0;
    while index < bytes.len() {
        if !is_text(bytes[index]) {
            return false;
        }
        index += 1;
    }
    match bytes {
        [] => true,
        [first, .., last] => !is_blank(*first) && !is_blank(*last),
        [only] => !is_blank(*only),
    }
}

/// Whether `byte` may stand in a line of text: anything but controls, HTAB excepted.
pub(crate) const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// Whether `bytes` may be a request target as far as single characters go. RFC 9112 §3.2.
pub(crate) fn is_target(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'#')
}

/// OWS: SP or HTAB. RFC 9110 §5.6.3.
pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `bytes` without the blanks around them.
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_blank(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_blank(*last)
    {
        bytes = rest;
    }
    bytes
}

/// The text of bytes that were checked to be one.
pub(crate) fn text(utf8: &[u8]) -> &str {
    core::str::from_utf8(utf8).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_the_77_characters_of_the_rfc() {
        let allowed = b"!#$%&'*+-.^_`|~0123456789\
            abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for byte in 0..=255 {
            assert_eq!(is_token(&[byte]), allowed.contains(&byte), "{byte:#x}");
        }
        assert!(!is_token(b""));
    }

    #[test]
    fn a_value_has_blanks_only_inside() {
        for good in ["", "a", "a b\tc", "\"~!"] {
            assert!(is_plain_value(good.as_bytes()), "{good:?}");
        }
        for bad in [" ", " a", "a ", "\ta", "a\t", "a\r\nb", "a\0b", "\x7f", "é"] {
            assert!(!is_plain_value(bad.as_bytes()), "{bad:?}");
        }
    }
}
