//! Fuzz bodies for the log and for polling: any bytes are taken as text or as a script of calls, and
//! the laws have to hold. What feeds them is the targets' business.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewire_core::{Entropy, Instant, retry_after};
use tidewire_hub::{Batch, Config, Cursor, Hub, Read, Start, SubscribeError, SubscriberId};
use tidewire_poll::{
    Answer, Ask, Asked, Client, EntityTag, Mode, Park, ParkConfig, Poller, PollerConfig,
    ResponseHead, Why, cursor_from_etag, if_none_match,
};

const TOPICS: [&str; 4] = ["a", "b", "c", "d"];

/// Reads the bytes as a cursor, a start, entity tags and `Retry-After`. What is read is written back
/// the same.
pub fn cursor_text(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        if let Ok(cursor) = text.parse::<Cursor>() {
            assert_eq!(cursor.to_string(), text);
            assert!(text.len() <= 34);
            let tag = EntityTag(cursor).to_string();
            assert_eq!(cursor_from_etag([tag.as_bytes()]), Some(cursor));
            assert!(if_none_match([tag.as_bytes()], cursor));
        }
        if let Ok(start) = text.parse::<Start>() {
            assert_eq!(start.to_string(), text);
        }
    }
    if let Some(cursor) = cursor_from_etag([data]) {
        assert!(if_none_match([data], cursor));
    }
    assert_eq!(retry_after(data, None).is_some(), is_digits(data));
    let since_itself = retry_after(data, Some(data)).unwrap_or_default();
    assert!(since_itself.is_zero() || is_digits(data));
}

fn is_digits(data: &[u8]) -> bool {
    let digits = data.trim_ascii();
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Publishes, subscribes, reads and trims as the bytes say. Each reader sees each event of its topics
/// once and in order, or a reset; whoever waits has nothing to read.
pub fn hub_ops(data: &[u8]) {
    let mut script = Script(data);
    let mut config = Config::default();
    (config.max_events, config.max_bytes, config.max_keys) = (8, 600, 4);
    (config.max_subscribers, config.max_age) = (8, Some(Duration::from_millis(300)));
    let mut hub = Hub::new(config, 1);
    let mut now = Instant::ORIGIN;
    let mut published: Vec<usize> = Vec::new();
    let mut readers: BTreeMap<SubscriberId, (Vec<usize>, u64)> = BTreeMap::new();
    while let Some(step) = script.next() {
        match step % 8 {
            0 | 1 => {
                let topic = script.below(TOPICS.len());
                let key = script.next().filter(|key| key % 2 == 0).map(|key| [key]);
                let key = key.as_ref().map(|key| &key[..]);
                let weight = script.below(256);
                if hub.publish(TOPICS[topic], topic, weight, key, now).is_ok_and(|done| done.fresh)
                {
                    published.push(topic);
                }
            }
            2 => {
                let (topics, start) = (script.topics(), script.start());
                let names: Vec<_> = topics.iter().map(|&topic| TOPICS[topic]).collect();
                match hub.subscribe(&names, start, now) {
                    Ok((id, cursor)) => {
                        assert!(readers.insert(id, (topics, cursor.offset)).is_none());
                    }
                    Err(SubscribeError::Reset(_)) => assert!(matches!(start, Start::After(_))),
                    Err(_) => assert!(topics.is_empty() || readers.len() == 8),
                }
            }
            3 | 4 => {
                let Some(id) = script.pick(&readers) else { continue };
                let (topics, position) = readers.get_mut(&id).expect("it was picked");
                let max = Batch { events: script.below(4), bytes: script.below(256) };
                let floor = hub.floor().offset;
                let mut missed = (*position + 1..).zip(&published[*position as usize..]);
                match hub.read(id, max) {
                    Read::Entries { entries, next, more } => {
                        for record in entries {
                            let expected = missed.find(|(_, topic)| topics.contains(topic));
                            assert_eq!(expected, Some((record.offset, &record.item)));
                        }
                        assert_eq!(missed.any(|(_, topic)| topics.contains(topic)), more);
                        *position = next.offset;
                    }
                    Read::Waiting => {
                        assert!(!missed.any(|(_, topic)| topics.contains(topic)));
                        *position = published.len() as u64;
                    }
                    Read::Reset(reset) => {
                        assert!(*position + 1 < floor);
                        *position = reset.resume().offset;
                    }
                    Read::Ended(end) => panic!("nothing was closed: {end:?}"),
                }
            }
            5 => {
                let Some(id) = script.pick(&readers) else { continue };
                readers.remove(&id);
                assert!(hub.unsubscribe(id) && !hub.unsubscribe(id));
            }
            6 => {
                if let Some(id) = hub.next_ready() {
                    assert!(readers.contains_key(&id) && !hub.is_waiting(id));
                }
            }
            _ => {
                now = script.time(now);
                hub.trim(now);
            }
        }
        assert!(hub.len() <= 8 && hub.bytes() <= 600);
        assert_eq!(hub.head().offset, published.len() as u64);
        assert_eq!(hub.subscribers(), readers.len());
    }
}

/// Asks, publishes, cancels and lets time pass as the bytes say. Each held poll is answered once, in
/// time, with all there is; nothing is left at the end.
pub fn park_ops(data: &[u8]) {
    let mut script = Script(data);
    let (mut limits, mut config) = (ParkConfig::default(), Config::default());
    (limits.max_holds_per_answer, limits.max_holds, limits.shed_above) = (3, 12, 10);
    limits.max_holds_per_peer = 3;
    config.max_events = 8;
    let (mut park, mut hub) = (Park::new(limits), Hub::new(config, 1));
    let mut entropy = Entropy::new(|bytes| bytes.fill(90));
    let (mut now, mut latest) = (Instant::ORIGIN, Instant::ORIGIN);
    let mut published: Vec<usize> = Vec::new();
    let mut held = BTreeMap::new();
    while let Some(step) = script.next() {
        match step % 8 {
            0 | 1 => {
                let topic = script.below(TOPICS.len());
                hub.publish(TOPICS[topic], (), 1, None, now).expect("it is within all limits");
                published.push(topic);
            }
            2 | 3 => {
                let topics = script.topics();
                let names: Vec<_> = topics.iter().map(|&topic| TOPICS[topic]).collect();
                let ask = Ask {
                    wait: Duration::from_millis(script.below(256) as u64 * 300),
                    max: Batch { events: script.below(4), bytes: script.below(4) },
                    client: Some(Client {
                        id: script.below(4) as u64,
                        seq: script.below(4) as u64,
                    }),
                    peer: Some(script.below(3) as u64),
                    ..Ask::new(&names, script.start())
                };
                match park.ask(&ask, &mut hub, &mut entropy, now) {
                    Ok(Asked::Held(id)) => {
                        let until = latest.max(now) + park.wait(ask.wait);
                        assert!(held.insert(id, (topics, published.len(), until)).is_none());
                    }
                    Ok(Asked::Answer(_)) => {}
                    Err(refused) => assert!(topics.is_empty() || refused.retry_after().is_some()),
                }
            }
            4 => {
                let Some(id) = script.pick(&held) else { continue };
                held.remove(&id);
                assert!(park.cancel(id, &mut hub) && !park.cancel(id, &mut hub));
            }
            5 => {
                while let Some(reader) = hub.next_ready() {
                    assert!(park.woken(reader, &mut hub));
                }
            }
            6 => {
                while let Some(answered) = park.next_answer(&mut hub, now) {
                    assert!((1..=3).contains(&answered.holds.len()));
                    for id in answered.holds {
                        let (topics, seen, _) = held.remove(id).expect("it is held");
                        let news = published[seen..].iter().position(|t| topics.contains(t));
                        let first = news.map(|index| (seen + index + 1) as u64);
                        match &answered.answer {
                            Answer::Events { entries, .. } => {
                                let told = entries.clone().next().map(|record| record.offset);
                                assert_eq!((told, told.is_some()), (first, true));
                            }
                            Answer::Empty { next, why, .. } => {
                                assert!(first.is_none_or(|first| first > next.offset));
                                assert!(first.is_none() || *why == Why::Superseded);
                            }
                            Answer::Reset(reset) => {
                                assert!(first.is_some_and(|first| first < reset.floor.offset));
                            }
                        }
                    }
                }
                assert!(park.deadline().is_none_or(|deadline| deadline > now));
                assert!(held.values().all(|&(_, _, until)| until > now));
            }
            _ => {
                now = script.time(now);
                latest = latest.max(now);
                if step == 255 {
                    park.drain(&mut entropy, now);
                }
            }
        }
        assert_eq!(park.len(), held.len());
    }
    assert!(held.keys().all(|&id| park.cancel(id, &mut hub)));
    assert_eq!((park.len(), park.stats().groups, park.deadline()), (0, 0, None));
    assert_eq!(hub.subscribers(), 0);
}

/// Tells a poller what the bytes say. It never has two polls under way, its loop never spins, and its
/// cursor moves only with what was delivered.
pub fn poller_ops(data: &[u8]) {
    let mut script = Script(data);
    let mut config = PollerConfig::default();
    if script.below(2) == 1 {
        config.mode = Mode::Interval { every: Duration::from_millis(script.below(256) as u64) };
    }
    config.start = script.start();
    let mut now = Instant::ORIGIN;
    let mut poller = Poller::new(config, Entropy::new(|bytes| bytes.fill(90)), now);
    let mut stopped = false;
    while let Some(step) = script.next() {
        let before = poller.start();
        match step % 8 {
            0 => {
                let under_way = poller.watchdog().is_some_and(|give_up| give_up > now);
                let ask = poller.next_ask(now);
                assert!(ask.is_none_or(|ask| !under_way && !stopped && ask.after == before));
                assert_eq!(poller.next_ask(now), None, "one poll at a time");
                assert!(poller.deadline().is_none_or(|deadline| deadline > now));
            }
            1 => {
                let status = [200, 204, 304, 410, 429, 503, 302, 404][script.below(8)];
                let away = script.below(256).to_string();
                let fields = [("Content-Type", "application/json"), ("Retry-After", &away)];
                poller.on_response(&ResponseHead::new(status, fields), now);
                stopped |= poller.is_stopped();
            }
            2 => {
                let next = Cursor { epoch: 1, offset: script.below(256) as u64 };
                let is_news = poller.is_news(next);
                poller.delivered(next, script.below(2) == 1, None, now);
                let moved = poller.start() != before;
                assert!(!moved || is_news && poller.start() == Start::After(next));
                continue;
            }
            3 => poller.rejected(now),
            4 => poller.failed(now),
            5 if step == 253 => {
                poller.stop();
                stopped = true;
            }
            5 if step == 245 => poller.pause(),
            5 if step == 237 => poller.hide(),
            5 if step == 229 => poller.resume(now),
            _ => now = script.time(now),
        }
        assert_eq!(poller.start(), before);
        assert!(!stopped || poller.deadline().is_none());
    }
}

/// Bytes read as decisions. At their end all decisions are zero.
struct Script<'d>(&'d [u8]);

impl Script<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.next().unwrap_or(0)) % bound
    }

    /// A set of topics, by the bits of a byte; it may be empty.
    fn topics(&mut self) -> Vec<usize> {
        let bits = self.below(1 << TOPICS.len());
        (0..TOPICS.len()).filter(|topic| bits >> topic & 1 == 1).collect()
    }

    fn start(&mut self) -> Start {
        match self.below(8) {
            0 => Start::Oldest,
            1 => Start::Last(self.below(8) as u64),
            2 | 3 => Start::Now,
            4 => Start::After(Cursor { epoch: 2, offset: 0 }),
            _ => Start::After(Cursor { epoch: 1, offset: self.below(256) as u64 }),
        }
    }

    fn pick<K: Copy, V>(&mut self, map: &BTreeMap<K, V>) -> Option<K> {
        map.keys().copied().nth(self.below(map.len().max(1)))
    }

    /// Some time later; now and then earlier.
    fn time(&mut self, now: Instant) -> Instant {
        match self.below(256) {
            0 => Instant::from_origin(now.since_origin() / 2),
            step => now + Duration::from_millis((step * step) as u64),
        }
    }
}
