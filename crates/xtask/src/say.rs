//! How a command line tool speaks. Who reads no further has read enough, so nothing fails for want of a reader.

use std::fmt::Display;
use std::io::{self, Write};

/// A line of what was asked for.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A line on what went wrong, or on what is going on.
pub(crate) fn warn(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
