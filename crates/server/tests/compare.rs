//! `tidewire compare` from its command line to its table. How its figures are counted and written is
//! tested beside the code.

mod support;

use std::net::TcpListener;
use std::process::{Command, Output};

use support::Server;

const NAMES: [&str; 4] = ["interval polling", "long-polling", "SSE", "WebSocket"];

#[test]
fn nothing_is_lost_and_all_transports_are_in_the_table() {
    let said = compare(&["--clients", "1", "--rates", "4,40", "--seconds", "0.5"]);
    assert!(said.status.success(), "{said:?}");
    let table = String::from_utf8(said.stdout).expect("UTF-8");
    for (load, events) in [("1 client, 4 events a second", "2"), ("40 events a second", "20")] {
        let rows = table.split_once(load).map(|(_, rows)| rows).expect("each load has a table");
        for name in NAMES {
            let row = rows.lines().find_map(|line| line.trim().strip_prefix(name));
            let cells: Vec<&str> =
                row.expect("each transport has a row").split_whitespace().collect();
            assert_eq!(cells[..2], [events, "0"], "{name}: delivered and lost: {cells:?}");
        }
    }
}

#[test]
fn a_server_elsewhere_is_measured_but_for_its_processor_time() {
    let server = Server::start(&[]);
    let url = format!("http://{}", server.address);
    let options = ["--url", &url, "--clients", "2", "--rates", "20", "--seconds", "0.2"];
    let said = compare(&options);
    assert!(said.status.success(), "{said:?}");
    let table = String::from_utf8(said.stdout).expect("UTF-8");
    let row = table.lines().find(|line| line.trim().starts_with("WebSocket"));
    let cells: Vec<&str> = row.expect("it has a row").split_whitespace().collect();
    assert_eq!((cells[1], cells.last()), ("8", Some(&"-")), "{cells:?}");
}

#[test]
fn a_server_that_is_not_there_is_one_clear_line() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let said = compare(&["--url", &format!("http://{address}")]);
    assert!(!said.status.success());
    let told = String::from_utf8(said.stderr).expect("UTF-8");
    assert!(told.starts_with(&format!("tidewire: cannot reach {address}: ")), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

fn compare(options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidewire"))
        .arg("compare")
        .args(["--interval", "100ms"])
        .args(options)
        .output()
        .expect("the binary runs")
}
