//! On what the figures were measured, and when.

use std::env::consts::ARCH;
use std::thread::available_parallelism;
use std::time::SystemTime;

use nix::sys::utsname::uname;

/// The operating system, the processor's kind and the number of its cores.
pub(super) fn machine() -> String {
    let system = uname().ok().map(|system| {
        let release = system.release().to_string_lossy();
        let release: Vec<&str> = release.split('.').take(2).collect();
        format!("{} {}", system.sysname().to_string_lossy(), release.join("."))
    });
    let system = system.unwrap_or_else(|| std::env::consts::OS.to_owned());
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{system}, {ARCH}, {cores} core{}", if cores == 1 { "" } else { "s" })
}

/// The version of this program, and whether it was built to be fast.
pub(super) fn version() -> String {
    let debug = if cfg!(debug_assertions) { ", built without optimisation" } else { "" };
    format!("tidewire {}{debug}", env!("CARGO_PKG_VERSION"))
}

#[allow(clippy::disallowed_methods, reason = "the binary owns the calendar; machines need none")]
pub(super) fn date() -> String {
    httpdate::fmt_http_date(SystemTime::now())
}
