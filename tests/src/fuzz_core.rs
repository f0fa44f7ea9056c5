//! Fuzz bodies over `tidewire-core`: inbox and outbox against plain vectors. Machines have their own.

use bytes::{Buf, BufMut, Bytes};
use tidewire_core::{Inbox, Outbox};

/// Each two bytes are a step: what to do, and how much of it. The bytes leave in the order in which
/// they were pushed, whole, and none after the end mark.
pub fn outbox_ops(data: &[u8]) {
    let (mut outbox, mut wait, mut pushed) = (Outbox::new(), Vec::new(), 0);
    for (index, step) in data.chunks_exact(2).enumerate() {
        let piece = vec![index as u8; 5 * usize::from(step[1])];
        match step[0] % 8 {
            0..=2 => outbox.push(&piece),
            3..=4 => outbox.push_shared(Bytes::from(piece.clone())),
            5..=6 => {
                let len = piece.len().min(outbox.len());
                assert_eq!(outbox.copy_to_bytes(len), wait[..len]);
                wait.drain(..len);
            }
            _ if step[1] > 250 => outbox.end(),
            _ => outbox.release(),
        }
        if step[0] % 8 < 5 && !outbox.is_ended() {
            pushed += piece.len() as u64;
            wait.extend(piece);
        }
        assert_eq!((outbox.len(), outbox.pushed()), (wait.len(), pushed));
        assert_eq!(outbox.taken() + wait.len() as u64, pushed);
        assert!(wait.starts_with(outbox.chunk()));
        assert_eq!(outbox.chunk().is_empty(), wait.is_empty());
    }
}

/// Each two bytes are a step: what to do, and how much of it. What is unread is what was pushed and
/// not eaten, lent or taken; and reading into the spare room never passes the limit.
pub fn inbox_ops(data: &[u8]) {
    let (mut inbox, mut unread) = (Inbox::new(), Vec::new());
    for (index, step) in data.chunks_exact(2).enumerate() {
        let amount = 64 * usize::from(step[1]);
        let piece = vec![index as u8; amount];
        let len = amount.min(unread.len());
        match step[0] % 8 {
            0 => {
                inbox.push(&piece[..amount.min(inbox.room())]);
                unread.resize(inbox.len(), index as u8);
            }
            1 => {
                let mut spare = inbox.spare(amount);
                spare.put_bytes(index as u8, spare.remaining_mut());
                drop(spare);
                unread.resize(inbox.len(), index as u8);
            }
            2 => inbox.eat(len),
            3 => assert_eq!(inbox.lend(len).as_slice(), &unread[..len]),
            4 => assert_eq!(inbox.lend(len).into_bytes(), unread[..len]),
            5 => assert_eq!(inbox.take(len), unread[..len]),
            6 => inbox.demand(Inbox::DEFAULT_LIMIT + amount),
            _ => inbox.release(),
        }
        if (2..=5).contains(&(step[0] % 8)) {
            unread.drain(..len);
        }
        assert_eq!(inbox.as_slice(), unread);
        assert!(inbox.len() <= Inbox::DEFAULT_LIMIT + 64 * 255);
    }
}
