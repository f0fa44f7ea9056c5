//! Lists what push over HTTP has to get right, each with the tests that hold it: all of it, or what has one of
//! the words that are named. How the ledger is read, the kit knows.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use tidewire_tests::ledger::Ledger;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match list(&words) {
        Ok(list) => {
            // Who reads no further has read enough.
            let _ = writeln!(io::stdout(), "{list}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            let _ = writeln!(io::stderr(), "FAILED: {why}");
            ExitCode::FAILURE
        }
    }
}

fn list(words: &[String]) -> Result<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let markdown = fs::read_to_string(root.join(LEDGER));
    let ledger = Ledger::read(&markdown.map_err(|error| format!("{LEDGER}: {error}"))?);
    let faults = ledger.faults(&root);
    if !faults.is_empty() {
        return Err(format!("{LEDGER}:\n{}", faults.join("\n")));
    }
    let (list, listed) = ledger.list(words);
    let counts = ledger.counts();
    let all: usize = counts.values().sum();
    let counts: Vec<_> =
        counts.into_iter().map(|(status, count)| format!("{count} {status}")).collect();
    match listed {
        0 => Err(format!("no behaviour of {all} has such a word")),
        listed if listed < all => Ok(format!("{list}\n{listed} of {all} behaviours")),
        _ => Ok(format!("{list}\n{all} behaviours: {}", counts.join(", "))),
    }
}

const LEDGER: &str = "crates/poll/BEHAVIOURS.md";
