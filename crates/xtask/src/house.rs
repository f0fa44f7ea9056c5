//! Who may import whom. What the protocol crates may name in their code is `purity`'s business.

use crate::outcome::{Outcome, Verdict};
use crate::purity;
use crate::workspace::{Dependency, Package, Workspace};

/// The crates that hold protocols: `no_std`, pure, and few dependencies.
pub(crate) const PROTOCOL: [&str; 7] = [
    "tidewire-core",
    "tidewire-http",
    "tidewire-ws",
    "tidewire-sse",
    "tidewire-hub",
    "tidewire-poll",
    "tidewire",
];

/// Each crate and those of ours that it may import. A new crate finds its floor here.
const HOUSE: [(&str, &[&str]); 13] = [
    ("tidewire-core", &[]),
    ("tidewire-http", &["tidewire-core"]),
    ("tidewire-ws", &["tidewire-core", "tidewire-http"]),
    ("tidewire-sse", &["tidewire-core", "tidewire-http"]),
    ("tidewire-hub", &["tidewire-core"]),
    ("tidewire-poll", &["tidewire-core", "tidewire-http", "tidewire-hub"]),
    (
        "tidewire",
        &[
            "tidewire-core",
            "tidewire-http",
            "tidewire-ws",
            "tidewire-sse",
            "tidewire-hub",
            "tidewire-poll",
        ],
    ),
    ("tidewire-futures", &["tidewire-sse"]),
    ("tidewire-tokio", &["tidewire-core", "tidewire-sse", "tidewire-futures", "tidewire"]),
    ("tidewire-server", &["tidewire", "tidewire-tokio"]),
    ("tidewire-tests", &PROTOCOL),
    ("tidewire-bench", &["tidewire", "tidewire-tokio", "tidewire-tests"]),
    ("xtask", &[]),
];

/// What a protocol crate may import from elsewhere.
const ELSEWHERE: [&str; 10] = [
    "aes-siv",
    "base64",
    "bytes",
    "hashbrown",
    "httparse",
    "memchr",
    "sha1",
    "simdutf8",
    "thiserror",
    "zlib-rs",
];

/// The kit, which any crate's tests may use.
const KIT: &str = "tidewire-tests";

pub(crate) fn house() -> Outcome {
    let packages = Workspace::read()?.packages;
    let mut faults: Vec<String> = packages.iter().flat_map(imports).collect();
    for package in packages.iter().filter(|package| is_protocol(&package.name)) {
        faults.extend(purity::faults(&package.directory.join("src"))?);
    }
    if faults.is_empty() {
        println!("{} crates stand where they should", packages.len());
        return Ok(Verdict::Passed);
    }
    faults.iter().for_each(|fault| println!("{fault}"));
    Err(format!("{} faults in the house, listed above", faults.len()))
}

/// The imports of a crate that its floor does not allow.
fn imports(package: &Package) -> Vec<String> {
    let name = &package.name;
    let Some((_, below)) = HOUSE.iter().find(|(known, _)| known == name) else {
        return vec![format!("{name} has no floor in the house")];
    };
    let allowed = |dependency: &&Dependency| match dependency {
        Dependency { is_ours: true, is_dev, name: of } => {
            (*is_dev && of == KIT) || below.contains(&of.as_str())
        }
        Dependency { is_dev: true, .. } => true,
        Dependency { name: of, .. } => !is_protocol(name) || ELSEWHERE.contains(&of.as_str()),
    };
    let stray = package.dependencies.iter().filter(|dependency| !allowed(dependency));
    stray.map(|dependency| format!("{name} may not import {}", dependency.name)).collect()
}

fn is_protocol(name: &str) -> bool {
    PROTOCOL.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn importing(name: &str, of: &str, is_ours: bool, is_dev: bool) -> Vec<String> {
        let dependency = Dependency { name: of.to_owned(), is_ours, is_dev };
        let (tests, directory) = (Vec::new(), std::path::PathBuf::new());
        let dependencies = vec![dependency];
        imports(&Package { name: name.to_owned(), directory, dependencies, tests })
    }

    #[test]
    fn imports_run_downward_only() {
        assert!(importing("tidewire-ws", "tidewire-http", true, false).is_empty());
        let upward = importing("tidewire-http", "tidewire-ws", true, false);
        assert_eq!(upward, ["tidewire-http may not import tidewire-ws"]);
        assert!(!importing("tidewire-http", "tidewire-ws", true, true).is_empty());
        assert!(importing("tidewire-http", "tidewire-tests", true, true).is_empty());
        assert!(!importing("tidewire-http", "tidewire-tests", true, false).is_empty());
    }

    #[test]
    fn no_floor_imports_a_higher_one_in_the_table() {
        for (floor, (name, below)) in HOUSE.iter().enumerate() {
            let lower: Vec<&str> = HOUSE[..floor].iter().map(|(name, _)| *name).collect();
            assert!(below.iter().all(|of| lower.contains(of)), "{name}");
        }
    }

    #[test]
    fn a_protocol_crate_imports_little_from_elsewhere() {
        assert!(importing("tidewire-ws", "sha1", false, false).is_empty());
        assert!(!importing("tidewire-ws", "tokio", false, false).is_empty());
        assert!(importing("tidewire-ws", "proptest", false, true).is_empty());
        assert!(importing("tidewire-tokio", "tokio", false, false).is_empty());
    }

    #[test]
    fn a_crate_without_a_floor_is_a_fault() {
        assert!(!importing("tidewire-util", "tidewire-core", true, false).is_empty());
    }
}
