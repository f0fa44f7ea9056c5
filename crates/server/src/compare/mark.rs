//! What charts are drawn with: a mark and a colour for every transport, legends and words. Where they
//! stand is the business of `chart`; the page's style sheet turns the colours for a dark page.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use tidewire::client::Transport;

use super::plan::TRANSPORTS;
use crate::Failure;

/// What is drawn on, its origin to the left and above.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Which of a run's two values a mark shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Filled,
    Hollow,
}

/// A transport's mark alone, for a legend.
pub(super) fn mark(transport: Transport) -> Result<String, Failure> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (16, 16)).into_drawing_area();
    draw(&root, transport, (8, 8), Shape::Filled)?;
    root.present()?;
    drop(root);
    Ok(svg)
}

/// Tells, from `left` on, what filled marks show, and then hollow ones.
pub(super) fn legend(
    root: &Area<'_>,
    left: i32,
    [filled, hollow]: [&str; 2],
) -> Result<(), Failure> {
    let halves = [(filled, Shape::Filled, left), (hollow, Shape::Hollow, left + LEGEND_COLUMN)];
    for (words, shape, left) in halves {
        let mut at = (left + MARK + 1, 12);
        for transport in TRANSPORTS {
            draw(root, transport, at, shape)?;
            at.0 += 3 * MARK;
        }
        text(root, words, at, HPos::Left)?;
    }
    Ok(())
}

/// Draws the mark of a transport.
pub(super) fn draw(
    root: &Area<'_>,
    transport: Transport,
    at: (i32, i32),
    shape: Shape,
) -> Result<(), Failure> {
    fill(root, transport, at, MARK, ink(transport))?;
    match shape {
        Shape::Filled => Ok(()),
        Shape::Hollow => fill(root, transport, at, MARK - 2, PAPER),
    }
}

/// Writes `words` with that side of them at `at`.
pub(super) fn text(
    root: &Area<'_>,
    words: &str,
    at: (i32, i32),
    side: HPos,
) -> Result<(), Failure> {
    let style = ("sans-serif", FONT_SIZE).into_font().color(&TEXT);
    let style = style.pos(Pos::new(side, VPos::Center));
    Ok(root.draw(&Text::new(words, at, style))?)
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

/// Fills the outline of a transport, which reaches `size` pixels to each side.
fn fill(
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

/// Half of a mark's width.
const MARK: i32 = 5;
/// How far the second half of a legend is from the first.
const LEGEND_COLUMN: i32 = 176;
const FONT_SIZE: i32 = 20;
