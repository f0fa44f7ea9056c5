//! What the tests over real sockets share: the binary as a child process, and its peers. What is
//! expected of them stands in each test.
#![allow(dead_code, reason = "each test binary uses its part")]

mod cut;
pub(crate) mod follower;
pub(crate) mod raw;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long anything that is expected may take, on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running `tidewire serve`, which dies with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts one on a free port.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", options)
    }

    /// Starts one at an address and waits until it says where it is.
    pub(crate) fn start_at(address: &str, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tidewire"))
            .args(["serve", "--listen", address])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it prints a line");
        let address = line
            .trim_end()
            .strip_prefix("tidewire serves on http://")
            .and_then(|rest| rest.strip_suffix('/'))
            .and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| unreachable!("it said {line:?}"));
        Self { child, address }
    }

    /// Kills it as SIGKILL does: it says goodbye to nobody.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is dead");
    }

    /// Asks it to go, as SIGTERM does.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().try_into().expect("it is a process");
        kill(Pid::from_raw(pid), Signal::SIGTERM).expect("it is ours");
    }

    /// Waits until it is gone; whether it went in order.
    pub(crate) async fn is_gone(&mut self) -> bool {
        let mut status = None;
        eventually(|| {
            status = self.child.try_wait().expect("it is ours");
            status.is_some()
        })
        .await;
        status.is_some_and(|status| status.success())
    }

    /// Its resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> usize {
        let status = fs::read_to_string(self.proc("status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<usize>().ok());
        1024 * kib.expect("Linux says so in kB")
    }

    /// How many file descriptors it has open.
    pub(crate) fn open_files(&self) -> usize {
        fs::read_dir(self.proc("fd")).expect("it runs").count()
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until `is_so`, at most for [`PATIENCE`]; tells whether it came true.
pub(crate) async fn eventually(mut is_so: impl FnMut() -> bool) -> bool {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !is_so() {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.is_ok()
}
