//! The report: one page that needs no other file, no script and no network. Its charts are the
//! business of `gallery`.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::figures::{Figures, LEAST_FOR_P99, bytes, time};
use super::plan::{Plan, TRANSPORTS, name};
use super::{gallery, machine, mark, table};
use crate::Failure;

/// The page for `figures`.
pub(super) fn page(plan: &Plan, figures: &[Figures]) -> Result<String, Failure> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (TITLE) }
                style { (PreEscaped(STYLE)) (PreEscaped(gallery::recolour())) }
            }
            body {
                header {
                    h1 { (TITLE) }
                    p.lead { (heading(plan)) }
                    @if cfg!(debug_assertions) {
                        p.warning { "Built without optimisation: times and CPU mean little." }
                    }
                }
                main {
                    ul.legend aria-label="Marks" {
                        @for transport in TRANSPORTS {
                            li { (PreEscaped(mark::mark(transport)?)) (name(transport)) }
                        }
                    }
                    div.charts { (gallery::charts(plan, figures)?) }
                    div.card.scroll { (figures_table(figures)?) }
                    div.card { h2 { "What is counted" } (glossary(plan, figures)) }
                }
                footer { p { "Made by " code { "tidewire compare" } ", " (machine::date()) "." } }
            }
        }
    };
    Ok(page.into_string())
}

/// What was measured on what.
fn heading(plan: &Plan) -> String {
    let server = match &plan.url {
        Some(url) => format!("The server was at {url}"),
        None => "The server ran in a process of its own, on the machine of its clients".to_owned(),
    };
    format!(
        "Measured with {} on {}: one event log, followed over four transports, one after another. \
         {server}. Each run published for {}; an event carried {} of data; the polling \
         interval was {}.",
        machine::version(),
        machine::machine(),
        time(plan.lasts.as_secs_f64()),
        bytes(plan.payload_bytes as f64),
        time(plan.interval.as_secs_f64()),
    )
}

fn figures_table(figures: &[Figures]) -> Result<Markup, Failure> {
    Ok(html! {
        table {
            caption { "All figures" }
            thead { tr { @for title in table::HEADER { th scope="col" { (title) } } } }
            @for of_load in figures.chunk_by(|one, next| one.run.load == next.run.load) {
                tbody {
                    @if let Some(first) = of_load.first() {
                        tr { th colspan=(table::HEADER.len()) scope="rowgroup" {
                            span { (first.run.load) }
                        } }
                    }
                    @for of_run in of_load { (table_row(of_run)?) }
                }
            }
        }
    })
}

fn table_row(figures: &Figures) -> Result<Markup, Failure> {
    let [transport, delivered, lost, rest @ ..] = table::row(figures);
    let alarm = (figures.lost() > 0).then_some("lost");
    Ok(html! {
        tr {
            th scope="row" {
                span.mark { (PreEscaped(mark::mark(figures.run.transport)?)) } (transport)
            }
            td { (delivered) }
            td class=[alarm] { (lost) }
            @for figure in rest { td { (figure) } }
        }
    })
}

fn glossary(plan: &Plan, figures: &[Figures]) -> Markup {
    let warm_up = TRANSPORTS.map(|transport| {
        let of = figures.iter().find(|figures| figures.run.transport == transport);
        let cost = bytes(of.map_or(0.0, |of| of.warm_up_bytes as f64));
        format!("{} {cost}", name(transport))
    });
    html! {
        dl {
            dt { "delivered, lost" }
            dd { "Each event counts once for each client. Lost is what did not come within five seconds \
                and two polling intervals after the last was published." }
            dt { "requests, empty" }
            dd { "Requests that were answered, and those whose answer brought no event." }
            dt { "/event" }
            dd { "The run's total, divided by its deliveries, as in the charts. Counts without it are \
                totals." }
            dt { "bytes" }
            dd { "All that crossed the clients' sockets, in either direction." }
            dt { "overhead" }
            dd { "Those of them that are not the data as it was published: heads of HTTP, heads of \
                frames and chunks, and what stands around the data. Poll answers and WebSocket \
                messages name cursor, topic and event in JSON; an event stream the cursor alone. \
                TCP, IP and TLS come on top." }
            dt { "warm-up" }
            dd { "Not counted above. Connecting and one first event took, for each client, "
                (warm_up.join(", ")) "; the interval polls of those who waited for the others \
                are part of it." }
            dt { "p50, p99" }
            dd { "Half and 99 percent of the deliveries took no longer, from the moment before an event \
                is handed to the publisher's socket to the moment a client has decoded it, by one \
                monotonic clock. Of fewer than " (LEAST_FOR_P99) " deliveries the p99 would be the \
                slowest, so none is shown." }
            dt { "CPU" }
            dd { "Processor time of the server's process, kernel work included; publishing is part of it. "
                @if plan.url.is_some() { "Not known for a server elsewhere." } }
            dt { "a run" }
            dd { "All clients are connected and have received one event before counting begins. It ends \
                when its time is over and all has arrived, which with interval polling may be an \
                interval later. The clients' polls are spread evenly over the interval." }
        }
    }
}

const TITLE: &str = "Polling, long-polling, SSE and WebSocket, measured";
const STYLE: &str = include_str!("report.css");
