//! Two ends and what passes between them, from above to below in the order of time.

use crate::canvas::{Anchor, Canvas, Role};
use crate::text::{Text, same};

/// An end of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// On the left.
    Left,
    /// On the right.
    Right,
}

/// What happens at one time.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What is sent: from where, what is written on the arrow, and what it is.
    arrow: Option<(End, Text, Role)>,
    is_lost: bool,
    /// Beside each end: what the program does, and the state that the end is in then.
    left: (Text, Text),
    right: (Text, Text),
}

/// A row in which this passes.
pub const fn passes(from: End, label: Text, role: Role) -> Row {
    Row { arrow: Some((from, label, role)), ..quiet() }
}

/// A row in which nothing passes.
pub const fn quiet() -> Row {
    Row { arrow: None, is_lost: false, left: (same(""), same("")), right: (same(""), same("")) }
}

impl Row {
    /// What passes is lost on its way.
    pub const fn lost(self) -> Row {
        Row { is_lost: true, ..self }
    }

    /// What the left end does, and its state then.
    pub const fn left(self, does: Text, state: Text) -> Row {
        Row { left: (does, state), ..self }
    }

    /// What the right end does, and its state then.
    pub const fn right(self, does: Text, state: Text) -> Row {
        Row { right: (does, state), ..self }
    }
}

/// How the columns of a sequence are laid out, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// For what the programs do, on each side.
    pub does: i32,
    /// For the states, on each side.
    pub state: i32,
    /// Between the two ends.
    pub between: i32,
}

const TOP: i32 = 62;
const ROW: i32 = 42;
/// How far an arrow sinks on its way: it takes time.
const SLOPE: i32 = 16;
const MARGIN: i32 = 20;

/// Draws the rows between two ends with these names.
pub fn draw(ends: [Text; 2], layout: Layout, rows: &[Row]) -> Canvas {
    let side = MARGIN + layout.does + layout.state;
    let (left, right) = (side, side + layout.between);
    let width = right + side;
    let count = i32::try_from(rows.len()).unwrap_or(i32::MAX);
    let bottom = TOP + ROW * count;
    let mut canvas = Canvas::new(width, bottom + 18);
    for (x, name) in [(left, ends[0]), (right, ends[1])] {
        canvas.text((x, 30), Anchor::Middle, Role::Head, name);
        canvas.line(&[(x, 42), (x, bottom + 4)], Role::Soft);
    }
    let mut y = TOP;
    for row in rows {
        let (mut at_left, mut at_right) = (y + SLOPE / 2, y + SLOPE / 2);
        if let Some((from, label, role)) = row.arrow {
            let (begin, end) = if from == End::Left { (left, right) } else { (right, left) };
            (at_left, at_right) = if from == End::Left { (y, y + SLOPE) } else { (y + SLOPE, y) };
            let step = (end - begin).signum();
            let middle = ((begin + end) / 2, y + SLOPE / 2);
            canvas.text((middle.0, y + SLOPE / 2 - 8), Anchor::Middle, role, label);
            if row.is_lost {
                let stop = (begin + (end - begin) * 7 / 10, y + SLOPE * 7 / 10);
                canvas
                    .line(&[(begin + step * 4, y), (stop.0 - step * 9, stop.1)], role)
                    .cross(stop);
            } else {
                canvas.arrow(&[(begin + step * 4, y), (end - step * 4, y + SLOPE)], role);
            }
        }
        beside(&mut canvas, (left, at_left), -1, layout, row.left);
        beside(&mut canvas, (right, at_right), 1, layout, row.right);
        y += ROW;
    }
    canvas
}

/// Writes what an end does, and its state, on the outer side of its line.
fn beside(canvas: &mut Canvas, (x, y): (i32, i32), side: i32, layout: Layout, what: (Text, Text)) {
    let (does, state) = what;
    if !state.is_empty() {
        let width = layout.state - 14;
        let begin = if side < 0 { x - 10 - width } else { x + 10 };
        canvas.rect((begin, y - 11), (width, 22), Role::Plain);
        canvas.call((begin + width / 2, y + 5), Anchor::Middle, Role::Plain, state);
    }
    if !does.is_empty() {
        let anchor = if side < 0 { Anchor::End } else { Anchor::Start };
        let place = if layout.state > 0 { layout.state + 4 } else { 12 };
        canvas.call((x + side * place, y + 5), anchor, Role::Plain, does);
    }
}
