//! The steps of WHATWG HTML §9.2.6 taken literally: decode all, cut into lines, walk them.

use super::{Seen, event};

/// What a stream tells, comments apart, and the last event ID at its end.
pub(crate) fn read(stream: &[u8]) -> (Vec<Seen>, String) {
    let text = String::from_utf8_lossy(stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream));
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.pop();

    let (mut seen, mut last_id) = (Vec::new(), String::new());
    let (mut data, mut kind, mut id) = (String::new(), String::new(), String::new());
    for line in lines {
        if line.is_empty() {
            last_id.clone_from(&id);
            if !data.is_empty() {
                data.pop();
                seen.push(event(if kind.is_empty() { "message" } else { &kind }, &data, &id));
            }
            data.clear();
            kind.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => kind = value.into(),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "id" if !value.contains('\0') => id = value.into(),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                seen.push(Seen::Retry(value.parse::<u64>().unwrap_or(u64::MAX).into()));
            }
            _ => {}
        }
    }
    (seen, last_id)
}
