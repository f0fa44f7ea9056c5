//! The clock of one host, which may be stepped, and whether the host sleeps. The world's own time runs
//! evenly and is not here.

use std::time::Duration;

use tidewire_core::Instant;

/// A host's clock and its sleep. It shows the world's time plus what it was stepped by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Nanoseconds ahead of the world; positive, for it starts at [`HEADSTART`].
    ahead: u64,
    /// Until when the host does nothing, in the world's time.
    asleep_until: Instant,
    /// The alarm that is set, in the world's time.
    alarm: Option<Instant>,
}

/// Room to step backwards.
const HEADSTART: Duration = Duration::from_secs(3600);

impl Clock {
    pub(super) fn new() -> Self {
        Self { ahead: nanos(HEADSTART), asleep_until: Instant::ORIGIN, alarm: None }
    }

    /// What the clock shows at this instant of the world.
    pub(super) fn now(&self, world: Instant) -> Instant {
        world + Duration::from_nanos(self.ahead)
    }

    pub(super) fn step_forward(&mut self, by: Duration) {
        self.ahead += nanos(by);
    }

    pub(super) fn step_back(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_sub(nanos(by));
    }

    pub(super) fn sleep(&mut self, until: Instant) {
        self.asleep_until = self.asleep_until.max(until);
    }

    /// Until when the host sleeps, if it does.
    pub(super) fn asleep(&self, world: Instant) -> Option<Instant> {
        (self.asleep_until > world).then_some(self.asleep_until)
    }

    /// The instant of the world at which an alarm for `deadline` is to be set, unless there is one
    /// that rings no later.
    pub(super) fn arm(&mut self, deadline: Option<Instant>, world: Instant) -> Option<Instant> {
        let at = self.world(deadline, world);
        self.arm_at(at)
    }

    /// The instant of the world at which the clock shows `deadline`; now, if that has passed.
    pub(super) fn world(&self, deadline: Option<Instant>, world: Instant) -> Option<Instant> {
        let deadline = nanos(deadline?.since_origin()).saturating_sub(self.ahead);
        Some(Instant::from_origin(Duration::from_nanos(deadline)).max(world))
    }

    /// Sets the alarm at an instant of the world, unless there is one that rings no later.
    pub(super) fn arm_at(&mut self, at: Option<Instant>) -> Option<Instant> {
        let at = at?;
        if self.alarm.is_some_and(|alarm| alarm <= at) {
            return None;
        }
        self.alarm = Some(at);
        Some(at)
    }

    /// The alarm rings. `false` if a later one took its place.
    pub(super) fn ring(&mut self, world: Instant) {
        if self.alarm.is_some_and(|alarm| alarm <= world) {
            self.alarm = None;
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}
