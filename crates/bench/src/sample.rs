//! Texts to send around.

use std::iter;

/// A text of exactly `len` bytes that begins somewhere in the sample.
pub(crate) fn text(sample: &str, start: usize, len: usize) -> String {
    let start = start % sample.chars().count();
    let mut text = String::with_capacity(len);
    for character in sample.chars().cycle().skip(start) {
        if text.len() + character.len_utf8() > len {
            break;
        }
        text.push(character);
    }
    let rest = len - text.len();
    text.extend(iter::repeat_n('.', rest));
    text
}

pub(crate) const ASCII: &str =
    "{\"topic\":\"harbour\",\"level\":3.7,\"note\":\"the tide is in, the boats are up\"} ";

/// Characters of one to four bytes.
pub(crate) const MIXED: &str = "Ebbe und Flut, größer als je · Η παλίρροια ανεβαίνει · 潮水正在上涨，船都浮起来了 · \
    🌊🚢 déjà vu à l'écluse · το λιμάνι 🐟 港口 ";
