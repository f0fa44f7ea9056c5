//! The client's source under any answers, bodies, losses and times, beside a decoder that is told the
//! same. Decoding itself is held to the standard elsewhere.

use std::time::Duration;

use allocation_counter::measure;
use tidewire_core::{Entropy, Instant};
use tidewire_sse::{
    Action, Decoder, Item, LimitError, OnExcess, ResponseHead, Source, SourceConfig, SourceState,
    StatusPolicy, Stop, Verdict,
};

/// Drives a source as the bytes say. It tells what the decoder tells, asks for connections neither
/// too soon nor too late, and its requests are always legal.
///
/// # Panics
///
/// If the source breaks one of its laws.
pub fn source(data: &[u8]) {
    let Some((&[policy, fill], script)) = data.split_first_chunk() else { return };
    let (mut first, mut again) = (Vec::new(), Vec::new());
    Run::new(policy, fill).play(script, |note| first.push(note));
    let used = measure(|| Run::new(policy, fill).play(script, |note| again.push(note)));
    assert_eq!(first, again, "Replay");
    // The notes, the source and its shadow; none of them keeps what was told.
    let notes = (again.capacity() * size_of::<Note>()) as u64;
    let most = 3 * notes + 2 * 8 * (3 * MAX_VALUE_BYTES as u64 + 2 * MAX_LINE_BYTES as u64) + 1024;
    assert!(used.bytes_max <= most, "Bound: {used:?}, {most} allowed");
}

/// What a source said of itself, and when.
type Note = (Instant, SourceState, Option<Instant>);

struct Run {
    config: SourceConfig,
    source: Source,
    /// What the source's decoder should be.
    shadow: Decoder,
    now: Instant,
    latest: Instant,
    connects: u64,
}

impl Run {
    fn new(policy: u8, fill: u8) -> Self {
        let mut config = SourceConfig::default();
        config.limits.max_line_bytes = MAX_LINE_BYTES;
        config.limits.max_data_bytes = MAX_LINE_BYTES;
        config.limits.max_name_bytes = MAX_VALUE_BYTES;
        config.limits.max_id_bytes = MAX_VALUE_BYTES;
        config.max_last_event_id_bytes = 30;
        config.max_redirects = 3;
        if policy & 1 == 1 {
            config.status_policy = StatusPolicy::Resilient;
        }
        if policy & 2 == 2 {
            config.limits.on_excess = OnExcess::Fail;
        }
        if policy & 4 == 4 {
            config.max_reconnects = Some(3);
        }
        if policy & 8 == 8 {
            (config.connect_timeout, config.idle_timeout) = (None, None);
        }
        if policy & 16 == 16 {
            config.max_wait = Duration::from_secs(5);
        }
        let entropy = Entropy::new(move |bytes| bytes.fill(fill));
        Self {
            source: Source::new(config.clone(), entropy, Instant::ORIGIN),
            shadow: Decoder::new(config.limits),
            config,
            now: Instant::ORIGIN,
            latest: Instant::ORIGIN,
            connects: 0,
        }
    }

    fn play(mut self, mut script: &[u8], mut note: impl FnMut(Note)) {
        self.rest();
        while let Some((&[step, amount], rest)) = script.split_first_chunk() {
            script = rest;
            let stopped = matches!(self.source.state(), SourceState::Stopped(_));
            let before = self.source.state();
            match step % 8 {
                0 => self.now += Duration::from_millis(u64::from(amount) * u64::from(amount)),
                1 => self.now = self.source.deadline().unwrap_or(self.now),
                2 | 3 => self.answer(amount, &mut script),
                4 | 5 => {
                    let (body, rest) = script.split_at(script.len().min(amount.into()));
                    script = rest;
                    self.hear(body);
                }
                6 => self.lose(),
                _ if amount == 255 => self.source.close(),
                // Running backwards is tolerated.
                _ => self.now = Instant::from_origin(self.now.since_origin() / 2),
            }
            assert!(!stopped || self.source.state() == before, "nothing follows the end");
            self.rest();
            note((self.now, self.source.state(), self.source.deadline()));
        }
    }

    /// An answer whose status, type and `Retry-After` the script chooses.
    fn answer(&mut self, amount: u8, script: &mut &[u8]) {
        let status = [200, 200, 200, 200, 204, 206, 301, 404, 429, 503][usize::from(amount) % 10];
        let (field, rest) = script.split_at(script.len().min(usize::from(amount) / 64));
        *script = rest;
        let content_type = if amount % 32 == 31 { field } else { b"text/event-stream; x" };
        let was = self.source.state();
        let fields = [
            ("Content-Type", content_type),
            ("Retry-After", field),
            ("Date", b"Fri, 31 Dec 1999 23:59:59 GMT"),
        ];
        let location = (amount % 64 < 48).then_some(("Location", field));
        let head = ResponseHead::new(status, fields.into_iter().chain(location));
        let verdict = self.source.on_response(&head, self.now);
        if let Verdict::Redirect(_) = verdict {
            assert_eq!(
                (status, was, self.source.state()),
                (301, SourceState::Connecting, SourceState::Connecting)
            );
        }
        if verdict == Verdict::Open && was == SourceState::Connecting {
            assert_eq!((status, self.source.state()), (200, SourceState::Open));
        }
        self.settle(was, self.config.max_retry_after);
    }

    /// A piece of body, which a shadow reads as well.
    fn hear(&mut self, body: &[u8]) {
        let was = self.source.state();
        let (mut heard, mut shadowed) = (body, body);
        loop {
            let told = self.source.decode(&mut heard, self.now);
            if was != SourceState::Open {
                assert_eq!((told, heard.len()), (Ok(None), 0), "no stream is open");
                return;
            }
            let expected: Result<Option<Item<'_>>, LimitError> = self.shadow.decode(&mut shadowed);
            assert_eq!(told, expected);
            assert_eq!(heard.len(), shadowed.len());
            match told {
                Ok(None) => break,
                Ok(Some(_)) => {}
                Err(limit) => {
                    let stop = SourceState::Stopped(Stop::Limit(limit));
                    assert_eq!(self.source.state(), stop);
                    return;
                }
            }
        }
    }

    fn lose(&mut self) {
        let was = self.source.state();
        let ended = self.source.on_end(self.now);
        if matches!(was, SourceState::Connecting | SourceState::Open) {
            assert_eq!(ended.open_block, self.shadow.end());
            assert_ne!(ended.verdict, Verdict::Open);
        }
        self.settle(was, Duration::ZERO);
    }

    /// Takes actions until there are none.
    fn rest(&mut self) {
        for turn in 0.. {
            assert!(turn < 3, "the loop comes to rest");
            let was = self.source.state();
            match self.source.next_action(self.now) {
                None => break,
                Some(Action::Connect) => {
                    assert_eq!(was, SourceState::Waiting);
                    self.connects += 1;
                    self.shadow.reset();
                    self.check_request();
                }
                Some(Action::Disconnect(ended)) => {
                    assert_eq!(ended.open_block, self.shadow.end());
                    self.settle(was, Duration::ZERO);
                }
                Some(other) => unreachable!("an action that nobody knows: {other:?}"),
            }
        }
        assert!(self.source.deadline().is_none_or(|at| at > self.now), "Quiet");
        assert_eq!(self.source.last_event_id(), self.shadow.last_event_id());
        self.latest = self.latest.max(self.now);
        let elapsed = self.latest.since_origin().as_millis() as u64;
        assert!(self.connects <= 1 + elapsed / MIN_WAIT_MILLIS, "a storm of {}", self.connects);
    }

    /// A wait that has just begun is as long as the server asked for, within floor and cap, and longer
    /// by `asked` at most; however far the clock has run backwards.
    fn settle(&mut self, was: SourceState, asked: Duration) {
        if was == SourceState::Waiting || self.source.state() != SourceState::Waiting {
            return;
        }
        let until = self.source.deadline().expect("a wait ends");
        let wait = until.saturating_duration_since(self.latest.max(self.now));
        let time = self.shadow.reconnection_time().unwrap_or(self.config.retry);
        let floor = time.min(self.config.max_wait).max(Duration::from_millis(MIN_WAIT_MILLIS));
        assert!(wait >= floor, "{wait:?} is sooner than {floor:?}");
        let cap = self.config.max_wait + asked;
        assert!(wait <= cap, "{wait:?} is later than {cap:?}");
    }

    /// RFC 9110 §5.5: a field's value has no control characters, and no blanks at its ends.
    fn check_request(&self) {
        let mut fields = self.source.request_fields();
        let id = fields.find_map(|(name, value)| (name == "Last-Event-ID").then_some(value));
        let Some(id) = id else { return };
        assert!(!id.is_empty() && id.len() <= self.config.max_last_event_id_bytes);
        assert_eq!(id, self.shadow.last_event_id().as_bytes(), "unchanged");
        assert_eq!(id, id.trim_ascii());
        assert!(id.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f)));
    }
}

const MAX_LINE_BYTES: usize = 100;
const MAX_VALUE_BYTES: usize = 40;

/// The shortest wait of all.
const MIN_WAIT_MILLIS: u64 = 100;
