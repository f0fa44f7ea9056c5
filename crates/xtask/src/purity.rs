//! What a protocol crate may not name: a clock, a socket, a thread, a lock, a log, a global.
//!
//! The bare-metal build guards the door to std; this guards what a `std` feature or a careless
//! import could bring in, and says so by file and line.

use std::fs;
use std::path::Path;

use crate::shell::root;

const FORBIDDEN: [(&str, &str); 17] = [
    ("std::net", "a socket"),
    ("std::time", "a clock"),
    ("std::thread", "a thread"),
    ("std::sync", "a lock"),
    ("std::fs", "a file"),
    ("std::env", "the environment"),
    ("std::process", "a process"),
    ("std::collections::HashMap", "a random source"),
    ("Instant::now", "a clock"),
    ("SystemTime", "a clock"),
    ("Mutex", "a lock"),
    ("RwLock", "a lock"),
    ("println!", "a log line"),
    ("tokio::", "a runtime"),
    ("getrandom", "a random source"),
    ("static mut", "a global"),
    ("sync::atomic", "a global"),
];

/// Every forbidden name in the sources below a directory, tests apart.
pub(crate) fn faults(directory: &Path) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    let told = |error| format!("{}: {error}", directory.display());
    for entry in fs::read_dir(directory).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            faults.extend(self::faults(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_stem().is_some_and(|stem| stem != "tests")
        {
            let text = fs::read_to_string(&path).map_err(told)?;
            let place = path.strip_prefix(root()).unwrap_or(&path).display();
            faults.extend(in_code(&text).iter().map(|fault| format!("{place}:{fault}")));
        }
    }
    Ok(faults)
}

/// The faults in one file up to its tests, each with its line number. Comments may say anything.
fn in_code(text: &str) -> Vec<String> {
    let code = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    let code = code.map(|line| line.split("//").next().unwrap_or_default());
    let mut faults = Vec::new();
    for (index, line) in code.enumerate() {
        let named = FORBIDDEN.iter().filter(|(name, _)| line.contains(name));
        faults.extend(named.map(|(name, what)| format!("{}: {what}: `{name}`", index + 1)));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_found_in_code_and_nowhere_else() {
        let text =
            "// Instant::now\nlet now = Instant::now();\n#[cfg(test)]\nstd::thread::sleep();";
        assert_eq!(in_code(text), ["2: a clock: `Instant::now`"]);
    }

    #[test]
    fn a_blocking_stream_behind_the_std_feature_is_fine() {
        assert!(in_code("stream: &mut impl std::io::Read").is_empty());
    }
}
