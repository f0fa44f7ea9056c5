//! The ledgers of the crates are complete, and every test that they name is there.

use std::path::{Path, PathBuf};

use tidewire_tests::ledger::Ledger;

#[test]
fn rfc_6455_is_held_statement_by_statement() {
    println!("{}", checked("ws/RFC6455.md"));
}

#[test]
fn rfc_7692_is_held_statement_by_statement() {
    println!("{}", checked("ws/RFC7692.md"));
}

#[test]
fn whatwg_html_on_event_streams_is_held_statement_by_statement() {
    println!("{}", checked("sse/WHATWG.md"));
}

#[test]
fn what_the_field_has_learned_is_held_rule_by_rule() {
    println!("{}", checked("ws/FIELD.md"));
    println!("{}", checked("sse/FIELD.md"));
}

#[test]
fn each_behaviour_of_polling_has_a_test() {
    println!("{}", checked("poll/BEHAVIOURS.md"));
}

/// How many statements have each status, if nothing is wrong.
fn checked(name: &str) -> String {
    let ledger = read(name);
    let faults = ledger.faults(&root());
    assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
    let counts = ledger.counts().into_iter().map(|(status, count)| format!("{count} {status}"));
    format!("{name}: {}", counts.collect::<Vec<_>>().join(", "))
}

fn read(name: &str) -> Ledger {
    let markdown = std::fs::read_to_string(root().join("crates").join(name));
    Ledger::read(&markdown.expect("the ledger is there"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
