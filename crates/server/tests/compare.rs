//! `tidewire compare` from its command line to its report. How its figures are counted and written is
//! tested beside the code.

mod support;

use std::env::temp_dir;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, id};

use support::Server;

const NAMES: [&str; 4] = ["interval polling", "long-polling", "SSE", "WebSocket"];

#[test]
fn nothing_is_lost_and_all_transports_are_in_the_table_and_the_report() {
    let report = Report::new("own");
    let said = compare(&["--clients", "1", "--rates", "4,40", "--seconds", "0.5"], &report);
    assert!(said.status.success(), "{said:?}");
    let table = String::from_utf8(said.stdout).expect("UTF-8");
    for (load, events) in [("1 client, 4 events a second", "2"), ("40 events a second", "20")] {
        let rows = table.split_once(load).map(|(_, rows)| rows).expect("each load has a table");
        for name in NAMES {
            let row = rows.lines().find_map(|line| line.trim().strip_prefix(name));
            let cells: Vec<&str> =
                row.expect("each transport has a row").split_whitespace().collect();
            assert_eq!(cells[..2], [events, "0"], "{name}: delivered and lost: {cells:?}");
            assert!(cells.contains(&"-"), "{name}: too few for a p99: {cells:?}");
        }
    }
    let page = report.read();
    assert_balanced(&page);
    assert_eq!(page.matches("<figure>").count(), 4);
    for name in NAMES {
        assert!(page.contains(name), "{name}");
    }
    assert_eq!(page.matches("\nevents/s\n").count(), 4, "each picture names its rates");
    for words in ["median", "99th percentile", "all bytes", "the data alone"] {
        assert_eq!(page.matches(&format!("\n{words}\n")).count(), 1, "{words} is in one picture");
    }
    for foreign in ["<script", "<link", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn a_server_elsewhere_is_measured_but_for_its_processor_time() {
    let server = Server::start(&[]);
    let report = Report::new("elsewhere");
    let url = format!("http://{}", server.address);
    let options = ["--url", &url, "--clients", "2", "--rates", "20", "--seconds", "0.2"];
    let said = compare(&options, &report);
    assert!(said.status.success(), "{said:?}");
    let table = String::from_utf8(said.stdout).expect("UTF-8");
    let row = table.lines().find(|line| line.trim().starts_with("WebSocket"));
    let cells: Vec<&str> = row.expect("it has a row").split_whitespace().collect();
    let cpu = cells.iter().rev().nth(3);
    assert_eq!((cells[1], cpu), ("8", Some(&"-")), "{cells:?}");
    assert_eq!(report.read().matches("<figure>").count(), 3);
}

#[test]
fn a_server_that_is_not_there_is_one_clear_line() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let report = Report::new("nowhere");
    let said = compare(&["--url", &format!("http://{address}")], &report);
    assert!(!said.status.success());
    let told = String::from_utf8(said.stderr).expect("UTF-8");
    assert!(told.starts_with(&format!("tidewire: cannot reach {address}: ")), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

fn compare(options: &[&str], report: &Report) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidewire"))
        .arg("compare")
        .args(["--interval", "100ms", "--report"])
        .arg(&report.0)
        .args(options)
        .output()
        .expect("the binary runs")
}

/// A report's place, which is tidied up.
struct Report(PathBuf);

impl Report {
    fn new(name: &str) -> Self {
        Self(temp_dir().join(format!("tidewire-compare-{}-{name}.html", id())))
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.0).expect("the report is written")
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        // Where nothing could be measured there is none.
        let _ = fs::remove_file(&self.0);
    }
}

/// Every element that is opened is closed, in order.
fn assert_balanced(page: &str) {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("each tag ends");
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closes what is open");
        } else if !tag.ends_with('/') && !["!DOCTYPE", "meta"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} is never closed");
}
