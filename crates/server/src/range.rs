//! A closed range of the log: what it holds never changes, so whoever has it may keep it. Which fields
//! say so is the business of `answer`.

use std::sync::Arc;

use bytes::Bytes;
use tidewire::hub::{Batch, Cursor, Hub, Reset, ResetReason, Start};

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
    let (first, last) = (offset(hub, *from)?, offset(hub, *to)?);
    let behind = |offset| Start::After(Cursor { epoch: hub.epoch(), offset });
    let within = hub.slice(topics, behind(first - 1), MOST)?;
    let rest = Batch { events: 1, bytes: 0 };
    let mut rest = hub.slice(topics, behind(within.next.offset), rest)?.entries;
    if rest.next().is_some_and(|record| record.offset <= last) {
        return Err(Refusal::RangeTooLarge);
    }
    let events = within.entries.filter(|record| record.offset <= last);
    Ok(wire::answer(events.map(|record| record.item.message()), *to, false, 0.0))
}

/// Where the event stands, if the log keeps it.
fn offset(hub: &Hub<Arc<Item>>, event: Cursor) -> Result<u64, Refusal> {
    let (floor, head) = (hub.floor(), hub.head());
    let reason = match hub.lineage().continued(event) {
        None => ResetReason::Epoch,
        Some(offset) if offset > head.offset => ResetReason::Ahead,
        Some(offset) if offset < floor.offset => ResetReason::Expired,
        Some(offset) => return Ok(offset),
    };
    Err(Refusal::Reset(Reset { reason, floor, head }))
}

#[cfg(test)]
mod tests;
