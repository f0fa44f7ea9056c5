//! When a silent peer is pinged, closed or given up. What a ping looks like is not known here.

use core::time::Duration;

use tidewire_core::{Instant, Outbox, earliest};

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
///
/// `idle_timeout` runs in `Silent` alone: once a ping is out, its answer decides.
#[derive(Debug)]
pub(crate) struct Keepalive {
    /// When bytes came last; before the first, when the connection began.
    heard: Instant,
    ping: Ping,
}

#[derive(Debug)]
enum Ping {
    Silent {
        /// Whether bytes ever came.
        has_heard: bool,
    },
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

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Ping,
    /// The peer was silent for `idle_timeout`.
    Close,
}

/// What an outbox has taken in and given out since it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pushed: u64,
    taken: u64,
}

impl Written {
    pub(crate) fn of(outbox: &Outbox) -> Self {
        Self { pushed: outbox.pushed(), taken: outbox.taken() }
    }
}

impl Keepalive {
    pub(crate) fn new(now: Instant) -> Self {
        Self { heard: now, ping: Ping::Silent { has_heard: false } }
    }

    /// Notes that bytes came.
    #[inline]
    pub(crate) fn on_bytes(&mut self, now: Instant) {
        self.heard = self.heard.max(now);
        self.ping = Ping::Silent { has_heard: true };
    }

    /// What it is time for.
    pub(crate) fn due(&self, config: &Config, now: Instant) -> Option<Due> {
        let Ping::Silent { .. } = self.ping else { return None };
        let ping_at = self.after(config.ping_every);
        let close_at = self.after(config.idle_timeout);
        let (at, due) = match (ping_at, close_at) {
            (Some(ping_at), Some(close_at)) if close_at < ping_at => (close_at, Due::Close),
            (Some(ping_at), _) => (ping_at, Due::Ping),
            (None, close_at) => (close_at?, Due::Close),
        };
        (at <= now).then_some(due)
    }

    /// Notes that a ping is now the last thing in the outbox, or, if nobody shows us one, that it
    /// left. An earlier one that waits for its answer stays the one that counts.
    pub(crate) fn on_ping(&mut self, config: &Config, written: Option<Written>, now: Instant) {
        let Ping::Silent { .. } = self.ping else { return };
        let give_up = now + config.pong_timeout;
        self.ping = match written {
            Some(Written { pushed: end, taken }) => {
                Ping::Leaving { end, taken, look_at: now + look_after(config), give_up }
            }
            None => Ping::Left { give_up },
        };
    }

    /// Notes that a ping left at `sent`, unless bytes have come since.
    pub(crate) fn on_ping_sent(&mut self, config: &Config, sent: Instant) {
        let is_answered =
            self.heard >= sent && matches!(self.ping, Ping::Silent { has_heard: true });
        if !is_answered {
            self.on_ping(config, None, sent);
        }
    }

    /// Follows the ping on its way out and fails if its answer is overdue.
    pub(crate) fn check(
        &mut self,
        config: &Config,
        written: Option<Written>,
        now: Instant,
    ) -> Result<(), Error> {
        if let Ping::Leaving { end, taken, look_at, give_up } = &mut self.ping {
            *look_at = now + look_after(config);
            if let Some(written) = written
                && *taken < written.taken
            {
                *taken = written.taken;
                *give_up = now + config.pong_timeout;
            }
            // Where the outbox is out of sight, it counts as left.
            if *end <= *taken || written.is_none() {
                self.ping = Ping::Left { give_up: *give_up };
            }
        }
        match self.ping {
            Ping::Leaving { give_up, .. } | Ping::Left { give_up } if give_up <= now => {
                Err(Error::PongTimeout { waited: config.pong_timeout })
            }
            Ping::Silent { .. } | Ping::Leaving { .. } | Ping::Left { .. } => Ok(()),
        }
    }

    /// When to look again.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Instant> {
        match self.ping {
            Ping::Silent { .. } => {
                earliest([self.after(config.ping_every), self.after(config.idle_timeout)])
            }
            Ping::Leaving { look_at, give_up, .. } => Some(look_at.min(give_up)),
            Ping::Left { give_up } => Some(give_up),
        }
    }

    fn after(&self, silence: Option<Duration>) -> Option<Instant> {
        silence.map(|silence| self.heard + silence)
    }
}

/// How long to wait before looking whether a ping has left: bytes may leave without anybody telling
/// us, and the later we see it, the later a dead peer is given up.
fn look_after(config: &Config) -> Duration {
    (config.pong_timeout / 4).max(Duration::from_nanos(1))
}
