//! The laws over a client that follows a log, on one connection of each transport.

use proptest::prelude::*;
use proptest::sample::select;
use tidewire::client::Transport;
use tidewire_tests::ends::{follower, upgraded};
use tidewire_tests::{fuzz, laws};

use crate::traffic;

const ALL: [Transport; 4] =
    [Transport::WebSocket, Transport::EventStream, Transport::LongPoll, Transport::IntervalPoll];

/// The head of a poll's answer, but for its length.
const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

/// What opens a stream, up to its first byte.
fn opening(transport: Transport) -> Vec<u8> {
    match transport {
        Transport::WebSocket => upgraded(),
        Transport::EventStream => {
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTidewire-Cursor: 7.0\r\n\r\n"
                .to_vec()
        }
        Transport::LongPoll | Transport::IntervalPoll => vec![],
    }
}

/// The laws that hold for one connection of a transport. One that polls asks again and again, and
/// bytes that come before the next poll is asked are nobody's: there Chop holds for one answer alone.
fn hold(transport: Transport, input: &[u8]) {
    let make = || follower(transport);
    match transport {
        Transport::WebSocket | Transport::EventStream => laws::hold(make, input),
        Transport::LongPoll | Transport::IntervalPoll => {
            laws::quiet(make, input);
            laws::last_word(make, input);
            laws::replay(make, input);
        }
    }
}

proptest! {
    #![proptest_config(traffic::cases(96))]

    #[test]
    fn keeps_the_laws_under_responses(input in traffic::responses(), of in select(ALL.to_vec())) {
        hold(of, &input);
    }

    #[test]
    fn keeps_the_laws_under_what_an_open_stream_brings(
        frames in traffic::frames(false), events in traffic::event_stream()
    ) {
        let bytes = |of, tail: &[u8]| [&opening(of), tail].concat();
        hold(Transport::WebSocket, &bytes(Transport::WebSocket, &frames));
        hold(Transport::EventStream, &bytes(Transport::EventStream, &events));
    }

    #[test]
    fn keeps_the_laws_under_noise(input in traffic::noise(), of in select(ALL.to_vec())) {
        hold(of, &input);
        hold(of, &[opening(of), input].concat());
    }
}

#[test]
fn keeps_the_laws_under_every_vector() {
    for transport in ALL {
        for input in fuzz::vector_inputs("http_response_bytes") {
            hold(transport, &input);
        }
    }
}

#[test]
fn keeps_the_laws_while_answers_make_no_sense_or_are_never_taken() {
    for transport in [Transport::LongPoll, Transport::IntervalPoll] {
        for body in ["?", "!", "a"] {
            let answer = format!("{JSON}Content-Length: 1\r\n\r\n{body}");
            laws::chop(|| follower(transport), answer.as_bytes());
            hold(transport, answer.as_bytes());
            hold(transport, answer.repeat(3).as_bytes());
        }
    }
}

#[test]
fn is_bounded_by_its_limits_under_floods() {
    let message = [upgraded(), traffic::frame(0x81, b"hi", false).repeat(2000)].concat();
    let events = [opening(Transport::EventStream), b"data: a\n\n".repeat(2000)].concat();
    let answer = format!("{JSON}Content-Length: 2\r\n\r\nhi");
    laws::bound(|| follower(Transport::WebSocket), &message, 512 * 1024);
    laws::bound(|| follower(Transport::EventStream), &events, 512 * 1024);
    laws::bound(|| follower(Transport::LongPoll), answer.as_bytes(), 512 * 1024);
}
