//! Which media ranges of an `Accept` let an event stream through. What else a request needs is told
//! elsewhere.

/// The lines of an `Accept`, as far as they speak of event streams. RFC 9110 §12.5.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MediaRanges {
    /// The most specific range that fits, and whether it takes them.
    best: Option<(Precision, bool)>,
    asks_for_others: bool,
}

/// How exactly a media range fits `text/event-stream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Any,
    Text,
    EventStream,
}

impl MediaRanges {
    /// Reads one line. Several count as one, with commas between.
    pub(crate) fn add(&mut self, line: &[u8]) {
        for range in line.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            let fit = fit(range);
            self.best = self.best.max(fit);
            self.asks_for_others |= fit.is_none() && !range.is_empty();
        }
    }

    /// Whether an event stream gets through: the most specific range that fits decides, and a weight
    /// of zero rules out. A list of nothing asks for nothing else.
    pub(crate) fn take_event_streams(self) -> bool {
        self.best.map_or(!self.asks_for_others, |(_, is_taken)| is_taken)
    }
}

/// How exactly a range fits, and whether it takes what it fits.
fn fit(range: &[u8]) -> Option<(Precision, bool)> {
    let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
    let precision = match parts.next()? {
        b"*/*" => Precision::Any,
        essence if essence.eq_ignore_ascii_case(b"text/*") => Precision::Text,
        essence if essence.eq_ignore_ascii_case(b"text/event-stream") => Precision::EventStream,
        _ => return None,
    };
    let is_nothing =
        |weight: &[u8]| weight.starts_with(b"0") && weight.iter().all(|byte| b"0.".contains(byte));
    let weight = parts.find_map(|part| part.strip_prefix(b"q=").or(part.strip_prefix(b"Q=")));
    Some((precision, !weight.is_some_and(is_nothing)))
}
