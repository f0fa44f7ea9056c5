//! What contestants give: decoders their events, encoders their bytes.

use std::hint::black_box;

use super::load::Event;

/// What a decoder gives: it hands each event to [`take`](Self::take).
pub(crate) struct Tally {
    /// How many events there were, and how long they are in all.
    pub(crate) sum: (usize, usize),
    told: Option<Vec<Told>>,
}

/// What an encoder gives: it hands each event's bytes to [`take`](Self::take).
pub(crate) struct Sink {
    /// How many bytes there were.
    pub(crate) len: usize,
    seen: Option<Vec<u8>>,
}

/// What an event says: its name, data and last event ID.
type Told = [String; 3];

impl Tally {
    /// One that only counts, as is timed.
    pub(crate) fn counting() -> Self {
        Self { sum: (0, 0), told: None }
    }

    /// One that keeps what it is told, to be compared.
    pub(crate) fn keeping() -> Self {
        Self { told: Some(Vec::new()), ..Self::counting() }
    }

    #[inline(always)]
    pub(crate) fn take(&mut self, name: &str, data: &[u8], id: &str) {
        let data = black_box(data);
        self.sum.0 += 1;
        self.sum.1 += name.len() + data.len() + id.len();
        if let Some(told) = &mut self.told {
            told.push([name, &String::from_utf8_lossy(data), id].map(str::to_owned));
        }
    }

    /// What is wrong with the events, if something is.
    pub(crate) fn fault(&self, events: &[Event]) -> Option<String> {
        difference(self.told.as_deref().unwrap_or_default(), events)
    }
}

impl Sink {
    /// One that only counts, as is timed.
    pub(crate) fn counting() -> Self {
        Self { len: 0, seen: None }
    }

    /// One that keeps the bytes, to be compared.
    pub(crate) fn keeping() -> Self {
        Self { seen: Some(Vec::new()), ..Self::counting() }
    }

    #[inline(always)]
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.len += black_box(bytes).len();
        if let Some(seen) = &mut self.seen {
            seen.extend_from_slice(bytes);
        }
    }

    /// What is wrong with the events in the bytes, if something is.
    pub(crate) fn fault(&self, events: &[Event]) -> Option<String> {
        let seen = String::from_utf8_lossy(self.seen.as_deref().unwrap_or_default());
        difference(&read(&seen), events)
    }
}

/// Reads a stream word by word as the standard says, and slowly.
fn read(stream: &str) -> Vec<Told> {
    let (mut events, mut name, mut id, mut data) = (Vec::new(), "", "", String::new());
    let stream = with_lf(stream);
    for line in stream.split_terminator('\n') {
        if line.is_empty() {
            if data.pop().is_some() {
                let name = if name.is_empty() { "message" } else { name };
                events.push([name, &data, id].map(str::to_owned));
            }
            (name, data) = ("", String::new());
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value,
            "id" => id = value,
            "data" => data.extend([value, "\n"]),
            _ => {}
        }
    }
    events
}

fn difference(told: &[Told], events: &[Event]) -> Option<String> {
    if told.len() != events.len() {
        return Some(format!("gives {} events of {}", told.len(), events.len()));
    }
    let mut id = "";
    for (index, (told, event)) in told.iter().zip(events).enumerate() {
        id = event.id.as_deref().unwrap_or(id);
        let sent = [event.name.unwrap_or("message"), &with_lf(&event.data), id];
        let parts = ["name", "data", "last event ID"].into_iter().zip(sent).zip(told);
        for ((part, sent), told) in parts {
            if sent != told {
                let same = sent.bytes().zip(told.bytes()).take_while(|(one, other)| one == other);
                return Some(format!(
                    "changes the {part} of event {index} from byte {} on",
                    same.count()
                ));
            }
        }
    }
    None
}

/// The text as a receiver gets it.
fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
