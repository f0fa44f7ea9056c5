//! The negotiation of permessage-deflate, from the bytes of heads. RFC 7692 §5, §7.1.
#![cfg(feature = "deflate")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use tidewire_http::{FieldName, FieldValue, RequestHead, ResponseHead};
use tidewire_ws::handshake::client::{HandshakeError, Offer, request, verify};
use tidewire_ws::handshake::deflate::{Agreement, Parameters, Policy, Window, WindowBits};
use tidewire_ws::handshake::{Key, server};

const EXTENSIONS: FieldName = FieldName::from_static("Sec-WebSocket-Extensions");

/// A request with these lines of extensions.
fn request_head(lines: &[&str]) -> RequestHead {
    let lines: String =
        lines.iter().map(|line| format!("Sec-WebSocket-Extensions: {line}\r\n")).collect();
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{lines}\r\n"
    );
    RequestHead::parse(head.as_bytes()).unwrap()
}

fn accepting(policy: Policy) -> server::Policy {
    let mut accepting = server::Policy::default();
    accepting.deflate = Some(policy);
    accepting
}

/// What a server of this policy answers to these lines, and what it agrees to.
fn answer(policy: Policy, lines: &[&str]) -> Option<(String, Agreement)> {
    let accepted = server::accept(&request_head(lines), &accepting(policy)).unwrap();
    let lines = accepted.response.fields().filter(|(name, _)| **name == EXTENSIONS);
    assert_eq!(lines.count(), usize::from(accepted.deflate.is_some()));
    let response = accepted.response.get(&EXTENSIONS).map(FieldValue::as_str);
    response.map(str::to_owned).zip(accepted.deflate)
}

/// What a server that allows everything answers to one line.
fn answered(line: &str) -> Option<String> {
    answer(Policy::default(), &[line]).map(|(response, _)| response)
}

/// What a client of these offers makes of these lines.
fn verified(offers: &[Parameters], lines: &[&str]) -> Result<Option<Agreement>, HandshakeError> {
    let lines: String =
        lines.iter().map(|line| format!("Sec-WebSocket-Extensions: {line}\r\n")).collect();
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{lines}\r\n"
    );
    let head = ResponseHead::parse(head.as_bytes()).unwrap();
    verify(&head, &key(), &offer(offers)).map(|agreed| agreed.deflate)
}

fn offer(offers: &[Parameters]) -> Offer {
    let mut offer = Offer::default();
    offer.deflate = offers.to_vec();
    offer
}

fn key() -> Key {
    Key::parse(b"dGhlIHNhbXBsZSBub25jZQ==").unwrap()
}

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).unwrap()
}

fn window(size: u8, context_takeover: bool) -> Window {
    Window { bits: bits(size), context_takeover }
}

fn parameters(change: impl FnOnce(&mut Parameters)) -> Parameters {
    let mut parameters = Parameters::default();
    change(&mut parameters);
    parameters
}

fn policy(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::default();
    change(&mut policy);
    policy
}

// The server.

#[test]
fn server_that_was_not_told_to_compress_passes_over_every_offer() {
    let head = request_head(&["permessage-deflate"]);
    let accepted = server::accept(&head, &server::Policy::default()).unwrap();
    assert_eq!((accepted.deflate, accepted.response.get(&EXTENSIONS)), (None, None));
    assert_eq!(answer(Policy::default(), &[]), None);
}

#[test]
fn server_confirms_what_was_asked_and_nothing_else() {
    for (offered, response, server, client) in [
        ("permessage-deflate", "permessage-deflate", window(15, true), window(15, true)),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate",
            window(15, true),
            window(15, true),
        ),
        (
            "permessage-deflate; client_max_window_bits=8",
            "permessage-deflate; client_max_window_bits=8",
            window(15, true),
            window(8, true),
        ),
        (
            "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
            "permessage-deflate; server_max_window_bits=15",
            window(15, true),
            window(15, true),
        ),
        (
            "permessage-deflate; server_max_window_bits=9; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
            window(9, false),
            window(15, true),
        ),
        (
            "permessage-deflate; client_no_context_takeover",
            "permessage-deflate; client_no_context_takeover",
            window(15, true),
            window(15, false),
        ),
    ] {
        let expected = (response.to_owned(), Agreement { server, client });
        assert_eq!(answer(Policy::default(), &[offered]), Some(expected), "{offered}");
    }
}

#[test]
fn server_reads_all_offers_of_all_lines_as_one_list_and_takes_the_first_that_fits() {
    let first = "permessage-deflate; server_max_window_bits=10";
    let second = "permessage-deflate; client_no_context_takeover";
    let unfit = "permessage-deflate; server_max_window_bits=7";
    for (lines, expected) in [
        (&[first, second][..], Some(first)),
        (&[second, first], Some(second)),
        (&["x-other, constructor; a=b", unfit, second], Some(second)),
        (&[&format!("{unfit}, {first}, {second}")[..]], Some(first)),
        (&[", ", unfit][1..], None),
        (&["x-webkit-deflate-frame, PerMessage-Deflate"], None),
    ] {
        let response = answer(Policy::default(), lines).map(|(response, _)| response);
        assert_eq!(response.as_deref(), expected, "{lines:?}");
    }
}

#[test]
fn server_reads_a_value_in_quotes_like_a_token() {
    let expected = Some("permessage-deflate; server_max_window_bits=10".to_owned());
    for value in ["10", "\"10\"", r#""1\0""#, r#" "\1\0" "#] {
        let line = format!("permessage-deflate; server_max_window_bits={value}");
        assert_eq!(answered(&line), expected, "{line}");
    }
}

#[test]
fn server_declines_an_offer_with_an_unknown_or_doubled_parameter_and_tries_the_next() {
    for parameters in [
        "x",
        "x=1",
        "constructor",
        "Server_No_Context_Takeover",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits=10; server_max_window_bits=10",
        "client_max_window_bits; client_max_window_bits",
        "client_max_window_bits; client_max_window_bits=10",
    ] {
        let offer = format!("permessage-deflate; {parameters}");
        assert_eq!(answered(&offer), None, "{offer}");
        let next = format!("{offer}, permessage-deflate");
        assert_eq!(answered(&next).as_deref(), Some("permessage-deflate"), "{next}");
    }
}

#[test]
fn server_declines_an_offer_whose_parameter_has_a_value_that_it_must_not_have() {
    for parameters in [
        "server_no_context_takeover=1",
        "server_no_context_takeover=true",
        "client_no_context_takeover=\"1\"",
        "server_max_window_bits",
    ] {
        assert_eq!(answered(&format!("permessage-deflate; {parameters}")), None, "{parameters}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many heads take minutes")]
fn server_declines_window_bits_other_than_8_to_15_in_plain_digits() {
    let values = [
        "0",
        "7",
        "16",
        "99",
        "08",
        "015",
        "+9",
        "-9",
        "1e1",
        "9.0",
        "0x9",
        "\"7\"",
        "\"+9\"",
        "\"\\08\"",
        "256",
        "265",
        "999999999999999999999",
        "ten",
    ];
    for value in values {
        for name in ["server_max_window_bits", "client_max_window_bits"] {
            let offer = format!("permessage-deflate; {name}={value}");
            assert_eq!(answered(&offer), None, "{offer}");
            let next = format!("{offer}, permessage-deflate");
            assert_eq!(answered(&next).as_deref(), Some("permessage-deflate"), "{next}");
        }
    }
}

#[test]
fn server_refuses_extensions_that_break_their_grammar_whatever_its_policy() {
    for line in ["", ",", "permessage-deflate; server_max_window_bits=", "permessage-deflate; a=\""]
    {
        let head = request_head(&["permessage-deflate", line]);
        let outcome = server::accept(&head, &accepting(Policy::default())).map(|_| ());
        assert_eq!(outcome, Err(server::Refused::Extensions), "{line}");
    }
}

#[test]
fn server_declines_a_window_of_8_bits_for_itself_unless_told_that_it_may_send_plain() {
    let offer = "permessage-deflate; server_max_window_bits=8";
    assert_eq!(answered(offer), None);
    let plain = policy(|policy| policy.allow_eight_bit_server_window = true);
    let (response, agreement) = answer(plain, &[offer]).unwrap();
    assert_eq!((response.as_str(), agreement.server), (offer, window(8, true)));
    let own = policy(|policy| policy.server_max_window_bits = WindowBits::MIN);
    assert_eq!(answer(own, &["permessage-deflate"]), None);
}

#[test]
fn server_makes_its_own_terms_known() {
    let strict = policy(|policy| {
        policy.server_max_window_bits = bits(12);
        policy.client_max_window_bits = bits(11);
        policy.server_no_context_takeover = true;
        policy.client_no_context_takeover = true;
    });
    let fixed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; ";
    for (offered, server, client) in [
        ("permessage-deflate; client_max_window_bits", 12, 11),
        ("permessage-deflate; client_max_window_bits=10; server_max_window_bits=13", 12, 10),
        ("permessage-deflate; client_max_window_bits=12; server_max_window_bits=9", 9, 11),
    ] {
        let (response, agreement) = answer(strict, &[offered]).unwrap();
        let rest = format!("server_max_window_bits={server}; client_max_window_bits={client}");
        assert_eq!(response, [fixed, &rest].concat(), "{offered}");
        assert_eq!(agreement.server, window(server, false));
        assert_eq!(agreement.client, window(client, false));
    }
}

#[test]
fn server_limits_the_window_of_no_client_that_takes_no_limit() {
    let narrow = policy(|policy| policy.client_max_window_bits = bits(14));
    assert_eq!(answer(narrow, &["permessage-deflate"]), None);
    let wide = "permessage-deflate, permessage-deflate; client_max_window_bits";
    let (response, _) = answer(narrow, &[wide]).unwrap();
    assert_eq!(response, "permessage-deflate; client_max_window_bits=14");
}

// The client.

#[test]
fn client_offers_nothing_unless_told_so_and_then_little() {
    let sent = |offers: &[Parameters]| {
        let request = request("/", "a", &key(), &offer(offers)).unwrap();
        assert!(request.fields().filter(|(name, _)| **name == EXTENSIONS).count() < 2);
        request.get(&EXTENSIONS).map(|value| value.as_str().to_owned())
    };
    assert_eq!(sent(&[]), None);
    let first = "permessage-deflate; client_max_window_bits";
    assert_eq!(sent(&[Parameters::default()]).as_deref(), Some(first));
    let full = parameters(|parameters| {
        parameters.server_no_context_takeover = true;
        parameters.client_no_context_takeover = true;
        parameters.server_max_window_bits = Some(bits(10));
        parameters.client_max_window_bits = Some(bits(9));
    });
    let bare = parameters(|parameters| parameters.client_max_window_bits = None);
    let all = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
               server_max_window_bits=10; client_max_window_bits=9, \
               permessage-deflate; client_max_window_bits, permessage-deflate";
    assert_eq!(sent(&[full, Parameters::default(), bare]).as_deref(), Some(all));
}

#[test]
fn client_takes_what_its_offer_allows() {
    let offers = [Parameters::default()];
    for (line, server, client) in [
        ("permessage-deflate", window(15, true), window(15, true)),
        ("permessage-deflate; server_max_window_bits=8", window(8, true), window(15, true)),
        ("permessage-deflate;server_no_context_takeover", window(15, false), window(15, true)),
        ("permessage-deflate;client_no_context_takeover", window(15, true), window(15, false)),
        ("permessage-deflate; client_max_window_bits=15", window(15, true), window(15, true)),
        ("permessage-deflate; client_max_window_bits=\"8\"", window(15, true), window(8, true)),
    ] {
        let outcome = verified(&offers, &[line]);
        assert_eq!(outcome, Ok(Some(Agreement { server, client })), "{line}");
    }
    assert_eq!(verified(&offers, &[]), Ok(None));
}

#[test]
fn client_keeps_to_what_it_said_about_itself() {
    let modest = parameters(|parameters| {
        parameters.client_no_context_takeover = true;
        parameters.client_max_window_bits = Some(bits(10));
    });
    let agreement = verified(&[modest], &["permessage-deflate"]).unwrap().unwrap();
    assert_eq!((agreement.server, agreement.client), (window(15, true), window(10, false)));
}

#[test]
fn client_takes_one_extension_and_only_what_it_offered() {
    let offers = [Parameters::default()];
    for lines in [
        &["x-other"][..],
        &["constructor"],
        &["Permessage-Deflate"],
        &["permessage-deflate, x-other"],
        &["permessage-deflate, permessage-deflate"],
        &["permessage-deflate", "permessage-deflate"],
        &[""],
        &["permessage-deflate; a=\""],
    ] {
        assert_eq!(verified(&offers, lines), Err(HandshakeError::Extension), "{lines:?}");
    }
    assert_eq!(verified(&[], &["permessage-deflate"]), Err(HandshakeError::Extension));
}

#[test]
fn client_takes_no_parameters_that_its_offer_does_not_allow() {
    let asking = parameters(|parameters| {
        parameters.server_no_context_takeover = true;
        parameters.server_max_window_bits = Some(bits(10));
        parameters.client_max_window_bits = None;
    });
    let good = "server_no_context_takeover; server_max_window_bits=10";
    assert!(verified(&[asking], &[&format!("permessage-deflate; {good}")]).is_ok());
    for bad in [
        "server_no_context_takeover",
        "server_max_window_bits=10",
        "server_no_context_takeover; server_max_window_bits=11",
        &format!("{good}; client_max_window_bits=15"),
    ] {
        let outcome = verified(&[asking], &[&format!("permessage-deflate; {bad}")]);
        assert_eq!(outcome, Err(HandshakeError::Deflate), "{bad}");
    }
    let narrow = parameters(|parameters| parameters.client_max_window_bits = Some(bits(10)));
    let outcome = verified(&[narrow], &["permessage-deflate; client_max_window_bits=11"]);
    assert_eq!(outcome, Err(HandshakeError::Deflate));
}

#[test]
fn client_takes_no_malformed_parameters() {
    for bad in [
        "x",
        "client_max_window_bits",
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=99",
        "server_max_window_bits=08",
        "server_max_window_bits=1e1",
        "server_max_window_bits=\"+9\"",
        "client_max_window_bits=16",
        "client_max_window_bits=08",
        "server_no_context_takeover=1",
        "client_no_context_takeover=1",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits=10; server_max_window_bits=10",
        "client_max_window_bits=10; client_max_window_bits=10",
    ] {
        let outcome = verified(&[Parameters::default()], &[&format!("permessage-deflate; {bad}")]);
        assert_eq!(outcome, Err(HandshakeError::Deflate), "{bad}");
    }
}

#[test]
fn client_that_made_several_offers_takes_the_answer_to_any() {
    let narrow = parameters(|parameters| parameters.server_max_window_bits = Some(bits(10)));
    let offers = [narrow, Parameters::default()];
    for (line, server) in [
        ("permessage-deflate; server_max_window_bits=9", window(9, true)),
        ("permessage-deflate; server_max_window_bits=11", window(11, true)),
        ("permessage-deflate", window(15, true)),
    ] {
        let agreement = verified(&offers, &[line]).unwrap().unwrap();
        assert_eq!(agreement.server, server, "{line}");
    }
}

// Both.

#[test]
#[cfg_attr(miri, ignore = "so many heads take minutes")]
fn whatever_both_want_their_agreement_is_one_or_none() {
    let sizes = [8, 9, 12, 15].map(bits);
    let maybe: Vec<_> = sizes.into_iter().map(Some).chain([None]).collect();
    let flags = [false, true];
    let mut agreed = 0;
    for (server_no, client_no) in flags.into_iter().flat_map(|a| flags.map(|b| (a, b))) {
        for (server, client) in maybe.iter().flat_map(|a| maybe.iter().map(move |b| (*a, *b))) {
            let asks = parameters(|asks| {
                asks.server_no_context_takeover = server_no;
                asks.client_no_context_takeover = client_no;
                asks.server_max_window_bits = server;
                asks.client_max_window_bits = client;
            });
            for (limits, flag) in sizes
                .iter()
                .flat_map(|a| sizes.iter().flat_map(move |b| flags.map(|c| ((*a, *b), c))))
            {
                let allows = policy(|allows| {
                    (allows.server_max_window_bits, allows.client_max_window_bits) = limits;
                    allows.client_no_context_takeover = flag;
                    allows.server_no_context_takeover = !flag;
                    allows.allow_eight_bit_server_window = flag;
                });
                let line = asks.to_string();
                let Some((response, at_server)) = answer(allows, &[&line]) else { continue };
                let at_client = verified(&[asks], &[&response]).unwrap().unwrap();
                assert_eq!(at_client.server, at_server.server, "{line} {response}");
                assert!(at_client.client.bits <= at_server.client.bits, "{line} {response}");
                let takes_over = at_client.client.context_takeover;
                assert!(!takes_over || at_server.client.context_takeover, "{line} {response}");
                assert!(at_server.client.bits <= limits.1, "{line} {response}");
                assert!(server.is_none_or(|asked| at_client.server.bits <= asked));
                agreed += 1;
            }
        }
    }
    assert!(agreed > 1000, "{agreed}");
}
