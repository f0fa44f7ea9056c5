//! Charts: loads side by side, in each a mark for every transport. What they show is the business of
//! `gallery`; shapes and colours are in `mark`.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::axis::{Axis, Scale};
use super::mark::{Area, GRID, Shape, draw, ink, legend, text};
use super::plan::{Load, Run, TRANSPORTS};
use crate::Failure;

/// What a chart shows for one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) run: Run,
    /// Shown by a filled mark.
    pub(super) value: f64,
    /// Shown by a hollow mark, with a line between the two.
    pub(super) other: Option<f64>,
}

/// How a chart is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) scale: Scale,
    /// Writes a value at the axis.
    pub(super) unit: fn(f64) -> String,
    /// What filled and hollow marks show, where there are both.
    pub(super) both: Option<[&'static str; 2]>,
}

/// Draws `points` over `loads` as an SVG.
pub(super) fn chart(
    loads: &[Load],
    points: &[Point],
    reading: &Reading,
) -> Result<String, Failure> {
    let mut svg = String::new();
    let width = width(loads.len());
    let above = if reading.both.is_some() { LEGEND_HEIGHT } else { 0 };
    let root = SVGBackend::with_string(&mut svg, (width, above + HEIGHT)).into_drawing_area();
    let (top, below) = root.split_vertically(above);
    if let Some(both) = reading.both {
        legend(&top, LEFT, both)?;
    }
    let values = points.iter().flat_map(|point| [Some(point.value), point.other]);
    let axis = Axis::over(values, reading.scale);
    let plot = Plot { root: &below, right: width as i32 - 4, groups: loads.len(), axis: &axis };
    plot.frame(loads, reading.unit)?;
    for point in points {
        let Some(load) = loads.iter().position(|load| *load == point.run.load) else { continue };
        plot.mark(load, point)?;
    }
    root.present()?;
    drop((root, top, below));
    Ok(svg)
}

/// How wide a chart of so many loads is, in pixels.
pub(super) fn width(loads: usize) -> u32 {
    (LEFT as u32 + 4 + GROUP_WIDTH * loads as u32).max(480)
}

/// Where things are in a chart, in pixels.
struct Plot<'a, 'b> {
    root: &'a Area<'b>,
    right: i32,
    groups: usize,
    axis: &'a Axis,
}

impl Plot<'_, '_> {
    /// Draws the lines behind the marks and the words around them.
    fn frame(&self, loads: &[Load], unit: fn(f64) -> String) -> Result<(), Failure> {
        for &tick in self.axis.ticks() {
            let y = self.y(tick);
            self.line([(LEFT, y), (self.right, y)])?;
            text(self.root, &unit(tick), (LEFT - 8, y), HPos::Right)?;
        }
        for (row, words) in [(RATES, "events/s"), (CLIENTS, "clients")] {
            text(self.root, words, (LEFT - 8, row), HPos::Right)?;
        }
        for (index, load) in loads.iter().enumerate() {
            let x = self.x(index as f64 + 0.5);
            text(self.root, &load.rate.to_string(), (x, RATES), HPos::Center)?;
        }
        let mut first = 0;
        for span in loads.chunk_by(|one, next| one.clients == next.clients) {
            let (start, end) = (self.x(first as f64), self.x((first + span.len()) as f64));
            if first > 0 {
                self.line([(start, TOP), (start, CLIENTS + 8)])?;
            }
            first += span.len();
            let clients = span.first().map_or(0, |load| load.clients);
            self.line([(start + 12, CLIENTS - 14), (end - 12, CLIENTS - 14)])?;
            text(self.root, &clients.to_string(), ((start + end) / 2, CLIENTS), HPos::Center)?;
        }
        Ok(())
    }

    fn mark(&self, load: usize, point: &Point) -> Result<(), Failure> {
        let transport = point.run.transport;
        let lane = TRANSPORTS.iter().position(|one| *one == transport).unwrap_or_default();
        let x = self.x(load as f64 + 0.5 + LANE * (lane as f64 - 1.5));
        let at = (x, self.y(point.value));
        if let Some(other) = point.other {
            let to = (x, self.y(other));
            let line = PathElement::new([at, to], ink(transport).stroke_width(2));
            self.root.draw(&line)?;
            draw(self.root, transport, to, Shape::Hollow)?;
        }
        draw(self.root, transport, at, Shape::Filled)
    }

    fn x(&self, group: f64) -> i32 {
        let width = f64::from(self.right - LEFT);
        LEFT + (width * group / self.groups.max(1) as f64).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        BOTTOM - (f64::from(BOTTOM - TOP) * self.axis.place(value)).round() as i32
    }

    fn line(&self, ends: [(i32, i32); 2]) -> Result<(), Failure> {
        Ok(self.root.draw(&PathElement::new(ends, GRID))?)
    }
}

const HEIGHT: u32 = 336;
const TOP: i32 = 12;
const BOTTOM: i32 = HEIGHT as i32 - 66;
/// The rows that name the loads.
const RATES: i32 = BOTTOM + 22;
const CLIENTS: i32 = BOTTOM + 51;
const LEFT: i32 = 84;
const LEGEND_HEIGHT: u32 = 30;
const GROUP_WIDTH: u32 = 68;
/// The distance between two marks of a load, as a part of its width.
const LANE: f64 = 0.21;
