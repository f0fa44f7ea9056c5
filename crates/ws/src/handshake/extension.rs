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
/// once, whatever the list. A value in quotes must be a token once it is unescaped, so no comma,
/// semicolon, quote or backslash can hide in one, and splitting at those is safe.
pub(super) fn is_list(list: &[u8]) -> bool {
    let members = list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let mut extensions = members.filter(|member| !member.is_empty()).peekable();
    extensions.peek().is_some() && extensions.all(is_extension)
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
        [b'"', quoted @ .., b'"'] => is_escaped_token(quoted),
        value => is_token(value),
    }
}

/// Whether this is a token in which each character may follow a backslash. RFC 9110 §5.6.4.
fn is_escaped_token(quoted: &[u8]) -> bool {
    let unescaped = quoted.strip_prefix(b"\\").unwrap_or(quoted);
    unescaped.split(|&byte| byte == b'\\').all(is_token)
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
            "a,,b",
            ", a\t,",
            r#"a; b="\c\de""#,
        ] {
            assert!(is_list(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            ",",
            " , ,",
            ",;a",
            ";a",
            "a;",
            "a;;b",
            "a;b=",
            "a;=b",
            "a;b=\"",
            "a;b=\"c",
            "a;b=\"c,d\"",
            "a;b=\"\"",
            r#"a;b="\""#,
            r#"a;b="c\""#,
            r#"a;b="c\\d""#,
            r#"a;b="c\"d""#,
            r#"a;b="c\,d""#,
            "a b",
        ] {
            assert!(!is_list(bad.as_bytes()), "{bad}");
        }
    }
}
