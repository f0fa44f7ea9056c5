//! What cargo knows about the workspace. What is allowed in it is not here.

use std::path::PathBuf;

use serde_json::Value;

use crate::shell::sh;

/// The workspace as cargo sees it.
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_dir: PathBuf,
}

/// One crate of ours.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) directory: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    /// The names of its integration tests.
    pub(crate) tests: Vec<String>,
}

/// A crate that another one names in its manifest.
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) is_ours: bool,
    pub(crate) is_dev: bool,
}

impl Workspace {
    pub(crate) fn read() -> Result<Self, String> {
        let text = sh("cargo metadata --locked --no-deps --format-version 1").read()?;
        let json: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(Self {
            packages: list(&json["packages"]).map(package).collect(),
            target_dir: PathBuf::from(string(&json["target_directory"])),
        })
    }
}

fn package(json: &Value) -> Package {
    let manifest = PathBuf::from(string(&json["manifest_path"]));
    let tests = list(&json["targets"]).filter(|target| target["kind"][0] == "test");
    Package {
        name: string(&json["name"]),
        directory: manifest.parent().map(PathBuf::from).unwrap_or_default(),
        dependencies: list(&json["dependencies"]).map(dependency).collect(),
        tests: tests.map(|target| string(&target["name"])).collect(),
    }
}

fn dependency(json: &Value) -> Dependency {
    Dependency {
        name: string(&json["name"]),
        is_ours: json["path"].is_string(),
        is_dev: json["kind"] == "dev",
    }
}

fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

fn string(json: &Value) -> String {
    json.as_str().unwrap_or_default().to_owned()
}
