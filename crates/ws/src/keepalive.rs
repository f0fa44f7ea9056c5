//! When a silent peer is pinged and when it is given up. What a ping looks like is not known here.

use core::time::Duration;

use tidewire_core::{Instant, Outbox};

use crate::{Config, Error};

/// Watches for signs of life.
///
/// ```text
///          silent for `ping_every`            ping left the outbox
///  Silent ────────────────────────▶ Leaving ───────────────────────▶ Left
///    ▲                                │  `pong_timeout` without        │ `pong_timeout`
///    │ any byte                       ▼  progress of the outbox        ▼
///    └─────────────────────────── (from both)                     PongTimeout
/// ```
#[derive(Debug)]
pub(crate) struct Keepalive {
    heard: Instant,
    ping: Ping,
}

#[derive(Debug)]
enum Ping {
    Silent,
    Leaving {
        /// The outbox's count of bytes pushed, just behind the ping.
        end: u64,
        /// The outbox's count of bytes taken, when it was last looked at.
        taken: u64,
        look_at: Instant,
        give_up: Instant,
    },
    Left {
        give_up: Instant,
    },
}

impl Keepalive {
    pub(crate) fn new(now: Instant) -> Self {
        Self { heard: now, ping: Ping::Silent }
    }

    /// Notes that bytes came.
    pub(crate) fn on_bytes(&mut self, now: Instant) {
        self.heard = self.heard.max(now);
        self.ping = Ping::Silent;
    }

    /// Whether it is time for a ping.
    pub(crate) fn is_due(&self, config: &Config, now: Instant) -> bool {
        matches!(self.ping, Ping::Silent) && self.ping_at(config).is_some_and(|at| at <= now)
    }

    /// Notes that a ping is now the last thing in the outbox. An earlier one that waits for its
    /// answer stays the one that counts.
    pub(crate) fn on_ping(&mut self, config: &Config, outbox: &Outbox, now: Instant) {
        if let Ping::Silent = self.ping {
            self.ping = Ping::Leaving {
                end: outbox.pushed(),
                taken: outbox.taken(),
                look_at: now + look_after(config),
                give_up: now + config.pong_timeout,
            };
        }
    }

    /// Follows the ping on its way out and fails if its answer is overdue.
    pub(crate) fn check(
        &mut self,
        config: &Config,
        outbox: &Outbox,
        now: Instant,
    ) -> Result<(), Error> {
        if let Ping::Leaving { end, taken, look_at, give_up } = &mut self.ping {
            *look_at = now + look_after(config);
            if *taken < outbox.taken() {
                *taken = outbox.taken();
                *give_up = now + config.pong_timeout;
            }
            if *end <= *taken {
                self.ping = Ping::Left { give_up: *give_up };
            }
        }
        match self.ping {
            Ping::Leaving { give_up, .. } | Ping::Left { give_up } if give_up <= now => {
                Err(Error::PongTimeout { waited: config.pong_timeout })
            }
            Ping::Silent | Ping::Leaving { .. } | Ping::Left { .. } => Ok(()),
        }
    }

    /// When to look again.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Instant> {
        match self.ping {
            Ping::Silent => self.ping_at(config),
            Ping::Leaving { look_at, give_up, .. } => Some(look_at.min(give_up)),
            Ping::Left { give_up } => Some(give_up),
        }
    }

    fn ping_at(&self, config: &Config) -> Option<Instant> {
        config.ping_every.map(|every| self.heard + every)
    }
}

/// How long to wait before looking whether a ping has left: bytes may leave without anybody telling
/// us, and the later we see it, the later a dead peer is given up.
fn look_after(config: &Config) -> Duration {
    (config.pong_timeout / 4).max(Duration::from_nanos(1))
}
