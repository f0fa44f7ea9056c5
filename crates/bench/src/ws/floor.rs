//! The least that can be done with the bytes. No protocol, no state, no judgement but UTF-8.

use std::io::Write;
use std::mem;
use std::ops::Range;

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage};
use super::frame::Header;
use super::wire::Wire;
use crate::contest::{Case as _, Rank};
use crate::wide::{is_utf8, mask, mask_into, rotate};

pub(crate) const FLOOR: Contestant = Contestant {
    name: "floor",
    rank: Rank::Floor,
    note: "reads a header, unmasks in place, checks UTF-8; writes a header and copies, masking. \
        It always copies, so a server that writes large messages from where they lie beats it",
    skill: Skill { receive, send },
};

fn receive(Stage { case, messages, mut wire }: Stage) -> Receive {
    let (count, is_text) = (case.units(), messages.is_text());
    let mut buffer = vec![0; Header::MAX_LEN + case.size + Wire::READ];
    let (mut start, mut end) = (0, 0);
    Box::new(move |tally| {
        let goal = tally.count + count;
        while tally.count < goal {
            buffer.copy_within(start..end, 0);
            end -= mem::take(&mut start);
            end += read(&mut wire, &mut buffer[end..]);
            while let Some((header, size)) = Header::decode(&buffer[start..end]) {
                let (from, to) = (start + size, start + size + header.len);
                if to <= end {
                    let payload = &mut buffer[from..to];
                    if let Some(key) = header.key {
                        mask(payload, key);
                    }
                    assert!(!is_text || is_utf8(payload), "the peer is honest");
                } else if header.len > Wire::READ && to <= buffer.len() {
                    end = long(&mut wire, &mut buffer, end, from..to, header.key, is_text);
                } else {
                    break;
                }
                tally.take(&buffer[from..to]);
                start = to;
            }
        }
    })
}

/// Works on a long payload as it arrives, while it is still in the cache; returns how far it read.
#[inline(never)]
fn long(
    wire: &mut Wire,
    buffer: &mut [u8],
    mut end: usize,
    payload: Range<usize>,
    key: Option<[u8; 4]>,
    is_text: bool,
) -> usize {
    let (mut ready, mut checked) = (payload.start, payload.start);
    loop {
        let fresh = ready..payload.end.min(end);
        ready = fresh.end;
        if let Some(key) = key {
            let key = rotate(key, fresh.start - payload.start);
            mask(&mut buffer[fresh], key);
        }
        if is_text {
            let whole = ready - cut_len(&buffer[checked..ready], ready < payload.end);
            assert!(is_utf8(&buffer[checked..whole]), "the peer is honest");
            checked = whole;
        }
        if ready == payload.end {
            return end;
        }
        end += read(wire, &mut buffer[end..]);
    }
}

fn send(Stage { case, messages, mut wire }: Stage) -> Send {
    let opcode = Header::opcode(messages.is_text());
    let mut output = vec![0; case.burst() * (Header::MAX_LEN + case.size)];
    let mut counter = 0_u32;
    Box::new(move || {
        for burst in messages.items().chunks(case.burst()) {
            let mut end = 0;
            for item in burst {
                let key = (case.end == End::Client).then(|| {
                    counter = counter.wrapping_add(0x9E37_79B9);
                    counter.to_ne_bytes()
                });
                let header = Header { opcode, key, len: item.len() };
                let head = output[end..].first_chunk_mut().expect("there is room");
                let size = header.encode(head).len();
                let payload = &mut output[end + size..end + size + item.len()];
                match key {
                    Some(key) => mask_into(payload, item, key),
                    None => payload.copy_from_slice(item),
                }
                end += size + item.len();
            }
            wire.write_all(&output[..end]).expect("a sink takes all");
        }
    })
}

/// Reads once to the front of `room`.
#[inline]
fn read(wire: &mut Wire, mut room: &mut [u8]) -> usize {
    let before = room.len();
    wire.fill(&mut room);
    before - room.len()
}

/// How many bytes at the end may begin a character that goes on behind them, if anything does.
#[inline]
fn cut_len(bytes: &[u8], goes_on: bool) -> usize {
    let last = bytes.iter().rev().take(4).position(|byte| byte & 0xC0 != 0x80);
    if goes_on { last.map_or(0, |behind| behind + 1) } else { 0 }
}
