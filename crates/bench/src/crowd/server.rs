//! The server that a crowd meets: the binary as a child process, and what the kernel tells of it.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Failure, pause};

/// A running `tidewire serve`, which dies with this value.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
}

/// A process's memory in bytes, its sockets' in the kernel apart.
pub(super) struct Memory {
    /// All that is in memory, the program too.
    pub(super) resident: usize,
    /// What no other process shares.
    pub(super) private: usize,
}

/// Lets this process and those that it starts open as many files as the system allows.
pub(super) fn raise_open_files() -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

/// Builds the binary as this program was built, and returns where it is.
pub(super) fn build() -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "tidewire-server", "--profile", profile])
        .status()?;
    if !built.success() {
        return Err("the server does not build".into());
    }
    Ok(std::env::current_exe()?.with_file_name("tidewire"))
}

impl Server {
    /// Starts one on a free port, with seats for so many clients and a few more.
    pub(super) fn start(program: &Path, clients: usize) -> Result<Self, Failure> {
        let seats = (clients + 16).to_string();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--max-connections", &seats])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let address = line.trim_end().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        Ok(Self { address: address.parse()?, child })
    }

    pub(super) fn memory(&self) -> Result<Memory, Failure> {
        let rollup = fs::read_to_string(self.proc("smaps_rollup"))?;
        let bytes = |name: &str| {
            let kib = rollup.lines().find_map(|line| line.strip_prefix(name));
            let kib = kib.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<usize>().ok());
            kib.map(|kib| 1024 * kib).ok_or_else(|| format!("no {name} in {rollup}"))
        };
        let private = bytes("Private_Clean:")? + bytes("Private_Dirty:")?;
        Ok(Memory { resident: bytes("Rss:")?, private })
    }

    pub(super) fn open_files(&self) -> io::Result<usize> {
        Ok(fs::read_dir(self.proc("fd"))?.count())
    }

    /// Waits until it has done nothing for a while.
    pub(super) async fn rests(&self) -> Result<(), Failure> {
        let mut before = None;
        loop {
            let spent = self.processor_ticks()?;
            if before == Some(spent) {
                return Ok(());
            }
            before = Some(spent);
            pause(Duration::from_millis(500)).await;
        }
    }

    /// How long it was on a processor, in hundredths of a second.
    fn processor_ticks(&self) -> Result<u64, Failure> {
        let stat = fs::read_to_string(self.proc("stat"))?;
        // The second field, a name between brackets, may hold anything.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.skip(11).take(2).map(|ticks| Ok(ticks.parse::<u64>()?)).sum()
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

impl Memory {
    /// What it has grown by since `before`, for each of so many.
    pub(super) fn growth_for_each(&self, before: &Self, count: usize) -> Self {
        let each = |now: usize, before: usize| now.saturating_sub(before) / count.max(1);
        Self {
            resident: each(self.resident, before.resident),
            private: each(self.private, before.private),
        }
    }
}
