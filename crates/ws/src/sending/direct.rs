//! Both halves in one piece: what the receiving half owes is written at once.

use tidewire_core::{Instant, Outbox};

use crate::keepalive::Written;
use crate::reply::Answer;
use crate::write::FirstByte;
use crate::{CloseCode, Opcode, Sending};

/// The sending half together with its outbox: what is owed is written at once.
pub(crate) struct Direct<'c> {
    pub(crate) sending: &'c mut Sending,
    pub(crate) outbox: &'c mut Outbox,
    pub(crate) now: Instant,
}

impl Answer for Direct<'_> {
    fn pong(&mut self, payload: &[u8]) {
        self.sending.answer(payload, self.outbox, self.now);
    }

    fn ping(&mut self) {
        if self.sending.is_open {
            self.sending.writer.write(FirstByte::whole(Opcode::Ping), &[], self.outbox);
        }
    }

    fn close(&mut self, code: Option<CloseCode>) {
        if self.sending.is_open {
            self.sending.write_close(code, "", self.outbox);
        }
    }

    fn end(&mut self) {
        self.sending.end();
        self.outbox.end();
    }

    fn written(&self) -> Option<Written> {
        Some(Written::of(self.outbox))
    }
}
