//! The laws over both ends of an event stream: the stream that a server writes, and the decoder that
//! reads it, which becomes a machine here.

use std::time::Duration;

use bytes::Buf;
use proptest::prelude::*;
use tidewire::sse::{Decoder, EventId, EventName, Frame, Interest, Item, LimitError, Limits};
use tidewire::sse::{OnExcess, StreamConfig};
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_tests::end::End;
use tidewire_tests::ends::event_stream;
use tidewire_tests::solo::Solo;
use tidewire_tests::{fuzz, laws};

use crate::traffic;

/// A decoder behind the contract: it eats what is there and ends its side when it fails.
struct Reader(Decoder);

impl Protocol for Reader {
    type Event<'i> = String;
    type Error = LimitError;

    fn next_event(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        _: Instant,
    ) -> Result<Option<String>, LimitError> {
        let mut unread = inbox.as_slice();
        let told = self.0.decode(&mut unread).map(|item| item.map(tell));
        let eaten = inbox.len() - unread.len();
        inbox.eat(eaten);
        if told.is_err() {
            outbox.end();
        }
        told
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }
}

fn tell(item: Item<'_>) -> String {
    match item {
        Item::Event(event) => {
            let data = event.data();
            format!("{} {:?} {}", event.name(), data.to_str_lossy(), event.last_event_id())
        }
        Item::Comment(text) => format!("comment {:?}", text.to_str_lossy()),
        other => format!("{other:?}"),
    }
}

fn reader(limits: Limits) -> End<Reader> {
    let mut interest = Interest::default();
    interest.comments = true;
    interest.retries = true;
    let decoder = Decoder::new(limits).with_interest(interest);
    End::new(Reader(decoder), |_, told, _, _, trace| trace.event(told))
}

fn limits(bytes: usize, on_excess: OnExcess) -> Limits {
    let mut limits = Limits::default();
    limits.max_line_bytes = bytes;
    limits.max_data_bytes = bytes;
    limits.max_name_bytes = bytes / 2;
    limits.max_id_bytes = bytes / 2;
    limits.on_excess = on_excess;
    limits
}

proptest! {
    #![proptest_config(traffic::cases(96))]

    #[test]
    fn decoder_keeps_the_laws(
        input in prop_oneof![3 => traffic::event_stream(), 1 => traffic::noise()],
        skips: bool,
    ) {
        let on_excess = if skips { OnExcess::Skip } else { OnExcess::Fail };
        laws::hold(|| reader(Limits::default()), &input);
        laws::hold(|| reader(limits(6, on_excess)), &input);
    }

    #[test]
    fn stream_is_read_as_it_was_written(
        name in "[^\r\n\0\u{feff}]{1,8}", id in "[^\r\n\0]{0,8}", data in "[^\r]{0,40}",
        millis: u32, comment in "[a-z ]{1,8}",
    ) {
        let (event_name, event_id) =
            (EventName::new(name.clone()).unwrap(), EventId::new(id.clone()).unwrap());
        let frame = Frame::new().comment(&comment).name(&event_name).id(&event_id).data(&data);
        let retry = Frame::new().retry(Duration::from_millis(millis.into())).to_bytes();
        let frame = frame.to_bytes();
        let mut solo = Solo::new(reader(Limits::default()));
        solo.feed(&written(&[&retry, &frame]));
        let told = [
            "message \"first\" ".to_owned(),
            format!("Retry({:?})", Duration::from_millis(millis.into())),
            format!("comment {comment:?}"),
            format!("{name} {data:?} {id}"),
        ];
        prop_assert_eq!(solo.end.trace.lines(), told.map(|told| format!("{told:?}")));
    }
}

/// What a stream sends that is given these frames.
fn written(frames: &[&bytes::Bytes]) -> Vec<u8> {
    let mut end = event_stream(StreamConfig::default());
    for frame in frames {
        end.machine.send(frame, &mut end.outbox, Instant::ORIGIN).unwrap();
    }
    end.outbox.copy_to_bytes(end.outbox.len()).to_vec()
}

#[test]
fn decoder_keeps_the_laws_under_every_vector() {
    for input in fuzz::vector_inputs("sse_stream_bytes") {
        laws::hold(|| reader(Limits::default()), &input);
        laws::hold(|| reader(limits(8, OnExcess::Fail)), &input);
    }
}

#[test]
fn decoder_is_bounded_by_its_limits_under_floods() {
    for flood in [&b"data: a\n"[..], b"data: ", b"id: a\n", b"event: abc\n", b": \n", b"\n"] {
        for on_excess in [OnExcess::Skip, OnExcess::Fail] {
            laws::bound(|| reader(limits(16 * 1024, on_excess)), flood, 384 * 1024);
        }
    }
}

#[test]
fn decoder_fails_once() {
    let make = || reader(limits(8, OnExcess::Fail));
    assert!(laws::last_word(make, b"data: more than eight bytes\n\n"));
}

#[test]
fn stream_keeps_the_laws_whatever_the_client_says() {
    let mut config = StreamConfig::default();
    config.max_lifetime = Some(Duration::from_secs(60));
    for input in [&b""[..], b"GET / HTTP/1.1\r\n\r\n"] {
        laws::hold(|| event_stream(StreamConfig::default()), input);
        laws::hold(|| event_stream(config.clone()), input);
        laws::bound(|| event_stream(config.clone()), input, 192 * 1024);
    }
}
