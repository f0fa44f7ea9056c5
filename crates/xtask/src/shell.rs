//! Other programs, run from the top of the repository. Which ones is the steps' business.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use crate::running::Running;
use crate::say::say;

/// A command line to be run.
pub(crate) struct Shell {
    command: Command,
}

/// A command line of words that hold no spaces; others are added by [`Shell::arg`].
pub(crate) fn sh(line: &str) -> Shell {
    let mut words = line.split_whitespace();
    program(words.next().unwrap_or_default()).args(words)
}

/// A program whose name or path may hold spaces.
pub(crate) fn program(path: impl AsRef<OsStr>) -> Shell {
    let mut command = Command::new(path);
    command.current_dir(root());
    Shell { command }
}

impl Shell {
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(root().join(dir));
        self
    }

    /// Shows the command, runs it, and says which one failed.
    pub(crate) fn run(mut self) -> Result<(), String> {
        let line = self.line();
        say(format_args!("$ {line}"));
        match self.command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{line}`: {status}")),
            Err(error) => Err(format!("`{line}`: {error}")),
        }
    }

    /// Runs the command, which speaks for itself, and returns how it ended.
    pub(crate) fn code(mut self) -> Result<ExitCode, String> {
        let line = self.line();
        let status = self.command.status().map_err(|error| format!("`{line}`: {error}"))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }

    /// Runs the command in silence and returns what it printed.
    pub(crate) fn read(mut self) -> Result<String, String> {
        let line = self.line();
        let output = self.command.stderr(Stdio::inherit()).output();
        match output {
            Ok(output) if output.status.success() => {
                Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
            }
            Ok(output) => Err(format!("`{line}`: {}", output.status)),
            Err(error) => Err(format!("`{line}`: {error}")),
        }
    }

    /// Whether the command succeeds, in silence.
    pub(crate) fn works(mut self) -> bool {
        let silent = self.command.stdout(Stdio::null()).stderr(Stdio::null());
        silent.status().is_ok_and(|status| status.success())
    }

    /// Starts the command beside this program; what it prints goes to the file `log`.
    pub(crate) fn start(self, log: &Path) -> Result<Running, String> {
        let line = self.line();
        Running::start(self.command, line, log)
    }

    fn line(&self) -> String {
        let words = [self.command.get_program()].into_iter().chain(self.command.get_args());
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }
}

/// Installs Debian packages, if this is root on such a machine.
pub(crate) fn apt_install(packages: &[&str]) -> Result<(), String> {
    let wanted = packages.join(" ");
    if !sh("apt-get --version").works() || sh("id -u").read()? != "0" {
        return Err(format!("{wanted} missing, and only root on a Debian may install it"));
    }
    sh("apt-get update --quiet").run()?;
    let install = sh("apt-get install --quiet --yes --no-install-recommends").args(packages);
    install.env("DEBIAN_FRONTEND", "noninteractive").run()
}

/// The top of the repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}
