//! Broken and fixed framing, side by side, over real sockets.
//!
//! ```text
//!   scenario ──▶ stage ──────────────▶ report ──▶ terminal, JSON, HTML
//!   (what is     (lesson 02 and 03     (events,
//!    sent, how    over a Tap each,      messages,
//!    it is read)  order forced by a     verdicts)
//!                 Director)
//! ```
//!
//! The code under comparison is the lessons' own: `lesson02-server` and `lesson02-client` on the left,
//! `lesson03-server` and `lesson03-client` on the right.

mod director;
pub mod html;
pub mod report;
pub mod scenario;
mod stage;
pub mod sweep;
pub mod terminal;

pub use report::{Comparison, Report, Side};
pub use scenario::{Scenario, Story};
pub use stage::{StageError, perform};
