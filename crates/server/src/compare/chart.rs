//! Charts: loads side by side, in each a mark for every transport. What they show is the business of
//! `report`; its style sheet turns the colours for a dark page.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use tidewire::client::Transport;

use super::axis::{Axis, Scale};
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

/// Draws `points` over `loads` as an SVG; `unit` writes a value at the axis.
pub(super) fn chart(
    loads: &[Load],
    points: &[Point],
    scale: Scale,
    unit: fn(f64) -> String,
) -> Result<String, Failure> {
    let mut svg = String::new();
    let width = width(loads.len());
    let root = SVGBackend::with_string(&mut svg, (width, HEIGHT)).into_drawing_area();
    let axis = Axis::over(points.iter().flat_map(|point| [Some(point.value), point.other]), scale);
    let plot =
        Plot { root: &root, left: LEFT, right: width as i32 - 4, groups: loads.len(), axis: &axis };
    plot.frame(loads, unit)?;
    for point in points {
        let Some(load) = loads.iter().position(|load| *load == point.run.load) else { continue };
        plot.mark(load, point)?;
    }
    root.present()?;
    drop(root);
    Ok(svg)
}

/// A transport's mark alone, for a legend.
pub(super) fn mark(transport: Transport) -> Result<String, Failure> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (16, 16)).into_drawing_area();
    draw_mark(&root, transport, (8, 8), MARK, ink(transport))?;
    root.present()?;
    drop(root);
    Ok(svg)
}

/// How wide a chart of so many loads is, in pixels.
pub(super) fn width(loads: usize) -> u32 {
    (LEFT as u32 + 4 + GROUP_WIDTH * loads as u32).max(480)
}

/// A transport's colour on a light page. They also differ in lightness and mark.
pub(super) fn ink(transport: Transport) -> RGBColor {
    match transport {
        Transport::IntervalPoll => RGBColor(0xB8, 0x53, 0x00),
        Transport::LongPoll => RGBColor(0x8F, 0x2D, 0x7A),
        Transport::EventStream => RGBColor(0x00, 0x73, 0x5C),
        Transport::WebSocket => RGBColor(0x0A, 0x58, 0xB5),
    }
}

/// The colours of a light page besides [`ink`].
pub(super) const TEXT: RGBColor = RGBColor(0x58, 0x68, 0x74);
pub(super) const GRID: RGBColor = RGBColor(0xDB, 0xE2, 0xE8);
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFE);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Where things are in a chart, in pixels.
struct Plot<'a, 'b> {
    root: &'a Area<'b>,
    left: i32,
    right: i32,
    groups: usize,
    axis: &'a Axis,
}

impl Plot<'_, '_> {
    /// Draws the lines behind the marks and the words around them.
    fn frame(&self, loads: &[Load], unit: fn(f64) -> String) -> Result<(), Failure> {
        for &tick in self.axis.ticks() {
            let y = self.y(tick);
            self.line([(self.left, y), (self.right, y)])?;
            self.text(&unit(tick), (self.left - 8, y), HPos::Right)?;
        }
        for (index, load) in loads.iter().enumerate() {
            let x = self.x(index as f64 + 0.5);
            self.text(&format!("{}/s", load.rate), (x, BOTTOM + 19), HPos::Center)?;
        }
        let mut first = 0;
        for span in loads.chunk_by(|one, next| one.clients == next.clients) {
            let (start, end) = (self.x(first as f64), self.x((first + span.len()) as f64));
            if first > 0 {
                self.line([(start, TOP), (start, BOTTOM + 46)])?;
            }
            first += span.len();
            let clients = span.first().map_or(0, |load| load.clients);
            let words = format!("{clients} client{}", if clients == 1 { "" } else { "s" });
            self.text(&words, ((start + end) / 2, BOTTOM + 39), HPos::Center)?;
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
            draw_mark(self.root, transport, to, MARK, ink(transport))?;
            draw_mark(self.root, transport, to, MARK - 2, PAPER)?;
        }
        draw_mark(self.root, transport, at, MARK, ink(transport))
    }

    fn x(&self, group: f64) -> i32 {
        let width = f64::from(self.right - self.left);
        self.left + (width * group / self.groups.max(1) as f64).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        BOTTOM - (f64::from(BOTTOM - TOP) * self.axis.place(value)).round() as i32
    }

    fn line(&self, ends: [(i32, i32); 2]) -> Result<(), Failure> {
        Ok(self.root.draw(&PathElement::new(ends, GRID))?)
    }

    fn text(&self, text: &str, at: (i32, i32), side: HPos) -> Result<(), Failure> {
        let style = ("sans-serif", FONT_SIZE).into_font().color(&TEXT);
        let style = style.pos(Pos::new(side, VPos::Center));
        Ok(self.root.draw(&Text::new(text, at, style))?)
    }
}

/// Draws the mark of a transport, which reaches `size` pixels to each side.
fn draw_mark(
    root: &Area<'_>,
    transport: Transport,
    (x, y): (i32, i32),
    size: i32,
    color: RGBColor,
) -> Result<(), Failure> {
    let polygon = |points: &[(i32, i32)]| {
        let points = points.iter().map(|(right, down)| (x + right, y + down));
        root.draw(&Polygon::new(points.collect::<Vec<_>>(), color))
    };
    match transport {
        Transport::IntervalPoll => {
            polygon(&[(-size, -size), (size, -size), (size, size), (-size, size)])?;
        }
        Transport::LongPoll => polygon(&[(0, -size - 1), (size + 1, size), (-size - 1, size)])?,
        Transport::EventStream => root.draw(&Circle::new((x, y), size, color.filled()))?,
        Transport::WebSocket => {
            let size = size + 1;
            polygon(&[(0, -size), (size, 0), (0, size), (-size, 0)])?;
        }
    }
    Ok(())
}

const HEIGHT: u32 = 324;
const TOP: i32 = 12;
const BOTTOM: i32 = HEIGHT as i32 - 54;
const LEFT: i32 = 72;
const GROUP_WIDTH: u32 = 68;
/// The distance between two marks of a load, as a part of its width.
const LANE: f64 = 0.21;
/// Half of a mark's width.
const MARK: i32 = 5;
const FONT_SIZE: i32 = 17;
