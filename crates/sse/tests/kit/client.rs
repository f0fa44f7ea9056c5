//! A source that is driven by hand.

use core::time::Duration;

use tidewire_core::Instant;
use tidewire_sse::{
    Action, ResponseHead, Source, SourceConfig, SourceState, StatusPolicy, Verdict,
};

use super::entropy;

/// A source and a clock that is moved by hand.
pub(crate) struct Link {
    pub(crate) source: Source,
    pub(crate) now: Instant,
}

impl Link {
    /// A source that has just been told to connect, and whose jitter draws `fill`.
    pub(crate) fn connecting(config: SourceConfig, fill: u8) -> Self {
        let source = Source::new(config, entropy(fill), Instant::ORIGIN);
        let mut link = Self { source, now: Instant::ORIGIN };
        assert_eq!(link.next(), Some(Action::Connect));
        link
    }

    pub(crate) fn open(config: SourceConfig, fill: u8) -> Self {
        let mut link = Self::connecting(config, fill);
        assert_eq!(link.accept(), Verdict::Open);
        link
    }

    pub(crate) fn next(&mut self) -> Option<Action> {
        let action = self.source.next_action(self.now);
        assert!(action.is_some() || self.source.deadline().is_none_or(|at| at > self.now), "quiet");
        action
    }

    pub(crate) fn accept(&mut self) -> Verdict {
        self.answer(200, None)
    }

    /// A response that would be an event stream, were it not for its status.
    pub(crate) fn answer(&mut self, status: u16, retry_after: Option<&[u8]>) -> Verdict {
        let stream = ("Content-Type", &b"text/event-stream"[..]);
        let fields = [Some(stream), retry_after.map(|value| ("Retry-After", value))];
        self.source.on_response(&ResponseHead::new(status, fields.into_iter().flatten()), self.now)
    }

    pub(crate) fn redirect(&mut self, status: u16) -> Verdict {
        let head = ResponseHead::new(status, [("Location", "/elsewhere")]);
        self.source.on_response(&head, self.now)
    }

    /// The number of items in a piece of body.
    pub(crate) fn hear(&mut self, mut body: &[u8]) -> usize {
        let mut items = 0;
        while self.source.decode(&mut body, self.now).unwrap().is_some() {
            items += 1;
        }
        items
    }

    pub(crate) fn lose(&mut self) -> Verdict {
        self.source.on_end(self.now).verdict
    }

    /// How long the source waits; it connects behind that and not before.
    pub(crate) fn sit_out(&mut self) -> Duration {
        assert_eq!(self.source.state(), SourceState::Waiting);
        let (start, until) = (self.now, self.source.deadline().unwrap());
        let wait = until.saturating_duration_since(start);
        self.now = start + (wait - Duration::from_nanos(1));
        assert_eq!(self.next(), None);
        self.now = until;
        assert_eq!(self.next(), Some(Action::Connect));
        wait
    }

    pub(crate) fn request(&self) -> Vec<(&'static str, Vec<u8>)> {
        self.source.request_fields().map(|(name, value)| (name, value.to_vec())).collect()
    }

    /// The last event ID that the next request would carry.
    pub(crate) fn resumes(&self) -> Option<Vec<u8>> {
        let field = self.request().into_iter().find(|(name, _)| *name == "Last-Event-ID");
        field.map(|(_, value)| value)
    }
}

pub(crate) fn resilient() -> SourceConfig {
    let mut config = SourceConfig::default();
    config.status_policy = StatusPolicy::Resilient;
    config
}
