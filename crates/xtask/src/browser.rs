//! Real clients against the real server: Chromium, and libraries of Node.js and Python. What they
//! try stands in `tests/browser/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::outcome::{Outcome, Verdict};
use crate::shell::{apt_install, root, sh};
use crate::workspace::Workspace;

/// Tests find by environment what they use: `CHROMIUM`, `PYTHON`, `TIDEWIRE`, the server's binary,
/// `EVENT_STREAMS`, the server of the event stream cases, and `SCREENSHOTS`, where pictures of the page
/// go.
pub(crate) fn browser() -> Outcome {
    let target_dir = Workspace::read()?.target_dir;
    let tools = match install(&target_dir.join("python")) {
        Ok(tools) => tools,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    sh("cargo build --locked --workspace --all-features --bin tidewire").run()?;
    sh("cargo build --locked --package tidewire-tests --example event_streams").run()?;
    let test =
        sh("node --test --test-reporter=spec").args(tests()?).env("CHROMIUM", tools.chromium);
    let test = test.env("PYTHON", tools.python).env("TIDEWIRE", target_dir.join("debug/tidewire"));
    let test = test.env("EVENT_STREAMS", target_dir.join("debug/examples/event_streams"));
    let test = test.env("SCREENSHOTS", target_dir.join("screenshots"));
    test.run()?;
    Ok(Verdict::Passed)
}

struct Tools {
    chromium: &'static str,
    python: PathBuf,
}

/// Gets what is missing: from the system as root on a Debian, from npm, and from pip into `venv`.
fn install(venv: &Path) -> Result<Tools, String> {
    let mut packages = Vec::new();
    if chromium().is_none() {
        packages.extend(["chromium", "chromium-driver"]);
    }
    if !sh("node --version").works() || !sh("npm --version").works() {
        packages.extend(["nodejs", "npm"]);
    }
    if !sh("curl --version").works() {
        packages.push("curl");
    }
    if !sh("python3 -c").arg("import ensurepip, venv").works() {
        packages.extend(["python3", "python3-venv"]);
    }
    if !packages.is_empty() {
        apt_install(&packages)?;
    }
    sh("npm ci --prefer-offline --no-audit --no-fund").dir("tests/browser").run()?;
    if !venv.is_dir() {
        sh("python3 -m venv").arg(venv).run()?;
    }
    let python = venv.join("bin/python");
    let pip = sh(&python.to_string_lossy()).args(["-m", "pip", "install", "--quiet"]);
    pip.args(["--disable-pip-version-check", "-r", "tests/browser/requirements.txt"]).run()?;
    let chromium = chromium().ok_or("Chromium was installed and is not in the path")?;
    Ok(Tools { chromium, python })
}

fn chromium() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| sh(name).arg("--version").works())
}

fn tests() -> Result<Vec<PathBuf>, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut tests = Vec::new();
    for entry in fs::read_dir(root().join("tests/browser")).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            tests.push(path);
        }
    }
    tests.sort();
    Ok(tests)
}
