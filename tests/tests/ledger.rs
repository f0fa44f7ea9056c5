//! The ledgers of the WebSocket and of the event stream crate are complete, and every test that they name is there.

use std::path::Path;

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

/// How many statements have each status, if nothing is wrong.
fn checked(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let markdown = std::fs::read_to_string(root.join("crates").join(name));
    let ledger = Ledger::read(&markdown.expect("the ledger is there"));
    let faults = ledger.faults(&root);
    assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
    let counts = ledger.counts().into_iter().map(|(status, count)| format!("{count} {status}"));
    format!("{name}: {}", counts.collect::<Vec<_>>().join(", "))
}
