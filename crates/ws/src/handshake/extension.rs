//! The grammar of `Sec-WebSocket-Extensions`. What an extension means is not known here.

use tidewire_http::is_token;

/// Whether this is a list of extensions with parameters. RFC 6455 §9.1.
///
/// ```text
/// extension-list = 1#extension
/// extension      = token *( ";" token [ "=" ( token | quoted token ) ] )
/// ```
///
/// Empty members are ignored, but do not make a list (RFC 9110 §5.6.1.2). Each byte is looked at
/// once, whatever the list.
pub(super) fn is_list(list: impl IntoIterator<Item = u8>) -> bool {
    list.into_iter().try_fold(Place::Start, Place::step).is_some_and(Place::may_end)
}

/// What the bytes of a list so far end with. Blanks may stand around every token.
#[derive(Clone, Copy)]
enum Place {
    /// No extension yet.
    Start,
    /// The comma behind an extension.
    Comma,
    Name,
    NameEnd,
    /// The semicolon before a parameter.
    Semicolon,
    Parameter,
    ParameterEnd,
    Equals,
    Value,
    ValueEnd,
    /// The quote that opens a value.
    Quote,
    Quoted,
    /// A backslash in quotes: what it escapes must be part of a token, too. RFC 9110 §5.6.4.
    Escape,
}

impl Place {
    /// Where the next byte leads; `None` if it may not stand there.
    fn step(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Start | Self::Comma | Self::Semicolon | Self::Equals, b' ' | b'\t') => self,
            (Self::Name | Self::NameEnd, b' ' | b'\t') => Self::NameEnd,
            (Self::Parameter | Self::ParameterEnd, b' ' | b'\t') => Self::ParameterEnd,
            (Self::Value | Self::ValueEnd, b' ' | b'\t') | (Self::Quoted, b'"') => Self::ValueEnd,
            (Self::Start, b',') => Self::Start,
            (place, b',') if place.may_end() => Self::Comma,
            (place, b';') if place.may_end() && !matches!(place, Self::Comma) => Self::Semicolon,
            (Self::Parameter | Self::ParameterEnd, b'=') => Self::Equals,
            (Self::Equals, b'"') => Self::Quote,
            (Self::Quote | Self::Quoted, b'\\') => Self::Escape,
            (place, byte) if is_token(&[byte]) => match place {
                Self::Start | Self::Comma | Self::Name => Self::Name,
                Self::Semicolon | Self::Parameter => Self::Parameter,
                Self::Equals | Self::Value => Self::Value,
                Self::Quote | Self::Quoted | Self::Escape => Self::Quoted,
                Self::NameEnd | Self::ParameterEnd | Self::ValueEnd => return None,
            },
            _ => return None,
        })
    }

    fn may_end(self) -> bool {
        match self {
            Self::Comma
            | Self::Name
            | Self::NameEnd
            | Self::Parameter
            | Self::ParameterEnd
            | Self::Value
            | Self::ValueEnd => true,
            Self::Start
            | Self::Semicolon
            | Self::Equals
            | Self::Quote
            | Self::Quoted
            | Self::Escape => false,
        }
    }
}

/// One extension of a list.
#[cfg(feature = "deflate")]
#[derive(Clone, Copy)]
pub(super) struct Extension<'h>(&'h [u8]);

/// The extensions of a [list](is_list), in order.
///
/// A value in quotes is a token once it is unescaped, so no comma, semicolon or equals sign can hide
/// in one, and splitting at those is safe.
#[cfg(feature = "deflate")]
pub(super) fn members(list: &[u8]) -> impl Iterator<Item = Extension<'_>> {
    let members = list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    members.filter(|member| !member.is_empty()).map(Extension)
}

#[cfg(feature = "deflate")]
impl<'h> Extension<'h> {
    pub(super) fn name(self) -> &'h [u8] {
        self.parts().next().unwrap_or_default()
    }

    /// Names, and values if there are any: in quotes and escaped, where they came so.
    pub(super) fn parameters(self) -> impl Iterator<Item = (&'h [u8], Option<&'h [u8]>)> {
        self.parts().skip(1).map(|parameter| {
            let mut sides = parameter.splitn(2, |&byte| byte == b'=').map(<[u8]>::trim_ascii);
            (sides.next().unwrap_or_default(), sides.next())
        })
    }

    fn parts(self) -> impl Iterator<Item = &'h [u8]> {
        self.0.split(|&byte| byte == b';').map(<[u8]>::trim_ascii)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn a_list_keeps_the_grammar_or_is_refused() {
        for good in [
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate;server_max_window_bits=10 , x-foo ; a=\"b\" ; c",
            "a,,b",
            ", a\t,",
            "a ; b = c\t;d\t=\t\"e\" ,",
            r#"a; b="\c\de""#,
        ] {
            assert!(is_list(good.bytes()), "{good}");
        }
        for bad in [
            "",
            ",",
            " , ,",
            ",;a",
            ";a",
            "a;",
            "a,;b",
            "a;;b",
            "a;b=",
            "a;=b",
            "a=b",
            "a;b=c=d",
            "a;b=\"",
            "a;b=\"c",
            "a;b=\"c,d\"",
            "a;b=\"c=d\"",
            "a;b=\"\"",
            "a;b=\"c\"d",
            "a;b=c\"d\"",
            r#"a;b="\""#,
            r#"a;b="c\""#,
            r#"a;b="c\\d""#,
            r#"a;b="c\"d""#,
            r#"a;b="c\,d""#,
            "a b",
            "a;b c",
            "a;b=c d",
        ] {
            assert!(!is_list(bad.bytes()), "{bad}");
        }
    }

    /// Lists whose quotes and backslashes make backtracking readers look at them again and again.
    #[test]
    fn a_hostile_list_of_64_kib_is_read_once() {
        const LEN: usize = if cfg!(miri) { 1 << 8 } else { 1 << 16 };
        for (start, unit) in [
            ("", r#""; \"#),
            ("a; b=\"", r"\a"),
            ("a; b=\"", r#"\""#),
            ("a; b=\"", "c"),
            ("a", "; b=\"c\""),
            ("a", " "),
            ("", "a,"),
            ("", ","),
        ] {
            let list: Vec<u8> = start.bytes().chain(unit.bytes().cycle()).take(LEN).collect();
            let mut looked = 0;
            is_list(list.iter().copied().inspect(|_| looked += 1));
            assert!(looked <= list.len(), "{start}{unit}: {looked}");
        }
    }

    #[cfg(feature = "deflate")]
    #[test]
    fn a_list_falls_into_extensions_and_those_into_parameters() {
        let list = br#", a ,b ; c; d = "\e" ,, f;g=h"#;
        let name = |member: Extension<'static>| member.name();
        assert!(members(list).map(name).eq([&b"a"[..], b"b", b"f"]));
        let parameters: Vec<_> = members(list).flat_map(Extension::parameters).collect();
        let expected = [(&b"c"[..], None), (b"d", Some(&br#""\e""#[..])), (b"g", Some(b"h"))];
        assert_eq!(parameters, expected);
    }
}
