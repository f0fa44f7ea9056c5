//! The charts of the report: what each shows, how to read it, and how it becomes dark. How one is drawn
//! is the business of `chart`.

use maud::{Markup, PreEscaped, html};
use plotters::style::RGBColor;

use super::axis::Scale;
use super::chart::{self, Point, chart};
use super::figures::{Figures, bytes, three_digits, time};
use super::plan::{Load, TRANSPORTS};
use crate::Failure;

/// All charts that the figures allow.
pub(super) fn charts(loads: &[Load], figures: &[Figures]) -> Result<Markup, Failure> {
    let latency = points(figures, |of| Some((of.p50()?, of.p99())));
    let wire = points(figures, |of| {
        let data = of.each(of.tally.payload_bytes as f64);
        Some((of.each(of.tally.wire_bytes as f64)?, data))
    });
    let requests = points(figures, |of| Some((of.each(of.tally.requests as f64)?, None)));
    let cpu = points(figures, |of| Some((of.cpu_each()?, None)));
    Ok(html! {
        (figure(loads, "Delivery latency", LATENCY, chart(loads, &latency, Scale::Log, time)?))
        (figure(loads, "Bytes on the wire, per delivered event", BYTES,
            chart(loads, &wire, Scale::Log, bytes)?))
        (figure(loads, "Requests per delivered event", REQUESTS,
            chart(loads, &requests, Scale::Linear, three_digits)?))
        @if !cpu.is_empty() {
            (figure(loads, "Server CPU per delivered event", CPU,
                chart(loads, &cpu, Scale::Log, time)?))
        }
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

fn figure(loads: &[Load], title: &str, reading: &str, svg: String) -> Markup {
    // On a narrow screen the words of a wide chart would be too small to read: it scrolls instead.
    let min_width = chart::width(loads.len()) * 65 / 100;
    html! {
        figure {
            figcaption { h2 { (title) } p { (reading) } }
            div.scroll {
                div role="img" aria-label={ (title) "; the table has the figures" }
                    style={ "min-width:" (min_width) "px" } {
                    (PreEscaped(svg))
                }
            }
        }
    }
}

/// Rules that give the colours of the charts their dark counterparts.
pub(super) fn recolour() -> String {
    let names = ["poll", "longpoll", "sse", "ws"];
    let inks = TRANSPORTS.map(chart::ink).into_iter().zip(names);
    let others = [(chart::TEXT, "muted"), (chart::GRID, "line"), (chart::PAPER, "card")];
    let rule = |(RGBColor(red, green, blue), name)| {
        let color = format!("#{red:02X}{green:02X}{blue:02X}");
        format!(
            "svg [fill=\"{color}\"]{{fill:var(--{name})}}\
             svg [stroke=\"{color}\"]{{stroke:var(--{name})}}\n"
        )
    };
    inks.chain(others).map(rule).collect()
}

const LATENCY: &str = "Filled marks: the median. Hollow marks: the 99th percentile. The scale is \
    logarithmic. An interval poll makes an event wait for half of its period on average, whatever the \
    server does. Long-polls keep 50 ms between two in the long run, so fast events wait for the next.";
const BYTES: &str = "Filled marks: all bytes, both ways. Hollow marks: the data alone; what is between is \
    overhead. Polls pay for a request and a response, which many events share when they come fast; \
    a stream pays a little for each event.";
const REQUESTS: &str = "A stream needs none once it stands. Interval polling asks whether or not there is \
    news, so it is dear where little happens; long-polling asks once for each event, or for each \
    batch of fast ones.";
const CPU: &str = "The scale is logarithmic. Publishing is part of it, which the deliveries share: with \
    more clients it weighs less. What many clients wait for is encoded once.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_a_chart_has_a_dark_counterpart() {
        let rules = recolour();
        for transport in TRANSPORTS {
            let svg = chart::mark(transport).unwrap();
            let color = svg.split("fill=\"#").nth(1).and_then(|rest| rest.get(..6)).unwrap();
            assert!(rules.contains(&format!("[fill=\"#{color}\"]")), "{svg}");
        }
    }
}
