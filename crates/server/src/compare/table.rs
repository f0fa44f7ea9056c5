//! The figures as tables for a terminal.

use std::fmt::Write;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use super::figures::{Figures, LEAST_FOR_P99, bytes, count, or_dash, three_digits, time};
use super::plan::name;

/// A table for each load, with a row for each transport.
pub(super) fn tables(figures: &[Figures]) -> String {
    let mut text = String::new();
    for of_load in figures.chunk_by(|one, next| one.run.load == next.run.load) {
        let mut table = Table::new();
        table.load_style(STYLE).set_header(HEADER.map(|title| title.replace('/', "\n/")));
        table.add_rows(of_load.iter().map(row));
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let load = of_load.first().map(|figures| figures.run.load.to_string());
        let rows = table.trim_fmt();
        writeln!(text, "\n{}\n{rows}", load.unwrap_or_default()).expect("a string takes all");
    }
    let legend = format!(
        "/event: on average for each delivered event; the other counts are totals of the run. \
         p99: from {LEAST_FOR_P99} deliveries on."
    );
    writeln!(text, "\n{legend}").expect("a string takes all");
    text
}

/// What each column shows.
pub(super) const HEADER: [&str; 11] = [
    "transport",
    "delivered",
    "lost",
    "requests",
    "empty",
    "requests/event",
    "bytes/event",
    "overhead/event",
    "CPU/event",
    "p50",
    "p99",
];

/// A run's figures as text, in the order of [`HEADER`].
pub(super) fn row(figures: &Figures) -> [String; 11] {
    let tally = &figures.tally;
    let each =
        |total: u64, write: fn(f64) -> String| or_dash(figures.each(total as f64).map(write));
    [
        name(figures.run.transport).to_owned(),
        count(tally.delivered),
        count(figures.lost()),
        count(tally.requests),
        count(tally.empty()),
        each(tally.requests, three_digits),
        each(tally.wire_bytes, bytes),
        each(figures.overhead_bytes(), bytes),
        or_dash(figures.cpu_each().map(time)),
        or_dash(figures.p50().map(time)),
        or_dash(figures.p99().map(time)),
    ]
}

const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
