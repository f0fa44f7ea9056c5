//! A program that runs beside this one. Programs that are only waited for are `shell`'s.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::stopwatch::now;

/// A program that runs. It is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    /// What it is called, and where its log is.
    name: String,
    log: PathBuf,
}

impl Running {
    /// Starts it; what it prints goes to the file `log`.
    pub(crate) fn start(mut command: Command, name: String, log: &Path) -> Result<Self, String> {
        let told = |error: io::Error| format!("`{name}`: {error}");
        let file = File::create(log).map_err(told)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(file.try_clone().map_err(told)?);
        let mut child = command.spawn().map_err(told)?;
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || pass(stdout, file, &sender));
        }
        Ok(Self { child, lines, name, log: log.to_owned() })
    }

    /// Waits a minute for a line that begins with `start`, and returns the rest of it.
    pub(crate) fn wait_for(&self, start: &str) -> Result<String, String> {
        let until = now() + Duration::from_secs(60);
        while let Some(line) = self.line(until)? {
            if let Some(rest) = line.strip_prefix(start) {
                return Ok(rest.trim_end().to_owned());
            }
        }
        Err(self.told(&format!("it ended and never said `{start}`")))
    }

    /// Waits until it ends by itself, for so long at most.
    pub(crate) fn finish(mut self, limit: Duration) -> Result<(), String> {
        let until = now() + limit;
        while self.line(until)?.is_some() {}
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.told(&status.to_string())),
            Err(error) => Err(self.told(&error.to_string())),
        }
    }

    /// The next line; `None` once there is no more.
    fn line(&self, until: Instant) -> Result<Option<String>, String> {
        match self.lines.recv_timeout(until.saturating_duration_since(now())) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(self.told("it takes too long")),
        }
    }

    fn told(&self, why: &str) -> String {
        format!("`{}`: {why}; see {}", self.name, self.log.display())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes lines on as long as there are any, whether anyone still listens or not.
fn pass(stdout: ChildStdout, mut log: File, lines: &Sender<String>) {
    let (mut stdout, mut line) = (BufReader::new(stdout), Vec::new());
    while stdout.read_until(b'\n', &mut line).is_ok_and(|len| len > 0) {
        let _ = log.write_all(&line);
        let _ = lines.send(String::from_utf8_lossy(&line).into_owned());
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn running(name: &str, script: &str) -> Running {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let log = env::temp_dir().join(format!("tidewire-{name}-{}.log", std::process::id()));
        let running = Running::start(command, name.to_owned(), &log).expect("there is a shell");
        // The file lives on for those who have it open.
        std::fs::remove_file(log).expect("it was just made");
        running
    }

    #[test]
    fn a_line_is_found_behind_others_and_the_end_is_seen() {
        let shell = running("line", "echo one; echo two 2; exit 3");
        assert_eq!(shell.wait_for("two "), Ok("2".to_owned()));
        assert!(shell.wait_for("three").is_err_and(|why| why.contains("never said")));
        assert!(shell.finish(Duration::from_secs(60)).is_err_and(|why| why.contains('3')));
    }

    #[test]
    fn what_takes_too_long_is_killed() {
        let shell = running("limit", "echo up; exec sleep 600");
        shell.wait_for("up").expect("it says so");
        assert!(shell.finish(Duration::from_millis(10)).is_err_and(|why| why.contains("too long")));
    }
}
