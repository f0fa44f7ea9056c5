//! What users of `eventsource-stream` get here: the same events, where that crate keeps to the
//! standard.

use std::convert::Infallible;

use futures_executor::block_on_stream;
use futures_util::stream;
use proptest::prelude::*;

fn pieces(bytes: &[u8], len: usize) -> Vec<Result<Vec<u8>, Infallible>> {
    bytes.chunks(len).map(|piece| Ok(piece.to_vec())).collect()
}

proptest! {
    #[test]
    fn well_formed_streams_give_the_same_events(
        stream in "((event: [a-c]{1,3}\n|id: [0-9]{1,2}\n|: c\n|data: [ -~é]{0,9}\n){0,3}data: [ -~é]{0,9}\n\n){0,6}",
        len in 1..40_usize,
    ) {
        let (there, here) = (pieces(stream.as_bytes(), len), pieces(stream.as_bytes(), len));
        let there = eventsource_stream::Eventsource::eventsource(stream::iter(there));
        let here = tidewire_futures::Eventsource::eventsource(stream::iter(here));
        let there: Vec<_> = block_on_stream(there).collect::<Result<_, _>>()?;
        let here: Vec<_> = block_on_stream(here).collect::<Result<_, _>>()?;
        prop_assert_eq!(here.len(), there.len());
        for (here, there) in here.iter().zip(&there) {
            prop_assert_eq!(here.name(), &there.event);
            prop_assert_eq!(here.data().as_bytes(), there.data.as_bytes());
            prop_assert_eq!(here.last_event_id(), &there.id);
        }
    }
}
