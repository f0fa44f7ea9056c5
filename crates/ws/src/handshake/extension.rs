//! The grammar of `Sec-WebSocket-Extensions`. What an extension means is not known here.

use tidewire_http::is_token;

/// Whether this is a list of extensions with parameters. RFC 6455 §9.1.
///
/// ```text
/// extension-list = 1#extension
/// extension      = token *( ";" token [ "=" ( token | quoted token ) ] )
/// ```
///
/// Each byte is looked at once, whatever the list. A value in quotes must be a token without them,
/// so no comma, semicolon or quote can hide in one, and splitting at those is safe.
pub(super) fn is_list(list: &[u8]) -> bool {
    list.split(|&byte| byte == b',').all(is_extension)
}

fn is_extension(extension: &[u8]) -> bool {
    let mut parts = extension.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
    parts.next().is_some_and(is_token) && parts.all(is_parameter)
}

fn is_parameter(parameter: &[u8]) -> bool {
    match parameter.iter().position(|&byte| byte == b'=') {
        None => is_token(parameter),
        Some(at) => {
            is_token(parameter[..at].trim_ascii()) && is_value(parameter[at + 1..].trim_ascii())
        }
    }
}

fn is_value(value: &[u8]) -> bool {
    match value {
        [b'"', quoted @ .., b'"'] => is_token(quoted),
        value => is_token(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_the_grammar_or_is_refused() {
        for good in [
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate;server_max_window_bits=10 , x-foo ; a=\"b\" ; c",
        ] {
            assert!(is_list(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            ",",
            "a,,b",
            ";a",
            "a;",
            "a;;b",
            "a;b=",
            "a;=b",
            "a;b=\"",
            "a;b=\"c",
            "a;b=\"c,d\"",
            "a b",
        ] {
            assert!(!is_list(bad.as_bytes()), "{bad}");
        }
    }
}
