//! A frame as the lines that it is written in. Where they are written to is told elsewhere.

use crate::Frame;
use crate::encode::{COMMENT, DATA, ID, NAME, RETRY};
use crate::scan::{each_end, first_line};

/// The lines of a frame in order, the blank one included; each a prefix and a value without its
/// line end.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'f> {
    frame: &'f Frame<'f>,
    at: At<'f>,
}

#[derive(Clone, Copy, Debug)]
enum At<'f> {
    /// In front of the rest of the comment.
    Comment(Option<&'f [u8]>),
    Name,
    Id,
    Retry,
    /// In front of the rest of the data.
    Data(Option<&'f [u8]>),
    Blank,
    End,
}

impl<'f> Lines<'f> {
    pub(crate) fn new(frame: &'f Frame<'f>) -> Self {
        Self { frame, at: At::Comment(frame.comment.map(str::as_bytes)) }
    }
}

impl<'f> Iterator for Lines<'f> {
    type Item = (&'static [u8], &'f [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let Self { frame, at } = self;
        loop {
            match *at {
                At::Comment(Some(text)) => {
                    let (line, rest) = cut(text);
                    *at = At::Comment(rest);
                    return Some((COMMENT, line));
                }
                At::Comment(None) if frame.is_comment() => *at = At::End,
                At::Comment(None) => *at = At::Name,
                At::Name => {
                    *at = At::Id;
                    if let Some(name) = frame.name {
                        return Some((NAME, name.as_str().as_bytes()));
                    }
                }
                At::Id => {
                    *at = At::Retry;
                    if let Some(id) = frame.id {
                        return Some((ID, id.as_str().as_bytes()));
                    }
                }
                At::Retry => {
                    *at = At::Data(frame.data.map(str::as_bytes));
                    if let Some(digits) = &frame.retry {
                        return Some((RETRY, digits.as_bytes()));
                    }
                }
                At::Data(Some(text)) => {
                    let (line, rest) = cut(text);
                    *at = At::Data(rest);
                    return Some((DATA, line));
                }
                At::Data(None) => *at = At::Blank,
                At::Blank => {
                    *at = At::End;
                    return Some((b"", b""));
                }
                At::End => return None,
            }
        }
    }
}

/// The first line of a text, as a receiver cuts it, and the rest if there was a line end.
#[inline]
fn cut(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let Ok(line) = first_line(text) else { return (text, None) };
    let (line, tail) = text.split_at(line.len());
    (line, tail.strip_prefix(b"\r\n").or(tail.get(1..)))
}

/// Shows all lines of a text, at least one; to see the line ends ahead is faster than to look for one
/// after the other. Most texts are a single line and need not come here.
#[inline(never)]
pub(crate) fn each<'t>(text: &'t str, mut show: impl FnMut(&'t [u8])) {
    let (text, mut start) = (text.as_bytes(), 0);
    each_end(text, |end| {
        let is_behind_cr = end == start && text[..end].ends_with(b"\r");
        if !(is_behind_cr && text[end] == b'\n') {
            show(&text[start..end]);
        }
        start = end + 1;
    });
    show(&text[start..]);
}
