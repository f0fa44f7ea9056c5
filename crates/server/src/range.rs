//! A closed range of the log: what it holds never changes, so whoever has it may keep it. Which fields
//! say so is the business of `answer`.

use std::sync::Arc;

use bytes::Bytes;
use tidewire::hub::{Batch, Hub};

use crate::item::Item;
use crate::refusal::Refusal;
use crate::route::RangeQuery;
use crate::wire;

/// Most that one range may hold, as the log weighs it; but a single event always fits.
const MOST: Batch = Batch { events: 256, bytes: 256 * 1024 };

/// The document of the events in a range, both ends included.
///
/// # Errors
///
/// An end is no event that the log has kept, or they are too many: a part of the range under the
/// name of the whole would be kept for good.
pub(crate) fn read(hub: &Hub<Arc<Item>>, query: &RangeQuery) -> Result<Bytes, Refusal> {
    let RangeQuery { topics, from, to } = query;
    if from.offset == 0 {
        return Err(Refusal::BadRequest("from names an event; the offset of the first is 1"));
    }
    if from.offset > to.offset {
        return Err(Refusal::BadRequest("from names an event at or before that of to"));
    }
    let range = hub.range(topics, *from..=*to, MOST)?;
    if range.more {
        return Err(Refusal::RangeTooLarge);
    }
    Ok(wire::answer(range.entries.map(|record| record.item.message()), *to, false, 0.0))
}

#[cfg(test)]
mod tests;
