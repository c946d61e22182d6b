//! What comes of a play, as the page is given it.

use compare::bench::PlayedSide;
use serde::Serialize;

/// What the page draws.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// The command that draws the same in a terminal.
    pub(crate) command: String,
    /// The sides, the broken one first.
    pub(crate) sides: Vec<PlayedSide>,
}
