//! One run of the suite against one of our testees. Which cases are asked for is not decided here.

use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::results::Results;
use crate::running::Running;
use crate::shell::program;

/// What is tested, and with what.
pub(crate) struct Trial<'a> {
    pub(crate) role: Role,
    pub(crate) mode: Mode,
    /// A Python that has the suite.
    pub(crate) python: &'a Path,
    /// The program that is both the server and the client to be tested.
    pub(crate) testee: &'a Path,
    /// How long it may take at most.
    pub(crate) limit: Duration,
}

/// What the testee is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

/// Whether the testee offers and accepts permessage-deflate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Plain,
    Deflate,
}

impl Trial<'_> {
    /// Runs the cases that match the patterns; reports and logs go to a folder of `directory`. Both
    /// programs are gone when this returns, however it does.
    pub(crate) fn run(&self, patterns: &[&str], directory: &Path) -> Result<Results, String> {
        let told = |error: io::Error| error.to_string();
        let directory = directory.join(self.to_string().replace(", ", "-"));
        if directory.exists() {
            fs::remove_dir_all(&directory).map_err(told)?;
        }
        fs::create_dir_all(&directory).map_err(told)?;
        let count = match self.role {
            Role::Server => self.server(patterns, &directory),
            Role::Client => self.client(patterns, &directory),
        }?;
        let results = Results::read(&directory)?;
        if results.len() != count {
            let (run, log) = (results.len(), directory.display());
            return Err(format!("{run} of {count} cases were run; see {log}"));
        }
        Ok(results)
    }

    /// Tests the server and returns how many cases there are.
    fn server(&self, patterns: &[&str], directory: &Path) -> Result<usize, String> {
        let testee = self.testee(&["server"], directory)?;
        let address = testee.wait_for(LISTENING)?;
        let servers = json!([{ "url": format!("ws://{address}"), "agent": "tidewire" }]);
        let spec = json!({ "outdir": directory, "servers": servers, "cases": patterns });
        let suite = self.suite("fuzzingclient", &spec, directory)?;
        let count = count(&suite)?;
        suite.finish(self.limit)?;
        Ok(count)
    }

    /// Tests the client and returns how many cases there are.
    fn client(&self, patterns: &[&str], directory: &Path) -> Result<usize, String> {
        let address = free_address().map_err(|error| error.to_string())?;
        let url = format!("ws://{address}");
        let spec = json!({ "outdir": directory, "url": url, "cases": patterns });
        let suite = self.suite("fuzzingserver", &spec, directory)?;
        let count = count(&suite)?;
        suite.wait_for(LISTENING)?;
        self.testee(&["client", &address.to_string()], directory)?.finish(self.limit)?;
        Ok(count)
    }

    fn testee(&self, arguments: &[&str], directory: &Path) -> Result<Running, String> {
        let testee = program(self.testee).args(arguments);
        let testee = match self.mode {
            Mode::Plain => testee,
            Mode::Deflate => testee.arg("--deflate"),
        };
        testee.start(&directory.join("testee.log"))
    }

    fn suite(&self, mode: &str, spec: &Value, directory: &Path) -> Result<Running, String> {
        let path = directory.join("spec.json");
        fs::write(&path, spec.to_string()).map_err(|error| error.to_string())?;
        let suite = program(self.python).args(["-u", "tests/autobahn/wstest.py", "--mode", mode]);
        let suite = suite.args(["--webport", "0", "--spec"]).arg(path);
        suite.start(&directory.join("suite.log"))
    }
}

impl fmt::Display for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Server => "server",
            Role::Client => "client",
        };
        let mode = match self.mode {
            Mode::Plain => "plain",
            Mode::Deflate => "deflate",
        };
        write!(f, "{role}, {mode}")
    }
}

/// How many cases the suite says that it has.
fn count(suite: &Running) -> Result<usize, String> {
    let told = suite.wait_for("Ok, will run ")?;
    match told.split(' ').next().and_then(|count| count.parse().ok()) {
        // It would wait for the end of one that never begins.
        None | Some(0) => Err("the suite has no such case".to_owned()),
        Some(count) => Ok(count),
    }
}

/// An address of the loopback that nobody has. The suite must be told one.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// How a server says where it is.
const LISTENING: &str = "listening on ";
