//! Which body follows a head. How it is read, [`crate::body`] tells.

use crate::syntax::{is_token, trim};
use crate::{Error, Fields, RequestHead, ResponseHead, Version};

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// It has this many bytes; none means that there is no body.
    Length(u64),
    /// Its last chunk says so.
    Chunked,
    /// The connection ends.
    UntilEnd,
}

impl Framing {
    /// The body of a request. RFC 9112 §6.3, rules 3 to 7.
    pub(crate) fn of_request(head: &RequestHead) -> Result<Self, Error> {
        Ok(Self::declared(head.fields(), head.version())?.unwrap_or(Self::Length(0)))
    }

    /// The body of a response to a request whose method was HEAD, or another. RFC 9112 §6.3.
    pub(crate) fn of_response(head: &ResponseHead, to_head: bool) -> Result<Self, Error> {
        if to_head || matches!(head.status(), 100..=199 | 204 | 304) {
            return Ok(Self::Length(0));
        }
        Ok(Self::declared(head.fields(), head.version())?.unwrap_or(Self::UntilEnd))
    }

    /// What the fields declare. Anything that two readers could take differently is refused, also
    /// where a reader may guess.
    fn declared(fields: &Fields, version: Version) -> Result<Option<Self>, Error> {
        let mut codings = fields.get_all("Transfer-Encoding");
        let mut lengths = fields.get_all("Content-Length");
        match (codings.next(), lengths.next()) {
            (None, None) => Ok(None),
            (None, Some(length)) if lengths.next().is_none() => parse_length(length).map(Some),
            (None, Some(_)) => Err(Error::BadLength),
            // RFC 9112 §6.1: beside a length, or in HTTP/1.0, the framing is faulty.
            (Some(_), length) if length.is_some() || version == Version::Http10 => {
                Err(Error::BadCoding)
            }
            (Some(coding), _) if codings.next().is_none() => parse_coding(coding).map(Some),
            (Some(_), _) => Err(Error::BadCoding),
        }
    }
}

/// `1*DIGIT`, nothing else. RFC 9110 §8.6.
fn parse_length(value: &[u8]) -> Result<Framing, Error> {
    let add_digit = |length: u64, digit: &u8| match digit {
        b'0'..=b'9' => length.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    };
    match value {
        [] => Err(Error::BadLength),
        digits => digits.iter().try_fold(0, add_digit).map(Framing::Length).ok_or(Error::BadLength),
    }
}

/// `chunked` alone is understood. Before it, other codings may be applied; behind it, none may.
fn parse_coding(value: &[u8]) -> Result<Framing, Error> {
    let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
    if is_chunked(value) {
        return Ok(Framing::Chunked);
    }
    let mut codings = value.rsplit(|&byte| byte == b',').map(trim);
    let chunked_is_last = codings.next().is_some_and(is_chunked);
    if chunked_is_last && codings.all(|coding| is_token(coding) && !is_chunked(coding)) {
        return Err(Error::UnknownCoding);
    }
    Err(Error::BadCoding)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn of_request(version: &str, fields: &str) -> Result<Framing, Error> {
        let head = format!("POST / HTTP/{version}\r\nHost: a\r\n{fields}\r\n");
        Framing::of_request(&RequestHead::parse(head.as_bytes()).unwrap())
    }

    fn of_response(status: u16, fields: &str) -> Result<Framing, Error> {
        let head = ResponseHead::parse(format!("HTTP/1.1 {status} \r\n{fields}\r\n").as_bytes());
        Framing::of_response(&head.unwrap(), false)
    }

    #[test]
    fn a_request_without_fields_has_no_body_and_a_response_lasts_to_the_end() {
        assert_eq!(of_request("1.1", ""), Ok(Framing::Length(0)));
        assert_eq!(of_request("1.0", ""), Ok(Framing::Length(0)));
        assert_eq!(of_response(200, ""), Ok(Framing::UntilEnd));
    }

    #[test]
    fn a_length_is_one_line_of_digits() {
        let length = |value: &str| of_request("1.1", &format!("Content-Length: {value}\r\n"));
        assert_eq!(length("0"), Ok(Framing::Length(0)));
        assert_eq!(length("\t 007 \t"), Ok(Framing::Length(7)));
        assert_eq!(length("18446744073709551615"), Ok(Framing::Length(u64::MAX)));
        for bad in [
            "",
            "+5",
            "-5",
            "0x5",
            "5 5",
            "5,5",
            "5, 5",
            "5.0",
            "5e1",
            "\"5\"",
            "\u{ff15}",
            "5;a",
            "18446744073709551616",
            "99999999999999999999999",
        ] {
            assert_eq!(length(bad), Err(Error::BadLength), "{bad:?}");
        }
        let twice = "Content-Length: 5\r\nContent-Length: 5\r\n";
        assert_eq!(of_request("1.1", twice), Err(Error::BadLength));
        assert_eq!(of_response(200, twice), Err(Error::BadLength));
    }

    #[test]
    fn a_coding_is_one_line_that_says_chunked() {
        let coding = |value: &str| of_request("1.1", &format!("Transfer-Encoding: {value}\r\n"));
        assert_eq!(coding("chunked"), Ok(Framing::Chunked));
        assert_eq!(coding(" Chunked\t"), Ok(Framing::Chunked));
        for unknown in ["gzip, chunked", "identity,chunked", "xchunked , chunked"] {
            assert_eq!(coding(unknown), Err(Error::UnknownCoding), "{unknown:?}");
        }
        for bad in [
            "",
            "gzip",
            "identity",
            "xchunked",
            "chunked, identity",
            "chunked, chunked",
            "chunked,",
            ",chunked",
            "\"chunked\"",
            "chunked;a=b",
            "\u{a0}chunked",
            "chunk ed",
            "gzip,,chunked",
        ] {
            assert_eq!(coding(bad), Err(Error::BadCoding), "{bad:?}");
        }
    }

    #[test]
    fn a_coding_beside_a_length_or_another_coding_or_in_http_1_0_is_faulty() {
        let chunked = "Transfer-Encoding: chunked\r\n";
        let both = format!("{chunked}Content-Length: 3\r\n");
        let swapped = format!("Content-Length: 3\r\n{chunked}");
        let twice = format!("{chunked}{chunked}");
        for fields in [&both, &swapped, &twice] {
            assert_eq!(of_request("1.1", fields), Err(Error::BadCoding), "{fields:?}");
            assert_eq!(of_response(200, fields), Err(Error::BadCoding), "{fields:?}");
        }
        assert_eq!(of_request("1.0", chunked), Err(Error::BadCoding));
    }

    #[test]
    fn some_responses_have_no_body_whatever_their_fields_say() {
        for status in [100, 101, 199, 204, 304] {
            assert_eq!(of_response(status, "Content-Length: 5\r\n"), Ok(Framing::Length(0)));
        }
        let head = ResponseHead::parse(b"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n").unwrap();
        assert_eq!(Framing::of_response(&head, true), Ok(Framing::Length(0)));
        assert_eq!(Framing::of_response(&head, false), Ok(Framing::Length(5)));
    }
}
