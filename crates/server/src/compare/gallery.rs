//! The charts of the report: what each shows, how to read it, and how it becomes dark. How one is drawn
//! is the business of `chart`.

use maud::{Markup, PreEscaped, html};
use plotters::style::RGBColor;

use super::axis::Scale;
use super::chart::{self, Point, Reading, chart};
use super::figures::{Figures, LEAST_FOR_P99, bytes, three_digits, time};
use super::mark;
use super::plan::{Load, Plan, TRANSPORTS};
use crate::Failure;

/// All charts that the figures allow.
pub(super) fn charts(plan: &Plan, figures: &[Figures]) -> Result<Markup, Failure> {
    let latency = points(figures, |of| Some((of.p50()?, of.p99())));
    let wire = points(figures, |of| {
        let data = of.each(of.tally.payload_bytes as f64);
        Some((of.each(of.tally.wire_bytes as f64)?, data))
    });
    let requests = points(figures, |of| Some((of.each(of.tally.requests as f64)?, None)));
    let cpu = points(figures, |of| Some((of.cpu_each()?, None)));
    Ok(html! {
        (figure(&plan.loads, &LATENCY, &about_latency(plan), &latency)?)
        (figure(&plan.loads, &BYTES, ABOUT_BYTES, &wire)?)
        (figure(&plan.loads, &REQUESTS, &about_requests(plan), &requests)?)
        @if !cpu.is_empty() { (figure(&plan.loads, &CPU, ABOUT_CPU, &cpu)?) }
    })
}

/// What `show` makes of each run, where it is known: a value and perhaps another.
fn points(
    figures: &[Figures],
    show: impl Fn(&Figures) -> Option<(f64, Option<f64>)>,
) -> Vec<Point> {
    let shown = figures.iter().filter_map(|of| Some((of.run, show(of)?)));
    shown.map(|(run, (value, other))| Point { run, value, other }).collect()
}

fn figure(
    loads: &[Load],
    (title, reading): &(&str, Reading),
    about: &str,
    points: &[Point],
) -> Result<Markup, Failure> {
    let svg = chart(loads, points, reading)?;
    // On a narrow screen the words of a wide chart would be too small to read: it scrolls instead.
    let min_width = chart::width(loads.len()) * 65 / 100;
    Ok(html! {
        figure {
            figcaption { h2 { (title) } p { (about) } }
            div.scroll {
                div role="img" aria-label={ (title) "; the table has the figures" }
                    style={ "min-width:" (min_width) "px" } {
                    (PreEscaped(svg))
                }
            }
        }
    })
}

/// Rules that give the colours of the charts their dark counterparts.
pub(super) fn recolour() -> String {
    let names = ["poll", "longpoll", "sse", "ws"];
    let inks = TRANSPORTS.map(mark::ink).into_iter().zip(names);
    let others = [(mark::TEXT, "muted"), (mark::GRID, "line"), (mark::PAPER, "card")];
    let rule = |(RGBColor(red, green, blue), name)| {
        let color = format!("#{red:02X}{green:02X}{blue:02X}");
        format!(
            "svg [fill=\"{color}\"]{{fill:var(--{name})}}\
             svg [stroke=\"{color}\"]{{stroke:var(--{name})}}\n"
        )
    };
    inks.chain(others).map(rule).collect()
}

fn about_latency(plan: &Plan) -> String {
    format!(
        "The scale is logarithmic. An event waits for a client's next interval poll, and these are about \
         {} apart. A stream, or a long-poll that is waiting, is sent it at once; but in the long run \
         long-polls are at least {} apart, and what comes in between waits for the next. No 99th \
         percentile is shown of fewer than {LEAST_FOR_P99} deliveries.",
        time(plan.interval.as_secs_f64()),
        time(plan.gap().as_secs_f64()),
    )
}

const ABOUT_BYTES: &str = "All that crosses the clients' sockets, both ways; between the marks is overhead. \
    A poll costs the heads of a request and of a response, which the events of one answer share; a \
    stream wraps each event by itself.";

fn about_requests(plan: &Plan) -> String {
    format!(
        "A stream needs none once it stands. Interval polls are about {} apart, whether or not there is \
         news. A long-poll is answered with the next event; but in the long run they are at least {} \
         apart, and events that come faster share an answer. Above 1, some polls brought nothing; \
         below 1, some brought several events.",
        time(plan.interval.as_secs_f64()),
        time(plan.gap().as_secs_f64()),
    )
}

const ABOUT_CPU: &str = "The scale is logarithmic. What the kernel does for the server is included, and so is \
    publishing, which is done once for all who get the event. What many clients wait for is encoded once.";

const LATENCY: (&str, Reading) = (
    "Delivery latency",
    Reading { scale: Scale::Log, unit: time, both: Some(["median", "99th percentile"]) },
);
const BYTES: (&str, Reading) = (
    "Bytes on the wire, per delivered event",
    Reading { scale: Scale::Linear, unit: bytes, both: Some(["all bytes", "the data alone"]) },
);
const REQUESTS: (&str, Reading) = (
    "Requests per delivered event",
    Reading { scale: Scale::Linear, unit: three_digits, both: None },
);
const CPU: (&str, Reading) =
    ("Server CPU per delivered event", Reading { scale: Scale::Log, unit: time, both: None });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_a_chart_has_a_dark_counterpart() {
        let rules = recolour();
        for transport in TRANSPORTS {
            let svg = mark::mark(transport).unwrap();
            let color = svg.split("fill=\"#").nth(1).and_then(|rest| rest.get(..6)).unwrap();
            assert!(rules.contains(&format!("[fill=\"#{color}\"]")), "{svg}");
        }
    }
}
