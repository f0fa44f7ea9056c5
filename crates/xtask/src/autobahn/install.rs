//! Installs Autobahn|Testsuite, which is a program for Python 2.7. What it is used for is not here.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::shell::{apt_install, program, root, sh};

/// Returns the Python that has the suite, installed into `directory` unless the very versions that
/// are wanted are there already.
pub(crate) fn install(directory: &Path) -> Result<PathBuf, String> {
    let told = |error: std::io::Error| error.to_string();
    let requirements = root().join("tests/autobahn/requirements.txt");
    let wanted = fs::read_to_string(&requirements).map_err(told)?;
    let (python2, stamp) = (directory.join("python2"), directory.join("installed.txt"));
    let python = python2.join("bin/python");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let base = python_2().ok_or("no Python 2.7 in the path or in ~/.pyenv")?;
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(told)?;
    }
    virtualenv(&base, &python2, &directory.join("python3"))?;
    // All is listed, so pip has nothing to look for.
    pip(&python, &requirements, &["--no-deps", "--no-python-version-warning"])?;
    fs::write(&stamp, wanted).map_err(told)?;
    Ok(python)
}

/// The virtual environment `python2` for the Python `base`, made by a tool in one of Python 3.
fn virtualenv(base: &Path, python2: &Path, python3: &Path) -> Result<(), String> {
    if !sh("python3 -c").arg("import ensurepip, venv").works() {
        apt_install(&["python3", "python3-venv"])?;
    }
    sh("python3 -m venv").arg(python3).run()?;
    let python = python3.join("bin/python");
    pip(&python, &root().join("tests/autobahn/virtualenv.txt"), &[])?;
    let make = program(&python).args(["-m", "virtualenv", "--quiet", "--python"]);
    make.arg(base).arg(python2).run()
}

fn pip(python: &Path, requirements: &Path, options: &[&str]) -> Result<(), String> {
    let pip = program(python).args(["-m", "pip", "install", "--quiet"]).args(options);
    pip.args(["--disable-pip-version-check", "-r"]).arg(requirements).run()
}

fn python_2() -> Option<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let versions = fs::read_dir(home.join(".pyenv/versions")).into_iter().flatten().flatten();
    let pyenv = versions.map(|version| version.path().join("bin/python2.7"));
    // One of pyenv's stand-ins may be in the path without a version behind it.
    let runs = |python: &PathBuf| program(python).args(["-c", "import ssl, zlib"]).works();
    [PathBuf::from("python2.7")].into_iter().chain(pyenv).find(runs)
}
