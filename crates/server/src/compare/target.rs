//! The server that is measured: one of our own in a child process, or another. What is asked of it is
//! elsewhere.

use std::env;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::plan::Plan;
use crate::Failure;

/// The server. One of our own ends with this value.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) url: String,
    child: Option<Child>,
}

impl Target {
    /// Names the server of the plan, or starts one and waits until it says where it is.
    pub(super) async fn start(plan: &Plan) -> Result<Self, Failure> {
        if let Some(url) = plan.url.clone() {
            return Ok(Self { url, child: None });
        }
        let seats = plan.most_clients() + SPARE_SEATS;
        let mut child = Command::new(env::current_exe()?)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--max-connections", &seats.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("cannot start a server of our own: {error}"))?;
        let stdout = child.stdout.take().ok_or("the server has no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.unwrap_or_default();
        let url = line.split_whitespace().last().filter(|word| word.starts_with("http://"));
        let url = url.ok_or("the server of our own did not start")?.to_owned();
        Ok(Self { url, child: Some(child) })
    }

    /// The processor time that the server has used so far, if that can be known.
    pub(super) fn cpu_time(&self) -> Option<Duration> {
        cpu_time(self.child.as_ref()?.id()?)
    }
}

/// For the publisher, and for clients of the last run that have not quite left.
const SPARE_SEATS: usize = 1024;

/// The kernel's own count, in nanoseconds: `/proc` tells it in hundredths of a second alone.
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
fn cpu_time(process: u32) -> Option<Duration> {
    let process = nix::unistd::Pid::from_raw(process.try_into().ok()?);
    let clock = nix::time::clock_getcpuclockid(process).ok()?;
    Some(nix::time::clock_gettime(clock).ok()?.into())
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
fn cpu_time(_process: u32) -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    fn processor_time_grows_and_a_process_that_is_not_has_none() {
        let own = || cpu_time(std::process::id()).unwrap();
        let before = own();
        while own() == before {}
        assert!(own() > before);
        assert_eq!(cpu_time(u32::MAX), None);
    }
}
